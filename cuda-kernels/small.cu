// Fused kernels for few columns, d <= 64: one pass over A, and no product is stored.
#include "common.cuh"

#define TILE 32  // rows of A in shared memory at a time

/** Copies `size` numbers to shared memory. */
__device__ __forceinline__ void load(const double* from, int size, double* to) {
  int pairs = isAligned(from) ? size / 2 : 0;
  for (int k = threadIdx.x; k < pairs; k += blockDim.x) {
    reinterpret_cast<double2*>(to)[k] = reinterpret_cast<const double2*>(from)[k];
  }
  for (int k = 2 * pairs + threadIdx.x; k < size; k += blockDim.x) {
    to[k] = from[k];
  }
}

/** The largest value of a block, in each of its threads. */
__device__ __forceinline__ double largestOverBlock(double value) {
  __shared__ double largest[8];
  value = largestOverLanes(value, 32);
  if (threadIdx.x % 32 == 0) {
    largest[threadIdx.x / 32] = value;
  }
  __syncthreads();
  for (int k = 0; k < blockDim.x / 32; k++) {
    value = fmax(value, largest[k]);
  }
  return value;
}

/** to_ij = c sqrt|u_i| a_ij as floats for `count` rows, the largest of them near 1; the scale c is returned. */
__device__ __forceinline__ double loadWeighted(const double* A, const double* u, int count, int d, float* to) {
  int warps = blockDim.x / 32;
  double largest = 0;
  for (int i = threadIdx.x / 32; i < count; i += warps) {
    double root = sqrt(fabs(u[i]));
    for (int j = threadIdx.x % 32; j < d; j += 32) {
      largest = fmax(largest, root * fabs(A[i * d + j]));
    }
  }
  double c = scaleFor(largestOverBlock(largest));
  for (int i = threadIdx.x / 32; i < count; i += warps) {
    double root = sqrt(fabs(u[i]));
    for (int j = threadIdx.x % 32; j < d; j += 32) {
      to[i * d + j] = scaled(c, root * A[i * d + j]);
    }
  }
  return c;
}

/** to_k = c from_k as floats, the largest of them near 1; the scale c is returned. */
__device__ __forceinline__ double loadMatrix(const double* from, int size, float* to) {
  double largest = 0;
  for (int k = threadIdx.x; k < size; k += blockDim.x) {
    largest = fmax(largest, fabs(from[k]));
  }
  double c = scaleFor(largestOverBlock(largest));
  for (int k = threadIdx.x; k < size; k += blockDim.x) {
    to[k] = scaled(c, from[k]);
  }
  return c;
}

/** to_i = c_i a_i as floats for `count` rows, the largest entry of each near 1. */
__device__ __forceinline__ void loadScaled(const double* A, int count, int d, float* to, double* c) {
  for (int i = threadIdx.x / 32; i < count; i += blockDim.x / 32) {
    double largest = 0;
    for (int j = threadIdx.x % 32; j < d; j += 32) {
      largest = fmax(largest, fabs(A[i * d + j]));
    }
    double scale = scaleFor(largestOverLanes(largest, 32));
    for (int j = threadIdx.x % 32; j < d; j += 32) {
      to[i * d + j] = scaled(scale, A[i * d + j]);
    }
    if (threadIdx.x % 32 == 0) {
      c[i] = scale;
    }
  }
}

/**
 * parts_block = sum of u_i a_i a_i^T over the rows of a block, upper triangle, d <= 16 T; 16 x 16 threads hold T x T
 * entries each. Floats (S) are summed over a tile, and the tiles in double precision. 8 d + 8 bytes and 2 (16 T)^2 flops a
 * row: instructions bound it (the table in README.md), and where a card has few units for doubles, those.
 */
