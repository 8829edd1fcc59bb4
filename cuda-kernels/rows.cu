// Work on the rows a_i of tall matrices, each row contiguous. Memory bounds all of it: bytes and flops are those of a row.
#include "common.cuh"

/** to_i = factor_i a_i, or to_i + factor_i a_i with `add`; `to` may be A. 16 d + 8 bytes, d flops; 24 d + 8, 2 d with `add` */
extern "C" __global__ void __launch_bounds__(256)
    scaleRows(long long n, int d, int lanes, const double* factor, const double* A, int add, double* to) {
  RowsOfWarp rows(lanes);
  bool paired = d % 2 == 0 && isAligned(A) && isAligned(to);
  for (long long first = rows.first; first < n; first += rows.stride) {
    long long i = first + rows.own;
    if (i >= n) {
      continue;
    }
    double f = factor[i];
    if (paired) {
      const double2* from2 = reinterpret_cast<const double2*>(A + i * d);
      double2* to2 = reinterpret_cast<double2*>(to + i * d);
      for (int j = rows.lane; j < d / 2; j += lanes) {
        double2 p = from2[j];
        if (add) {
          double2 q = to2[j];
          p.x = fma(f, p.x, q.x);
          p.y = fma(f, p.y, q.y);
        } else {
          p.x *= f;
          p.y *= f;
        }
        to2[j] = p;
      }
    } else {
      for (int j = rows.lane; j < d; j += lanes) {
        double p = A[i * d + j];
        to[i * d + j] = add ? fma(f, p, to[i * d + j]) : f * p;
      }
    }
  }
}

/**
 * s_i = a_i . x - b_i and u_i = s_i^-2, or s_i^-1 with `roots`, 0 where s_i is 0; b and u may be missing. 8 d + 24 bytes, 2 d flops.
 */
extern "C" __global__ void __launch_bounds__(256)
    slack(long long n, int d, int lanes, const double* A, const double* x, const double* b, double* s, int roots, double* u) {
  RowsOfWarp rows(lanes);
  for (long long first = rows.first; first < n; first += rows.stride) {
    long long i = first + rows.own;
    double value = i < n ? partOfDot(A + i * d, x, d, rows.lane, lanes) : 0;
    value = sumOverLanes(value, lanes);
    if (i < n && rows.lane == 0) {
      value = b == nullptr ? value : value - b[i];
      s[i] = value;
      if (u != nullptr) {
        double w = value == 0 ? 0 : 1 / value;
        u[i] = roots ? w : w * w;
      }
    }
  }
}

/** q_i = a_i . b_i. 16 d + 8 bytes, 2 d flops */
extern "C" __global__ void __launch_bounds__(256)
    rowDots(long long n, int d, int lanes, const double* A, const double* B, double* q) {
  RowsOfWarp rows(lanes);
  for (long long first = rows.first; first < n; first += rows.stride) {
    long long i = first + rows.own;
    double value = i < n ? partOfDot(A + i * d, B + i * d, d, rows.lane, lanes) : 0;
    value = sumOverLanes(value, lanes);
    if (i < n && rows.lane == 0) {
      q[i] = value;
    }
  }
}

/** q_i = a_i . b_i / (c_i^2 m^power) of floats, without the scales c of the rows and m of a matrix. 8 d + 16 bytes, 2 d flops */
extern "C" __global__ void __launch_bounds__(256)
    rowDotsSingle(long long n, int d, int lanes, const float* A, const float* B, const double* c, const double* m,
                  int power, double* q) {
  RowsOfWarp rows(lanes);
  for (long long first = rows.first; first < n; first += rows.stride) {
    long long i = first + rows.own;
    double value = i < n ? partOfDot(A + i * d, B + i * d, d, rows.lane, lanes) : 0;
    value = sumOverLanes(value, lanes);
    if (i < n && rows.lane == 0) {
      double r = inverseOfScale(c[i]);
      value = value * r * r * inverseOfScale(*m);
      q[i] = power == 2 ? value * inverseOfScale(*m) : value;
    }
  }
}

/** c_i = the scale for the largest sqrt|u_i| |a_ij|; u may be missing. 8 d + 16 bytes, d comparisons */
extern "C" __global__ void __launch_bounds__(256)
    rowScales(long long n, int d, int lanes, const double* A, const double* u, double* c) {
  RowsOfWarp rows(lanes);
  for (long long first = rows.first; first < n; first += rows.stride) {
    long long i = first + rows.own;
    double largest = 0;
    for (int j = rows.lane; i < n && j < d; j += lanes) {
      largest = fmax(largest, fabs(A[i * d + j]));
    }
    largest = largestOverLanes(largest, lanes);
    if (i < n && rows.lane == 0) {
      c[i] = scaleFor(u == nullptr ? largest : sqrt(fabs(u[i])) * largest);
    }
  }
}

