// Kernels for the tests of the simulated device: what is right, and what a card would punish.

#define HALF 16

template <int N>
__device__ double power(double x) {
  return x * power<N - 1>(x);
}
template <>
__device__ double power<1>(double x) {
  return x;
}

/** y_i = x_i^3 */
extern "C" __global__ void __launch_bounds__(256) testCube(long long n, const double* x, double* y) {
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
    y[i] = power<3>(x[i]);
  }
}

/** the same, one entry too far, before the start, or one too few, by `extra` and `skip` */
extern "C" __global__ void testBeyond(int n, int skip, int extra, const double* x, double* y) {
  for (int i = skip + threadIdx.x; i < n + extra; i += blockDim.x) {
    y[i] = i < n && i >= 0 ? x[i] : 1;
  }
}

/** y = x_n: one entry too far */
extern "C" __global__ void testReadBeyond(int n, const double* x, double* y) {
  if (threadIdx.x == 0) {
    y[0] = x[n];
  }
}

/** y_t = x_(255-t) through shared memory, with both barriers, without the first or without the second (barriers: bits) */
extern "C" __global__ void testReverse(int barriers, int rounds, const double* x, double* y) {
  __shared__ double tile[256];
  for (int r = 0; r < rounds; r++) {
    tile[threadIdx.x] = x[256 * r + threadIdx.x];
    if (barriers & 1) {
      __syncthreads();
    }
    y[256 * r + threadIdx.x] = tile[255 - threadIdx.x];
    if (barriers & 2) {
      __syncthreads();
    }
  }
}

/** a barrier that some threads do not reach, in a branch or because they have ended */
extern "C" __global__ void testDivergent(int how) {
  if (how == 1 && threadIdx.x < 32) {
    return;
  }
  if (how == 0 || threadIdx.x != 5) {
    __syncthreads();
  }
}

/** a shuffle in a branch */
extern "C" __global__ void testDivergentShuffle(double* y) {
  double value = threadIdx.x;
  if (threadIdx.x % 2 == 0) {
    value = __shfl_xor_sync(0xffffffffu, value, 2);
  }
  y[threadIdx.x] = value;
}

/** all shuffles: rows of blockDim numbers */
extern "C" __global__ void testShuffles(double* y) {
  double value = threadIdx.x;
  int size = blockDim.x;
  y[threadIdx.x] = __shfl_xor_sync(0xffffffffu, value, 5);
  y[size + threadIdx.x] = __shfl_down_sync(0xffffffffu, value, 4);
  y[2 * size + threadIdx.x] = __shfl_sync(0xffffffffu, value, 7);
  y[3 * size + threadIdx.x] = __shfl_up_sync(0xffffffffu, value, 3);
  y[4 * size + threadIdx.x] = __shfl_down_sync(0xffffffffu, value, 4, 8);
  y[5 * size + threadIdx.x] = __shfl_xor_sync(0xffffffffu, value, HALF, HALF);
  float single = (float)value;
  y[6 * size + threadIdx.x] = __shfl_sync(0xffffffffu, single, 9, 16);
}

/** y_block = sum of a block's x through dynamic shared memory */
extern "C" __global__ void testDynamic(const double* x, double* y) {
  extern __shared__ double parts[];
  parts[threadIdx.x] = x[blockIdx.x * blockDim.x + threadIdx.x];
  __syncthreads();
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      parts[threadIdx.x] += parts[threadIdx.x + half];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    y[blockIdx.x] = parts[0];
  }
}

/** writes past a shared array, and reads one that nobody wrote */
extern "C" __global__ void testShared(int index, double* y) {
  __shared__ double first[8];
  __shared__ int second[8];
  first[index] = 1;
  second[threadIdx.x % 8] = 2;
  y[threadIdx.x] = first[7] + second[0];
}

/** more static shared memory than there is */
extern "C" __global__ void testTooMuchShared(double* y) {
  __shared__ double large[6145];
  large[threadIdx.x] = 1;
  y[threadIdx.x] = large[threadIdx.x];
}

/** y = (block x, y) */
extern "C" __global__ void testGrid(int* y) {
  int place = blockIdx.y * gridDim.x + blockIdx.x;
  y[2 * place] = blockIdx.x;
  y[2 * place + 1] = blockIdx.y;
}

/** y_i = x_i + y_i, two at a time */
extern "C" __global__ void testPairs(int pairs, const double* x, double* y) {
  for (int i = threadIdx.x; i < pairs; i += blockDim.x) {
    double2 p = reinterpret_cast<const double2*>(x)[i];
    double2 q = reinterpret_cast<double2*>(y)[i];
    q.x += p.x;
    q.y += p.y;
    reinterpret_cast<double2*>(y)[i] = q;
  }
}

/** y_i = x_i + y_i, one more than there are */
extern "C" __global__ void testAddBeyond(int n, const double* x, double* y) {
  for (int i = threadIdx.x; i <= n; i += blockDim.x) {
    y[i] += x[i];
  }
}
