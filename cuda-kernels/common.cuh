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

/**
 * Entries of a matrix, row by row, from `first` on and each `stride` after the last: two divisions a thread instead of one
 * an entry.
 */
struct Entries {
  int row;
  int column;
  int columns;
  int down;
  int across;

  __device__ __forceinline__ Entries(int columns, unsigned first, unsigned stride) : columns(columns) {
    row = first / (unsigned)columns;
    column = first % (unsigned)columns;
    down = stride / (unsigned)columns;
    across = stride % (unsigned)columns;
  }

  /** Those of a thread of the grid. */
  __device__ __forceinline__ explicit Entries(int columns)
      : Entries(columns, (unsigned)threadOfGrid(), (unsigned)threadsOfGrid()) {}

  __device__ __forceinline__ void next() {
    row += down;
    column += across;
    if (column >= columns) {
      column -= columns;
      row++;
    }
  }

  __device__ __forceinline__ long long index() const { return (long long)row * columns + column; }
};

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

/** Two neighbouring numbers, as they are loaded at once. */
template <typename T>
struct PairOf;
template <>
struct PairOf<double> {
  using Type = double2;
};
template <>
struct PairOf<float> {
  using Type = float2;
};

/** The part of a . b that belongs to one of `lanes` threads; products of floats are exact. */
template <typename T>
__device__ __forceinline__ double partOfDot(const T* a, const T* b, int d, int lane, int lanes) {
  using Pair = typename PairOf<T>::Type;
  double sum = 0;
  if (d % 2 == 0 && isAligned(a) && isAligned(b)) {
    const Pair* a2 = reinterpret_cast<const Pair*>(a);
    const Pair* b2 = reinterpret_cast<const Pair*>(b);
    for (int j = lane; j < d / 2; j += lanes) {
      Pair p = a2[j];
      Pair q = b2[j];
      sum = fma((double)p.x, (double)q.x, sum);
      sum = fma((double)p.y, (double)q.y, sum);
    }
  } else {
    for (int j = lane; j < d; j += lanes) {
      sum = fma((double)a[j], (double)b[j], sum);
    }
  }
  return sum;
}

// ---- single precision: numbers are brought near 1 by exact factors, so that none of those that count leaves its range

/** The largest over `lanes` neighbouring threads of a warp, in each of them. */
__device__ __forceinline__ double largestOverLanes(double value, int lanes) {
  for (int offset = lanes / 2; offset > 0; offset /= 2) {
    value = fmax(value, __shfl_xor_sync(ALL_LANES, value, offset));
  }
  return value;
}

/** The power of two that brings a magnitude to [1, 2); infinite for 0, which any would do. */
__device__ __forceinline__ double scaleFor(double magnitude) {
  return magnitude == 0 ? 1.0 / 0.0 : scalbn(1.0, -max(-1000, min(1000, ilogb(magnitude))));
}

/** 1 / c of such a scale c, exactly, from the bits of its exponent: cards with few units for doubles divide slowly. */
__device__ __forceinline__ double inverseOfScale(double c) {
  int high = 0x7fe00000 - __double2hiint(c);  // twice the exponent of 1, less that of c
  return __hiloint2double(max(high, 0), 0);   // 0 of the infinite one
}

/** c value as a float, where c may be the scale for 0. */
__device__ __forceinline__ float scaled(double c, double value) {
  return value == 0 ? 0.0f : (float)(c * value);
}
