// Work on small matrices, row by row, and the second stage of sums of matrices. Bytes are those of an entry; matrices that
// were written just before are still in the card's cache, and a launch takes longer than up to 100,000 entries.
#include "common.cuh"

#define GROUPS 8  // of parts, which share the entries of a block: parts are many and entries may be few

/**
 * The sum of `count` values over parts: each of the GROUPS warps of a block adds its share of them in their order, and the
 * shares are added in theirs. The result is in the threads of the first warp.
 */
template <typename F>
__device__ __forceinline__ double sumOverParts(int count, bool there, F value) {
  __shared__ double shares[GROUPS][32];
  int group = threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  int share = (count + GROUPS - 1) / GROUPS;
  int end = there ? min(count, (group + 1) * share) : 0;
  double sum = 0;
#pragma unroll 8
  for (int p = group * share; p < end; p++) {
    sum += value(p);
  }
  __syncthreads();  // the last sum may still be read
  shares[group][lane] = sum;
  __syncthreads();
  for (int g = 1; group == 0 && g < GROUPS; g++) {
    sum += shares[g][lane];
  }
  return sum;
}

/** to_j = sum of parts_p,j, plus to_j with `add`; 32 entries a block at a time. 8 count + 8 bytes */
extern "C" __global__ void __launch_bounds__(256)
    sumParts(int count, long long size, const double* parts, int add, double* to) {
  for (long long first = 32LL * blockIdx.x; first < size; first += 32LL * gridDim.x) {
    long long j = first + threadIdx.x % 32;
    double sum = sumOverParts(count, j < size, [=](int p) { return parts[p * size + j]; });
    if (threadIdx.x < 32 && j < size) {
      to[j] = add ? to[j] + sum : sum;
    }
  }
}

/**
 * G_jk = G_kj = sum of parts_p,jk / c_p^2, j <= k, plus G_jk with `add`; c may be missing; only the upper triangles are
 * read; 32 entries a block at a time. 4 count + 8 bytes; 2 count + 8 of floats
 */
template <typename T>
__device__ __forceinline__ void sumUpper(int count, int d, const T* parts, const double* c, int add, double* G) {
  long long size = (long long)d * d;
  Entries at(d, 32 * blockIdx.x + threadIdx.x % 32, 32 * gridDim.x);
  for (long long first = 32LL * blockIdx.x; first < size; first += 32LL * gridDim.x, at.next()) {
    long long e = at.index();
    bool upper = at.row <= at.column && at.row < d;
    double sum = sumOverParts(count, upper, [=](int p) {
      double r = c == nullptr ? 1 : inverseOfScale(c[p]);
      return parts[p * size + e] * r * r;
    });
    if (threadIdx.x < 32 && upper) {
      sum = add ? G[e] + sum : sum;
      G[e] = sum;
      G[(long long)at.column * d + at.row] = sum;
    }
  }
}

extern "C" __global__ void __launch_bounds__(256)
    sumGrams(int count, int d, const double* parts, int add, double* G) {
  sumUpper(count, d, parts, nullptr, add, G);
}

extern "C" __global__ void __launch_bounds__(256)
    sumGramsSingle(int count, int d, const float* parts, const double* c, int add, double* G) {
  sumUpper(count, d, parts, c, add, G);
}

/** G_kj = G_jk for j < k. 8 bytes, written across rows */
extern "C" __global__ void __launch_bounds__(256) mirror(int d, double* G) {
  for (Entries e(d); e.row < d; e.next()) {
    if (e.row < e.column) {
      G[(long long)e.column * d + e.row] = G[e.index()];
    }
  }
}

/** R_jk = 0 for j > k. 4 bytes */
extern "C" __global__ void __launch_bounds__(256) clearLower(int d, double* R) {
  for (Entries e(d); e.row < d; e.next()) {
    if (e.row > e.column) {
      R[e.index()] = 0;
    }
  }
}