template <int T, typename S>
__device__ __forceinline__ void gram(long long n, int d, const double* A, const double* u, double* parts) {
  constexpr bool single = sizeof(S) == 4;
  __shared__ double2 pairs[TILE * 16 * T * sizeof(S) / 16];
  __shared__ double weights[TILE];
  __shared__ S factors[TILE];  // the weights, or their signs
  S* rows = reinterpret_cast<S*>(pairs);
  int down[T];
  int across[T];
  S sums[T][T];
  double totals[T][T];
  for (int s = 0; s < T; s++) {
    down[s] = min((int)threadIdx.x / 16 + 16 * s, d - 1);
    across[s] = min((int)threadIdx.x % 16 + 16 * s, d - 1);
    for (int t = 0; t < T; t++) {
      sums[s][t] = 0;
      totals[s][t] = 0;
    }
  }
  for (long long first = (long long)blockIdx.x * TILE; first < n; first += (long long)gridDim.x * TILE) {
    int count = (int)min((long long)TILE, n - first);
    if (threadIdx.x < count) {
      double weight = u[first + threadIdx.x];
      weights[threadIdx.x] = weight;
      factors[threadIdx.x] = single ? (weight < 0 ? (S)-1 : (S)1) : (S)weight;
    }
    double c = 1;
    if constexpr (single) {
      __syncthreads();
      c = loadWeighted(A + first * d, weights, count, d, rows);
    } else {
      load(A + first * d, count * d, rows);
    }
    __syncthreads();
    for (int i = 0; i < count; i++) {
      S w = factors[i];
      const S* a = rows + i * d;
      for (int s = 0; s < T; s++) {
        S wa = w * a[down[s]];
        for (int t = 0; t < T; t++) {
          sums[s][t] = fma(wa, a[across[t]], sums[s][t]);
        }
      }
    }
    if constexpr (single) {
      double r = inverseOfScale(c);
      for (int s = 0; s < T; s++) {
        for (int t = 0; t < T; t++) {
          totals[s][t] = fma(sums[s][t] * r, r, totals[s][t]);
          sums[s][t] = 0;
        }
      }
    }
    __syncthreads();
  }
  double* part = parts + (long long)blockIdx.x * d * d;
  for (int s = 0; s < T; s++) {
    for (int t = 0; t < T; t++) {
      int j = threadIdx.x / 16 + 16 * s;
      int k = threadIdx.x % 16 + 16 * t;
      if (j <= k && k < d) {
        part[j * d + k] = single ? totals[s][t] : sums[s][t];
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(256)
    gram16(long long n, int d, const double* A, const double* u, double* parts) {
  gram<1, double>(n, d, A, u, parts);
}

extern "C" __global__ void __launch_bounds__(256)
    gram32(long long n, int d, const double* A, const double* u, double* parts) {
  gram<2, double>(n, d, A, u, parts);
}

extern "C" __global__ void __launch_bounds__(256)
    gram64(long long n, int d, const double* A, const double* u, double* parts) {
  gram<4, double>(n, d, A, u, parts);
}

// without the 4, ptxas 12.4 spills registers to fit eight blocks on sm_80
extern "C" __global__ void __launch_bounds__(256, 4)
    gramSingle16(long long n, int d, const double* A, const double* u, double* parts) {
  gram<1, float>(n, d, A, u, parts);
}

extern "C" __global__ void __launch_bounds__(256)
    gramSingle32(long long n, int d, const double* A, const double* u, double* parts) {
  gram<2, float>(n, d, A, u, parts);
}

// likewise on sm_86 and later without the 2
extern "C" __global__ void __launch_bounds__(256, 2)
    gramSingle64(long long n, int d, const double* A, const double* u, double* parts) {
  gram<4, float>(n, d, A, u, parts);
}

/**
 * q_i = a_i^T M a_i, or ||a_i^T M||^2 with `squares`, d <= 16 T; 8 x 16 threads hold 4 x T entries of A M each, which
 * are never stored. Floats (S) are those of the scaled rows and of the scaled matrix. 8 d + 8 bytes and 32 T d flops a row:
 * instructions bound it for 64 columns, memory for fewer.
 */
template <int T, typename S>
__device__ __forceinline__ void forms(long long n, int d, const double* A, const double* M, int squares, double* q) {
  constexpr bool single = sizeof(S) == 4;
  __shared__ double2 matrixPairs[16 * T * 16 * T * sizeof(S) / 16];
  __shared__ double2 rowPairs[TILE * 16 * T * sizeof(S) / 16];
  S* matrix = reinterpret_cast<S*>(matrixPairs);
  S* rows = reinterpret_cast<S*>(rowPairs);
  int across[T];
  for (int t = 0; t < T; t++) {
    across[t] = min((int)threadIdx.x % 16 + 16 * t, d - 1);
  }
  double inverse = 1;
  double* c = nullptr;
  if constexpr (single) {
    __shared__ double scales[TILE];
    c = scales;
    inverse = inverseOfScale(loadMatrix(M, d * d, matrix));
  } else {
    load(M, d * d, matrix);
  }
  for (long long first = (long long)blockIdx.x * TILE; first < n; first += (long long)gridDim.x * TILE) {
    int count = (int)min((long long)TILE, n - first);
    if constexpr (single) {
      loadScaled(A + first * d, count, d, rows, c);
    } else {
      load(A + first * d, count * d, rows);
    }
    __syncthreads();
    const S* a[4];
    S product[4][T];
    for (int r = 0; r < 4; r++) {
      a[r] = rows + min((int)threadIdx.x / 16 * 4 + r, count - 1) * d;
      for (int t = 0; t < T; t++) {
        product[r][t] = 0;
      }
    }
    for (int j = 0; j < d; j++) {
      S entries[T];
      for (int t = 0; t < T; t++) {
        entries[t] = matrix[j * d + across[t]];
      }
      for (int r = 0; r < 4; r++) {
        S entry = a[r][j];
        for (int t = 0; t < T; t++) {
          product[r][t] = fma(entry, entries[t], product[r][t]);
        }
      }
    }
    for (int r = 0; r < 4; r++) {
      double value = 0;
      for (int t = 0; t < T; t++) {
        if ((int)threadIdx.x % 16 + 16 * t < d) {
          value = fma((double)product[r][t], (double)(squares ? product[r][t] : a[r][across[t]]), value);
        }
      }
      value = sumOverLanes(value, 16);
      int i = threadIdx.x / 16 * 4 + r;
      if (threadIdx.x % 16 == 0 && i < count) {
        if constexpr (single) {
          double r = inverseOfScale(c[i]);
          value = value * r * r * inverse;
          value = squares ? value * inverse : value;
        }
        q[first + i] = value;
      }
    }
    __syncthreads();
  }
}

extern "C" __global__ void __launch_bounds__(128)
    forms16(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<1, double>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(128)
    forms32(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<2, double>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(128)
    forms64(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<4, double>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(128)
    formsSingle16(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<1, float>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(128)
    formsSingle32(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<2, float>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(128)
    formsSingle64(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<4, float>(n, d, A, M, squares, q);
}
