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

/**
 * parts_block = sum of u_i a_i a_i^T over the rows of a block, upper triangle, d <= 16 T; 16 x 16 threads hold T x T
 * entries each
 */
template <int T>
__device__ __forceinline__ void gram(long long n, int d, const double* A, const double* u, double* parts) {
  __shared__ double2 pairs[TILE * 16 * T / 2];
  __shared__ double weights[TILE];
  double* rows = reinterpret_cast<double*>(pairs);
  int down[T];
  int across[T];
  double sums[T][T];
  for (int s = 0; s < T; s++) {
    down[s] = min((int)threadIdx.x / 16 + 16 * s, d - 1);
    across[s] = min((int)threadIdx.x % 16 + 16 * s, d - 1);
    for (int t = 0; t < T; t++) {
      sums[s][t] = 0;
    }
  }
  for (long long first = (long long)blockIdx.x * TILE; first < n; first += (long long)gridDim.x * TILE) {
    int count = (int)min((long long)TILE, n - first);
    load(A + first * d, count * d, rows);
    if (threadIdx.x < count) {
      weights[threadIdx.x] = u[first + threadIdx.x];
    }
    __syncthreads();
    for (int i = 0; i < count; i++) {
      double w = weights[i];
      const double* a = rows + i * d;
      for (int s = 0; s < T; s++) {
        double wa = w * a[down[s]];
        for (int t = 0; t < T; t++) {
          sums[s][t] = fma(wa, a[across[t]], sums[s][t]);
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
        part[j * d + k] = sums[s][t];
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(256)
    gram16(long long n, int d, const double* A, const double* u, double* parts) {
  gram<1>(n, d, A, u, parts);
}

extern "C" __global__ void __launch_bounds__(256)
    gram32(long long n, int d, const double* A, const double* u, double* parts) {
  gram<2>(n, d, A, u, parts);
}

extern "C" __global__ void __launch_bounds__(256)
    gram64(long long n, int d, const double* A, const double* u, double* parts) {
  gram<4>(n, d, A, u, parts);
}

/**
 * q_i = a_i^T M a_i, or ||a_i^T M||^2 with `squares`, d <= 16 T; 8 x 16 threads hold 4 x T entries of A M each, which
 * are never stored
 */
template <int T>
__device__ __forceinline__ void forms(long long n, int d, const double* A, const double* M, int squares, double* q) {
  __shared__ double2 matrixPairs[16 * T * 16 * T / 2];
  __shared__ double2 rowPairs[TILE * 16 * T / 2];
  double* matrix = reinterpret_cast<double*>(matrixPairs);
  double* rows = reinterpret_cast<double*>(rowPairs);
  int across[T];
  for (int t = 0; t < T; t++) {
    across[t] = min((int)threadIdx.x % 16 + 16 * t, d - 1);
  }
  load(M, d * d, matrix);
  for (long long first = (long long)blockIdx.x * TILE; first < n; first += (long long)gridDim.x * TILE) {
    int count = (int)min((long long)TILE, n - first);
    load(A + first * d, count * d, rows);
    __syncthreads();
    const double* a[4];
    double product[4][T];
    for (int r = 0; r < 4; r++) {
      a[r] = rows + min((int)threadIdx.x / 16 * 4 + r, count - 1) * d;
      for (int t = 0; t < T; t++) {
        product[r][t] = 0;
      }
    }
    for (int j = 0; j < d; j++) {
      double m[T];
      for (int t = 0; t < T; t++) {
        m[t] = matrix[j * d + across[t]];
      }
      for (int r = 0; r < 4; r++) {
        double entry = a[r][j];
        for (int t = 0; t < T; t++) {
          product[r][t] = fma(entry, m[t], product[r][t]);
        }
      }
    }
    for (int r = 0; r < 4; r++) {
      double value = 0;
      for (int t = 0; t < T; t++) {
        if ((int)threadIdx.x % 16 + 16 * t < d) {
          value = fma(product[r][t], squares ? product[r][t] : a[r][across[t]], value);
        }
      }
      value = sumOverLanes(value, 16);
      int i = threadIdx.x / 16 * 4 + r;
      if (threadIdx.x % 16 == 0 && i < count) {
        q[first + i] = value;
      }
    }
    __syncthreads();
  }
}

extern "C" __global__ void __launch_bounds__(128)
    forms16(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<1>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(128)
    forms32(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<2>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(128)
    forms64(long long n, int d, const double* A, const double* M, int squares, double* q) {
  forms<4>(n, d, A, M, squares, q);
}
