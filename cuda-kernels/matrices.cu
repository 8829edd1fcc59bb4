// Work on small matrices, row by row, and the second stage of sums of matrices.
#include "common.cuh"

/** to_j = sum of parts_p,j in the order of p, plus to_j with `add` */
extern "C" __global__ void __launch_bounds__(256)
    sumParts(int count, long long size, const double* parts, int add, double* to) {
  for (long long j = threadOfGrid(); j < size; j += threadsOfGrid()) {
    double value = add ? to[j] : 0;
#pragma unroll 8
    for (int p = 0; p < count; p++) {
      value += parts[p * size + j];
    }
    to[j] = value;
  }
}

/** A part without the scale of its rows, which is missing in double precision. */
__device__ __forceinline__ double unscaled(double part, const double* c) { return c == nullptr ? part : part / *c / *c; }

/**
 * G_jk = G_kj = sum of parts_p,jk / c_p^2, j <= k, plus G_jk with `add`; c may be missing; only the upper triangles are
 * read
 */
template <typename T>
__device__ __forceinline__ void sumUpper(int count, int d, const T* parts, const double* c, int add, double* G) {
  long long size = (long long)d * d;
  for (long long e = threadOfGrid(); e < size; e += threadsOfGrid()) {
    long long j = e / d;
    long long k = e % d;
    if (j > k) {
      continue;
    }
    double value = add ? G[e] : 0;
#pragma unroll 8
    for (int p = 0; p < count; p++) {
      value += unscaled(parts[p * size + e], c == nullptr ? c : c + p);
    }
    G[e] = value;
    G[k * d + j] = value;
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

/** G_kj = G_jk for j < k */
extern "C" __global__ void __launch_bounds__(256) mirror(int d, double* G) {
  long long size = (long long)d * d;
  for (long long e = threadOfGrid(); e < size; e += threadsOfGrid()) {
    long long j = e / d;
    long long k = e % d;
    if (j < k) {
      G[k * d + j] = G[e];
    }
  }
}

/** R_jk = 0 for j > k */
extern "C" __global__ void __launch_bounds__(256) clearLower(int d, double* R) {
  long long size = (long long)d * d;
  for (long long e = threadOfGrid(); e < size; e += threadsOfGrid()) {
    if (e / d > e % d) {
      R[e] = 0;
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

/** to_ji = w_i from_ij for i < rows, j < columns; w may be missing; `strideFrom`, `strideTo` numbers from row to row */
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
  long long size = (long long)d * d;
  for (long long e = threadOfGrid(); e < size; e += threadsOfGrid()) {
    long long j = e / d;
    long long i = e % d;
    if (i > j) {
      S[j * stride + i] = 0;
    }
  }
}

/** P_kl = P_kl Q_kl, and 0 where k = l + shift with `hollow` */
extern "C" __global__ void __launch_bounds__(256)
    hadamard(int rows, int columns, const double* Q, int hollow, long long shift, double* P) {
  long long size = (long long)rows * columns;
  for (long long e = threadOfGrid(); e < size; e += threadsOfGrid()) {
    long long k = e / columns;
    long long l = e % columns;
    P[e] = hollow && k == l + shift ? 0 : P[e] * Q[e];
  }
}
