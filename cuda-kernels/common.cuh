// What every kernel file needs. Threads walk over their data with the stride of the whole grid, so any
// grid is right; grids of reductions depend on the size of the data alone, so that the same data give
// the same bits on every card. Products are fused where fma() says so and nowhere else.
#pragma once

#define ALL_LANES 0xffffffffu

__device__ __forceinline__ long long threadOfGrid() {
  return (long long)blockIdx.x * blockDim.x + threadIdx.x;
}

__device__ __forceinline__ long long threadsOfGrid() {
  return (long long)gridDim.x * blockDim.x;
}

/** Whether 16 bytes may be loaded from here at once. */
__device__ __forceinline__ bool isAligned(const void* p) {
  return (reinterpret_cast<unsigned long long>(p) & 15) == 0;
}

/** The rows that a warp works on at once: 32 / lanes of them, each by `lanes` (a power of two) neighbouring threads. */
struct RowsOfWarp {
  long long first;   // of the warp's rows; the same for all threads of the warp
  long long stride;  // to the warp's next rows
  int own;           // the thread's row among them
  int lane;          // the thread's place in its row

  __device__ __forceinline__ explicit RowsOfWarp(int lanes) {
    int inWarp = threadIdx.x & 31;
    first = (threadOfGrid() - inWarp) / lanes;
    stride = threadsOfGrid() / lanes;
    own = inWarp / lanes;
    lane = inWarp % lanes;
  }
};

/** The sum over `lanes` neighbouring threads of a warp, in each of them. */
__device__ __forceinline__ double sumOverLanes(double value, int lanes) {
  for (int offset = lanes / 2; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(ALL_LANES, value, offset);
  }
  return value;
}

/** The part of a . b that belongs to one of `lanes` threads. */
__device__ __forceinline__ double partOfDot(const double* a, const double* b, int d, int lane, int lanes) {
  double sum = 0;
  if (d % 2 == 0 && isAligned(a) && isAligned(b)) {
    const double2* a2 = reinterpret_cast<const double2*>(a);
    const double2* b2 = reinterpret_cast<const double2*>(b);
    for (int j = lane; j < d / 2; j += lanes) {
      double2 p = a2[j];
      double2 q = b2[j];
      sum = fma(p.x, q.x, sum);
      sum = fma(p.y, q.y, sum);
    }
  } else {
    for (int j = lane; j < d; j += lanes) {
      sum = fma(a[j], b[j], sum);
    }
  }
  return sum;
}