/** B_jj = B_jj + a A_jj, or + a where A is missing */
extern "C" __global__ void __launch_bounds__(256) addDiagonal(int d, double a, const double* A, double* B) {
  for (long long j = threadOfGrid(); j < d; j += threadsOfGrid()) {
    long long e = j * d + j;
    B[e] = fma(a, A == nullptr ? 1 : A[e], B[e]);
  }
}

/** to_j = M_jj */
extern "C" __global__ void __launch_bounds__(256) diagonal(int d, const double* M, double* to) {
  for (long long j = threadOfGrid(); j < d; j += threadsOfGrid()) {
    to[j] = M[j * d + j];
  }
}

/** The smaller and the larger of two magnitudes; a NaN stays. */
__device__ __forceinline__ double lower(double a, double b) {
  return a < b || isnan(a) ? a : b;
}

__device__ __forceinline__ double higher(double a, double b) {
  return a > b || isnan(a) ? a : b;
}

/** (to_0, to_1) = (min, max) of |M_jj|, by one block */
extern "C" __global__ void __launch_bounds__(256) diagonalRange(int d, const double* M, double* to) {
  __shared__ double low[256];
  __shared__ double high[256];
  double least = 1.0 / 0.0;
  double most = 0;
  for (long long j = threadIdx.x; j < d; j += 256) {
    double value = fabs(M[j * d + j]);
    least = lower(value, least);
    most = higher(value, most);
  }
  low[threadIdx.x] = least;
  high[threadIdx.x] = most;
  for (int half = 128; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      low[threadIdx.x] = lower(low[threadIdx.x], low[threadIdx.x + half]);
      high[threadIdx.x] = higher(high[threadIdx.x], high[threadIdx.x + half]);
    }
  }
  if (threadIdx.x == 0) {
    to[0] = low[0];
    to[1] = high[0];
  }
}

/** to_ji = w_i from_ij for i < rows, j < columns; w may be missing; `strideFrom`, `strideTo` numbers from row to row. 16 bytes */
extern "C" __global__ void __launch_bounds__(256)
    transpose(int rows, int columns, const double* w, const double* from, long long strideFrom, double* to,
              long long strideTo) {
  __shared__ double tile[32][33];
  int across = threadIdx.x % 32;
  int tilesAcross = (columns + 31) / 32;
  long long tiles = (long long)tilesAcross * ((rows + 31) / 32);
  for (long long t = blockIdx.x; t < tiles; t += gridDim.x) {
    int i0 = (int)(t / tilesAcross) * 32;
    int j0 = (int)(t % tilesAcross) * 32;
    for (int r = threadIdx.x / 32; r < 32; r += 8) {
      int i = i0 + r;
      int j = j0 + across;
      if (i < rows && j < columns) {
        double value = from[i * strideFrom + j];
        tile[r][across] = w == nullptr ? value : w[i] * value;
      }
    }
    __syncthreads();
    for (int r = threadIdx.x / 32; r < 32; r += 8) {
      int j = j0 + r;
      int i = i0 + across;
      if (i < rows && j < columns) {
        to[j * strideTo + i] = tile[across][r];
      }
    }
    __syncthreads();
  }
}

/** S_ij = 0 for rows j < i of d columns, each column contiguous and `stride` numbers after the one before */
extern "C" __global__ void __launch_bounds__(256) keepTriangle(int d, long long stride, double* S) {
  for (Entries e(d); e.row < d; e.next()) {
    if (e.column > e.row) {
      S[e.row * stride + e.column] = 0;
    }
  }
}

/** P_kl = P_kl Q_kl, and 0 where k = l + shift with `hollow`. 24 bytes, 1 flop */
extern "C" __global__ void __launch_bounds__(256)
    hadamard(int rows, int columns, const double* Q, int hollow, long long shift, double* P) {
  for (Entries e(columns); e.row < rows; e.next()) {
    long long at = e.index();
    P[at] = hollow && e.row == e.column + shift ? 0 : P[at] * Q[at];
  }
}
