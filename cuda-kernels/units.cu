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

/** Columns that a matrix has at least where it is given to the kernel for up to 8 T: its tiles before have no end to look for. */
template <int T>
__device__ __forceinline__ constexpr int fewest() {
  return T <= 2 ? 8 * T - 7 : 8 * T - 15;
}

/** What a thread holds of rows `row` to row + 3, and what their vector has there: 0 past the end. */
template <int T>
__device__ __forceinline__ void loadRows(int n, int d, const double* A, const double* v, int row, int k, int c,
                                         double (&a)[T], double& value) {
  bool there = row + k < n;
  const double* from = A + (long long)(row + k) * d + c;
  value = there ? v[row + k] : 0;
#pragma unroll
  for (int i = 0; i < T; i++) {
    a[i] = there && (8 * i + 7 < fewest<T>() || 8 * i + c < d) ? from[8 * i] : 0;
  }
}

/**
 * parts_block = sum of u_i a_i a_i^T over the rows of a block, upper triangle, d <= 8 T. With SLACK u_i = s_i^-2, 0 where s_i
 * is 0, s_i = a_i . x - b_i, which is stored: `v` has the b_i, and without it the u_i. A warp takes 4 rows at a time straight
 * to registers, G times over, which are both factors of 8 x 8 tiles: no row passes through shared memory, and the next rows are on
 * their way meanwhile. Tiles below the diagonal are left out. A row is 8 d + 8 bytes (16 with SLACK) and d (d + 8) flops on the
 * units; at d = 64 that is 18 clocks of them a row and multiprocessor of an H100, where memory takes 36 or more: memory
 * bounds it.
 */
