// Fused kernels for few columns, d <= 64, on the double-precision matrix units of data-centre cards (sm_80, sm_90, sm_100),
// which multiply 8 x 4 by 4 x 8 numbers in one instruction of a warp. small.cu has the same for other cards.
#include "common.cuh"

#ifndef SIMULATED_CUDA  // the simulated card brings its own
/**
 * C = A B + C with A of 8 x 4, B of 4 x 8 and C of 8 x 8 numbers over a warp: its thread l holds A_(l/4),(l%4), B_(l%4),(l/4)
 * and C_(l/4),(2 (l%4)) with the entry beside it.
 */
__device__ __forceinline__ void multiplyAdd(double (&c)[2], double a, double b) {
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1}, {%2}, {%3}, {%0,%1};"
               : "+d"(c[0]), "+d"(c[1])
               : "d"(a), "d"(b));
}
#endif

#define WARPS 8  // of a block

/** What a thread holds of rows `row` to row + 3, and the weight of its row: 0 past the end. */
template <int T>
__device__ __forceinline__ void loadRows(long long n, int d, const double* A, const double* u, long long row, int k, int c,
                                         double (&a)[T], double& w) {
  bool there = row + k < n;
  const double* from = A + (row + k) * d + c;
  w = there ? u[row + k] : 0;
#pragma unroll
  for (int i = 0; i < T; i++) {
    a[i] = there && 8 * i + c < d ? from[8 * i] : 0;
  }
}

/**
 * parts_block = sum of u_i a_i a_i^T over the rows of a block, upper triangle, d <= 8 T. A warp takes 4 rows at a time
 * straight to registers, which are both factors of 8 x 8 tiles: no row passes through shared memory, and the next rows are on
 * their way meanwhile. Tiles below the diagonal are left out. A row is 8 d + 8 bytes and d (d + 8) flops on the units; at
 * d = 64 that is 18 clocks of them a row and multiprocessor of an H100, where memory takes 36 or more: memory bounds it.
 */
template <int T>
__device__ __forceinline__ void gramUnits(long long n, int d, const double* A, const double* u, double* parts) {
  constexpr int TILES = T * (T + 1) / 2;
  __shared__ double block[TILES * 64];
  int warp = threadIdx.x / 32;
  int k = threadIdx.x % 4;
  int c = threadIdx.x % 32 / 4;
  double sums[TILES][2];
#pragma unroll
  for (int t = 0; t < TILES; t++) {
    sums[t][0] = 0;
    sums[t][1] = 0;
  }
  long long stride = 4LL * WARPS * gridDim.x;
  long long row = 4LL * (blockIdx.x * WARPS + warp);
  double a[T];
  double w;
  loadRows<T>(n, d, A, u, row, k, c, a, w);
  for (; row < n; row += stride) {
    double next[T];
    double nextW;
    loadRows<T>(n, d, A, u, row + stride, k, c, next, nextW);
    int t = 0;
#pragma unroll
    for (int j = 0; j < T; j++) {
      double weighted = w * a[j];
#pragma unroll
      for (int i = 0; i <= j; i++) {
        multiplyAdd(sums[t++], a[i], weighted);
      }
    }
#pragma unroll
    for (int i = 0; i < T; i++) {
      a[i] = next[i];
    }
    w = nextW;
  }
  for (int turn = 0; turn < WARPS; turn++) {  // in a fixed order
    if (warp == turn) {
#pragma unroll
      for (int t = 0; t < TILES; t++) {
        for (int h = 0; h < 2; h++) {
          double* at = block + 64 * t + 8 * c + 2 * k + h;
          *at = turn == 0 ? sums[t][h] : *at + sums[t][h];
        }
      }
    }
    __syncthreads();
  }
  double* part = parts + (long long)blockIdx.x * d * d;
  for (int e = threadIdx.x; e < 64 * TILES; e += 32 * WARPS) {
    int i = e / 64;
    int j = 0;
    while (i > j) {  // tiles are counted column by column
      i -= ++j;
    }
    int r = 8 * i + e % 64 / 8;
    int s = 8 * j + e % 8;
    if (r <= s && s < d) {
      part[r * d + s] = block[e];
    }
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
    gramUnits16(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<2>(n, d, A, u, parts);
}

extern "C" __global__ void __launch_bounds__(256, 3)
    gramUnits32(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<4>(n, d, A, u, parts);
}

extern "C" __global__ void __launch_bounds__(256, 2)
    gramUnits48(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<6>(n, d, A, u, parts);
}

extern "C" __global__ void __launch_bounds__(256, 1)
    gramUnits64(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<8>(n, d, A, u, parts);
}

/**
 * q_i = a_i^T M a_i with M symmetric, or ||a_i^T M||^2 with `squares` and M upper triangular, d <= 8 T. A symmetric form is
 * that of the diagonal and twice what is above it, so both have half a matrix to multiply with, which is in shared memory.
 * A warp takes 8 rows at a time. A row is 8 d + 8 bytes and d (d + 8) flops on the units: 18 clocks at d = 64, memory 36 or
 * more.
 */
template <int T>
__device__ __forceinline__ void formsUnits(long long n, int d, const double* A, const double* M, int squares, double* q) {
  constexpr int STRIDE = 8 * T + 4;  // the threads of a fragment find their numbers in different banks
  __shared__ double matrix[8 * T * STRIDE];
  for (int e = threadIdx.x; e < 8 * T * 8 * T; e += 32 * WARPS) {
    int r = e / (8 * T);
    int s = e % (8 * T);
    double value = r <= s && s < d ? M[r * d + s] : 0;
    matrix[r * STRIDE + s] = squares || r == s ? value : 2 * value;
  }
  __syncthreads();
  int k = threadIdx.x % 4;
  int g = threadIdx.x % 32 / 4;
  for (long long row = 8LL * (blockIdx.x * WARPS + threadIdx.x / 32); row < n; row += 8LL * WARPS * gridDim.x) {
    bool there = row + g < n;
    const double* from = A + (row + g) * d;
    double a[2 * T];
#pragma unroll
    for (int s = 0; s < 2 * T; s++) {
      a[s] = there && 4 * s + k < d ? from[4 * s + k] : 0;
    }
    double value = 0;
#pragma unroll
    for (int j = 0; j < T; j++) {
      double c[2] = {0, 0};
#pragma unroll
      for (int s = 0; s < 2 * j + 2; s++) {
        multiplyAdd(c, a[s], matrix[(4 * s + k) * STRIDE + 8 * j + g]);
      }
#pragma unroll
      for (int h = 0; h < 2; h++) {
        int column = 8 * j + 2 * k + h;
        double other = squares ? c[h] : there && column < d ? from[column] : 0;
        value = fma(c[h], other, value);
      }
    }
    value = sumOverLanes(value, 4);
    if (k == 0 && there) {
      q[row + g] = value;
    }
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
    formsUnits16(long long n, int d, const double* A, const double* M, int squares, double* q) {
  formsUnits<2>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    formsUnits32(long long n, int d, const double* A, const double* M, int squares, double* q) {
  formsUnits<4>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(256, 3)
    formsUnits48(long long n, int d, const double* A, const double* M, int squares, double* q) {
  formsUnits<6>(n, d, A, M, squares, q);
}

extern "C" __global__ void __launch_bounds__(256, 3)
    formsUnits64(long long n, int d, const double* A, const double* M, int squares, double* q) {
  formsUnits<8>(n, d, A, M, squares, q);
}
