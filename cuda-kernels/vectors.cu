// Element-wise work on vectors and reductions of them. Memory bounds all of it: bytes and flops are those of an entry.
#include "common.cuh"
#include "formula.cuh"

/** y_i = a. 8 bytes */
extern "C" __global__ void __launch_bounds__(256) fill(long long n, double a, double* y) {
  for (long long i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    y[i] = a;
  }
}

/** y_i = a x_i + y_i. 24 bytes, 2 flops */
extern "C" __global__ void __launch_bounds__(256) axpy(long long n, double a, const double* x, double* y) {
  long long pairs = isAligned(x) && isAligned(y) ? n / 2 : 0;
  const double2* x2 = reinterpret_cast<const double2*>(x);
  double2* y2 = reinterpret_cast<double2*>(y);
  for (long long i = threadOfGrid(); i < pairs; i += threadsOfGrid()) {
    double2 p = x2[i];
    double2 q = y2[i];
    q.x = fma(a, p.x, q.x);
    q.y = fma(a, p.y, q.y);
    y2[i] = q;
  }
  for (long long i = 2 * pairs + threadOfGrid(); i < n; i += threadsOfGrid()) {
    y[i] = fma(a, x[i], y[i]);
  }
}

/** x_i = a x_i. 16 bytes, 1 flop */
extern "C" __global__ void __launch_bounds__(256) scale(long long n, double a, double* x) {
  for (long long i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    x[i] *= a;
  }
}

/** z_i = x_i y_i. 24 bytes, 1 flop */
extern "C" __global__ void __launch_bounds__(256) multiply(long long n, const double* x, const double* y, double* z) {
  for (long long i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    z[i] = x[i] * y[i];
  }
}

/** z_i = x_i / y_i. 24 bytes, a division: 8 flops or so */
extern "C" __global__ void __launch_bounds__(256) divide(long long n, const double* x, const double* y, double* z) {
  for (long long i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    z[i] = x[i] / y[i];
  }
}

/**
 * to_i = f(a, x_i, y_i, z_i); `to` may be any of them. 16 to 32 bytes; formulas with exponentials or logarithms take some 50
 * flops, which bound them on cards with few units for doubles
 */
extern "C" __global__ void __launch_bounds__(256)
    map(long long n, int f, double a, const double* x, const double* y, const double* z, double* to) {
  for (long long i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    to[i] = apply(f, a, x[i], y[i], z[i]);
  }
}

/** to_k = x_index(k). 12 bytes and 32 of memory for each far x */
extern "C" __global__ void __launch_bounds__(256) gather(long long n, const int* index, const double* x, double* to) {
  for (long long k = threadOfGrid(); k < n; k += threadsOfGrid()) {
    to[k] = x[index[k]];
  }
}

/** y_index(k) = values_k. 12 bytes and 32 of memory for each far y */
extern "C" __global__ void __launch_bounds__(256) scatter(long long n, const int* index, const double* values, double* y) {
  for (long long k = threadOfGrid(); k < n; k += threadsOfGrid()) {
    y[index[k]] = values[k];
  }
}

// ---- reductions in two stages: each block leaves one number, and one block reduces those

/** The sum over a block of 256 threads, in thread 0. */
__device__ __forceinline__ double sumOverBlock(double value) {
  __shared__ double parts[8];
  value = sumOverLanes(value, 32);
  if (threadIdx.x % 32 == 0) {
    parts[threadIdx.x / 32] = value;
  }
  __syncthreads();
  value = threadIdx.x < 8 ? parts[threadIdx.x] : 0;
  return threadIdx.x < 32 ? sumOverLanes(value, 8) : value;
}

/** to_block = sum of x_i, or x_i y_i, or u_i x_i y_i; y and u may be missing. 8 to 24 bytes, 1 to 3 flops */
extern "C" __global__ void __launch_bounds__(256)
    sum(long long n, const double* u, const double* x, const double* y, double* to) {
  double value = 0;
  for (long long i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    double factor = u == nullptr ? x[i] : u[i] * x[i];
    value = y == nullptr ? value + factor : fma(factor, y[i], value);
  }
  value = sumOverBlock(value);
  if (threadIdx.x == 0) {
    to[blockIdx.x] = value;
  }
}

/** The larger value, of equal ones the one with the smaller index; a NaN is larger than all. */
__device__ __forceinline__ void keepLarger(double& value, double& place, double otherValue, double otherPlace) {
  bool better = isnan(value) || isnan(otherValue) ? !isnan(value) : otherValue > value;
  bool equal = isnan(value) == isnan(otherValue) && !(otherValue > value) && !(otherValue < value);
  if (equal ? otherPlace < place : better) {
    value = otherValue;
    place = otherPlace;
  }
}

__device__ __forceinline__ void largestOverLanes(double& value, double& place, int lanes) {
  for (int offset = lanes / 2; offset > 0; offset /= 2) {
    double otherValue = __shfl_xor_sync(ALL_LANES, value, offset);
    double otherPlace = __shfl_xor_sync(ALL_LANES, place, offset);
    keepLarger(value, place, otherValue, otherPlace);
  }
}

/**
 * (to_2block, to_2block+1) = (largest x_i, its first i); where `from` is given, over pairs that this kernel left
 * before. With `strict` a NaN is smaller than all, unless it is the first entry: then no entry passes it. 8 bytes.
 */
extern "C" __global__ void __launch_bounds__(256)
    largest(long long n, int strict, const double* x, const double* from, double* to) {
  __shared__ double values[8];
  __shared__ double places[8];
  const double lowest = -1.0 / 0.0;
  double value = lowest;
  double place = 9007199254740992.0;
  for (long long i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    double entry = from == nullptr ? x[i] : from[2 * i];
    double at = from == nullptr ? (double)i : from[2 * i + 1];
    if (strict && isnan(entry)) {
      entry = at == 0 ? -lowest : lowest;
    }
    keepLarger(value, place, entry, at);
  }
  largestOverLanes(value, place, 32);
  if (threadIdx.x % 32 == 0) {
    values[threadIdx.x / 32] = value;
    places[threadIdx.x / 32] = place;
  }
  __syncthreads();
  if (threadIdx.x < 32) {
    value = values[threadIdx.x % 8];
    place = places[threadIdx.x % 8];
    largestOverLanes(value, place, 8);
  }
  if (threadIdx.x == 0) {
    to[2 * blockIdx.x] = value;
    to[2 * blockIdx.x + 1] = place;
  }
}

/** to_ij = from_ij c_j for rows of d floats, n numbers in all; c may be null. 12 bytes, 1 flop */
extern "C" __global__ void __launch_bounds__(256)
    widen(long long n, int d, const float* from, const double* c, double* to) {
  int j = (int)(threadOfGrid() % d);
  int across = (int)(threadsOfGrid() % d);
  for (long long i = threadOfGrid(); i < n; i += threadsOfGrid()) {
    to[i] = c == nullptr ? from[i] : from[i] * c[j];
    j += across;
    j -= j >= d ? d : 0;
  }
}