template <int T, int G, int WARPS, bool SLACK>
__device__ __forceinline__ void gramUnits(long long count, int d, const double* A, const double* v, const double* x, double* s,
                                          double* parts) {
  int n = (int)count;  // at most 2^30
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
  __shared__ double at[8 * T];  // x, and 0 past its end
  if (SLACK) {
    if (threadIdx.x < 8 * T) {
      at[threadIdx.x] = threadIdx.x < d ? x[threadIdx.x] : 0;
    }
    __syncthreads();
  }
  int stride = 4 * G * WARPS * gridDim.x;
  int row = 4 * G * (blockIdx.x * WARPS + warp);
  double a[G][T];
  double w[G];
#pragma unroll
  for (int g = 0; g < G; g++) {
    loadRows<T>(n, d, A, v, row + 4 * g, k, c, a[g], w[g]);
  }
  for (; row < n; row += stride) {
    double next[G][T];
    double nextW[G];
#pragma unroll
    for (int g = 0; g < G; g++) {
      loadRows<T>(n, d, A, v, row + stride + 4 * g, k, c, next[g], nextW[g]);
    }
#pragma unroll
    for (int g = 0; g < G; g++) {
      if (SLACK) {
        double value = 0;
#pragma unroll
        for (int i = 0; i < T; i++) {
          value = fma(a[g][i], at[8 * i + c], value);
        }
        for (int lane = 4; lane < 32; lane *= 2) {  // threads with the same k share a row
          value += __shfl_xor_sync(ALL_LANES, value, lane);
        }
        value -= w[g];
        if (c == 0 && row + 4 * g + k < n) {
          s[row + 4 * g + k] = value;
        }
        double r = value == 0 ? 0 : 1 / value;
        w[g] = r * r;
      }
      int t = 0;
#pragma unroll
      for (int j = 0; j < T; j++) {
        double weighted = w[g] * a[g][j];
#pragma unroll
        for (int i = 0; i <= j; i++) {
          multiplyAdd(sums[t++], a[g][i], weighted);
        }
      }
#pragma unroll
      for (int i = 0; i < T; i++) {
        a[g][i] = next[g][i];
      }
      w[g] = nextW[g];
    }
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
    gramUnits8(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<1, 4, 8, false>(n, d, A, u, nullptr, nullptr, parts);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    slackGramUnits8(long long n, int d, const double* A, const double* b, const double* x, double* s, double* parts) {
  gramUnits<1, 4, 8, true>(n, d, A, b, x, s, parts);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    gramUnits16(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<2, 2, 8, false>(n, d, A, u, nullptr, nullptr, parts);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    slackGramUnits16(long long n, int d, const double* A, const double* b, const double* x, double* s, double* parts) {
  gramUnits<2, 2, 8, true>(n, d, A, b, x, s, parts);
}

extern "C" __global__ void __launch_bounds__(256, 3)
    gramUnits32(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<4, 1, 8, false>(n, d, A, u, nullptr, nullptr, parts);
}

extern "C" __global__ void __launch_bounds__(256, 3)
    slackGramUnits32(long long n, int d, const double* A, const double* b, const double* x, double* s, double* parts) {
  gramUnits<4, 1, 8, true>(n, d, A, b, x, s, parts);
}

extern "C" __global__ void __launch_bounds__(256, 2)
    gramUnits48(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<6, 1, 8, false>(n, d, A, u, nullptr, nullptr, parts);
}

extern "C" __global__ void __launch_bounds__(384, 1)
    slackGramUnits48(long long n, int d, const double* A, const double* b, const double* x, double* s, double* parts) {
  gramUnits<6, 1, 12, true>(n, d, A, b, x, s, parts);
}

extern "C" __global__ void __launch_bounds__(256, 1)
    gramUnits64(long long n, int d, const double* A, const double* u, double* parts) {
  gramUnits<8, 1, 8, false>(n, d, A, u, nullptr, nullptr, parts);
}

extern "C" __global__ void __launch_bounds__(256, 1)
    slackGramUnits64(long long n, int d, const double* A, const double* b, const double* x, double* s, double* parts) {
  gramUnits<8, 1, 8, true>(n, d, A, b, x, s, parts);
}

/** The place in a tile for its column `c`, so that the threads that hold a column of A get that of the product. */
__device__ __forceinline__ int placeInTile(int c) {
  return 2 * (c % 4) + c / 4;
}

/**
 * q_i = a_i^T M a_i with M symmetric, or ||a_i^T M||^2 with `squares` and M upper triangular, d <= 8 T. The form is that
 * of the diagonal and of the sum of both triangles, so both have half a matrix to multiply with, which is in shared memory.
 * A warp takes 8 rows at a time. A row is 8 d + 8 bytes and d (d + 8) flops on the units: 18 clocks at d = 64, memory 36 or
 * more.
 */
template <int T, int WARPS = 8>
__device__ __forceinline__ void formsUnits(long long n, int d, const double* A, const double* M, int squares, double* q) {
  constexpr int STRIDE = 8 * T + 4;  // the threads of a fragment find their numbers in different banks
  __shared__ double matrix[8 * T * STRIDE];
  for (int e = threadIdx.x; e < 8 * T * 8 * T; e += 32 * WARPS) {
    int r = e / (8 * T);
    int s = e % (8 * T);
    double value = r <= s && s < d ? M[r * d + s] : 0;
    matrix[r * STRIDE + s / 8 * 8 + placeInTile(s % 8)] = squares || r >= s || s >= d ? value : value + M[s * d + r];
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
      a[s] = there && (4 * s + 3 < fewest<T>() || 4 * s + k < d) ? from[4 * s + k] : 0;
    }
    double value = 0;
#pragma unroll
    for (int j = 0; j < T; j++) {
      double c[2] = {0, 0};  // of columns 8 j + k and 8 j + 4 + k
#pragma unroll
      for (int s = 0; s < 2 * j + 2; s++) {
        multiplyAdd(c, a[s], matrix[(4 * s + k) * STRIDE + 8 * j + g]);
      }
#pragma unroll
      for (int h = 0; h < 2; h++) {
        value = fma(c[h], squares ? c[h] : a[2 * j + h], value);
      }
    }
    value = sumOverLanes(value, 4);
    if (k == 0 && there) {
      q[row + g] = value;
    }
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
    formsUnits8(long long n, int d, const double* A, const double* M, int squares, double* q) {
  formsUnits<1>(n, d, A, M, squares, q);
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