/** to_p = the smallest scale c_i of the rows of part p, `rowsOfPart` each: that of its largest row. 8 bytes */
extern "C" __global__ void __launch_bounds__(256)
    partScales(long long n, long long rowsOfPart, const double* c, double* to) {
  __shared__ double smallest[256];
  for (long long p = blockIdx.x; p * rowsOfPart < n; p += gridDim.x) {
    double value = 1.0 / 0.0;
    for (long long i = p * rowsOfPart + threadIdx.x; i < min(n, (p + 1) * rowsOfPart); i += 256) {
      value = fmin(value, c[i]);
    }
    smallest[threadIdx.x] = value;
    for (int half = 128; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.x < half) {
        smallest[threadIdx.x] = fmin(smallest[threadIdx.x], smallest[threadIdx.x + half]);
      }
    }
    if (threadIdx.x == 0) {
      to[p] = smallest[0];
    }
    __syncthreads();
  }
}

/**
 * to_i = c_p sqrt|u_i| a_i as floats, for row i of part p, `rowsOfPart` rows each, and signed_i = sign(u_i) to_i; u and
 * `signed` may be missing; rows from n to `padded` are 0. 12 d + 8 bytes, 16 d + 8 with `signed`, 2 d flops
 */
extern "C" __global__ void __launch_bounds__(256)
    weighRows(long long n, long long padded, int d, int lanes, long long rowsOfPart, const double* A, const double* u,
              const double* c, float* to, float* withSign) {
  RowsOfWarp rows(lanes);
  for (long long first = rows.first; first < padded; first += rows.stride) {
    long long i = first + rows.own;
    if (i >= padded) {
      continue;
    }
    bool there = i < n;
    double weight = u == nullptr || !there ? 1 : u[i];
    double root = sqrt(fabs(weight));
    double scale = c[(unsigned)i / (unsigned)rowsOfPart];  // of fewer than 2^32 rows
    for (int j = rows.lane; j < d; j += lanes) {
      float value = there ? scaled(scale, root * A[i * d + j]) : 0.0f;
      to[i * d + j] = value;
      if (withSign != nullptr) {
        withSign[i * d + j] = weight < 0 ? -value : value;
      }
    }
  }
}

/**
 * parts_block,j = sum of y_i a_ij over the rows of a block; `width` (a power of two, at most 256) threads share a row,
 * and blocks with the same y have the same columns. 8 d + 8 bytes, 2 d flops
 */
extern "C" __global__ void __launch_bounds__(256)
    columnSums(long long n, int d, int width, const double* A, const double* y, double* parts) {
  __shared__ double sums[256];
  int j = blockIdx.y * width + threadIdx.x % width;
  int row = threadIdx.x / width;
  int rows = 256 / width;
  double value = 0;
  if (j < d) {
    for (long long i = (long long)blockIdx.x * rows + row; i < n; i += (long long)gridDim.x * rows) {
      value = fma(y[i], A[i * d + j], value);
    }
  }
  sums[threadIdx.x] = value;
  __syncthreads();
  if (row == 0 && j < d) {
    for (int r = 1; r < rows; r++) {
      value += sums[r * width + threadIdx.x];
    }
    parts[(long long)blockIdx.x * d + j] = value;
  }
}

/** to_k = a_index(k), or scale_k a_index(k). 16 d + 12 bytes, d flops; rows of few columns waste half of what memory sends */
extern "C" __global__ void __launch_bounds__(256)
    gatherRows(long long count, int d, int lanes, const double* A, const int* index, const double* scale, double* to) {
  RowsOfWarp rows(lanes);
  bool paired = d % 2 == 0 && isAligned(A) && isAligned(to);
  for (long long first = rows.first; first < count; first += rows.stride) {
    long long k = first + rows.own;
    if (k >= count) {
      continue;
    }
    double f = scale == nullptr ? 1 : scale[k];
    const double* from = A + (long long)index[k] * d;
    if (paired) {
      const double2* from2 = reinterpret_cast<const double2*>(from);
      double2* to2 = reinterpret_cast<double2*>(to + k * d);
      for (int j = rows.lane; j < d / 2; j += lanes) {
        double2 p = from2[j];
        p.x *= f;
        p.y *= f;
        to2[j] = p;
      }
    } else {
      for (int j = rows.lane; j < d; j += lanes) {
        to[k * d + j] = f * from[j];
      }
    }
  }
}

/** to_i = (a_i, c_i). 16 d + 16 bytes */
extern "C" __global__ void __launch_bounds__(256)
    appendColumn(long long n, int d, int lanes, const double* A, const double* c, double* to) {
  RowsOfWarp rows(lanes);
  for (long long first = rows.first; first < n; first += rows.stride) {
    long long i = first + rows.own;
    if (i >= n) {
      continue;
    }
    for (int j = rows.lane; j <= d; j += lanes) {
      to[i * (d + 1) + j] = j < d ? A[i * d + j] : c[i];
    }
  }
}
