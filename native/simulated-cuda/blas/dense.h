// Dense linear algebra over strided views: entry (i, j) of V is V.at[i * V.down + j * V.across]. A transpose swaps the
// strides and a reversal negates them, so that each algorithm is written for one case only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace simulated {

template <class T>
struct View {
  T* at;
  int64_t rows, columns;
  int64_t down, across;

  T& operator()(int64_t i, int64_t j) const { return at[i * down + j * across]; }
  View transposed() const { return {at, columns, rows, across, down}; }
  View part(int64_t i, int64_t j, int64_t m, int64_t n) const { return {&(*this)(i, j), m, n, down, across}; }
  View reversedRows() const {
    return rows == 0 ? *this : View{&(*this)(rows - 1, 0), rows, columns, -down, across};
  }
  View reversed() const {  // both ways, for square matrices: upper becomes lower
    return rows == 0 ? *this : View{&(*this)(rows - 1, columns - 1), rows, columns, -down, -across};
  }
};

/// Column-major, as BLAS has it.
template <class T>
View<T> matrix(T* at, int64_t rows, int64_t columns, int64_t leading) {
  return {at, rows, columns, 1, leading};
}

namespace packed {
constexpr int DOWN = 8;     // rows of a tile of C
constexpr int ACROSS = 6;   // its columns
constexpr int64_t ROWS = 96, INNER = 256, COLUMNS = 3072;
}  // namespace packed

template <class T>
struct Buffers {
  std::vector<T> left, right;
};

template <class T>
__attribute__((noinline)) void tile(int64_t k, const T* __restrict__ a, const T* __restrict__ b, T* __restrict__ c) {
  using namespace packed;
  typedef T Vector __attribute__((vector_size(32)));
  constexpr int LENGTH = 32 / sizeof(T);
  constexpr int VECTORS = DOWN / LENGTH;
  Vector sums[ACROSS][VECTORS] = {};
  for (int64_t p = 0; p < k; p++) {
    Vector left[VECTORS];
    memcpy(left, a + p * DOWN, sizeof left);
#pragma GCC unroll 8
    for (int j = 0; j < ACROSS; j++) {
      T value = b[p * ACROSS + j];
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) {
        sums[j][v] += left[v] * value;
      }
    }
  }
  memcpy(c, sums, sizeof sums);
}

/// Which entries of C are wanted.
enum Part { ALL, LOWER_PART, UPPER_PART };

/// C = alpha A B + beta C on the wanted part; C is not read where beta is 0.
template <class T>
void multiply(T alpha, View<T> A, View<T> B, T beta, View<T> C, Part part = ALL) {
  using namespace packed;
  auto wanted = [part](int64_t i, int64_t j) {
    return part == ALL || (part == LOWER_PART ? i >= j : i <= j);
  };
  if (beta != T(1)) {
    for (int64_t j = 0; j < C.columns; j++) {
      for (int64_t i = 0; i < C.rows; i++) {
        if (wanted(i, j)) {
          C(i, j) = beta == T(0) ? T(0) : beta * C(i, j);
        }
      }
    }
  }
  if (alpha == T(0) || A.columns == 0) {
    return;
  }
  static thread_local Buffers<T> buffers;
  int64_t inner = A.columns;
  alignas(64) T sums[DOWN * ACROSS];
  for (int64_t j0 = 0; j0 < C.columns; j0 += COLUMNS) {
    int64_t n = std::min(COLUMNS, C.columns - j0);
    int64_t stripes = (n + ACROSS - 1) / ACROSS;
    for (int64_t p0 = 0; p0 < inner; p0 += INNER) {
      int64_t k = std::min(INNER, inner - p0);
      buffers.right.assign(stripes * ACROSS * k, T(0));
      for (int64_t j = 0; j < n; j++) {
        T* to = &buffers.right[j / ACROSS * ACROSS * k + j % ACROSS];
        for (int64_t p = 0; p < k; p++) {
          to[p * ACROSS] = B(p0 + p, j0 + j);
        }
      }
      for (int64_t i0 = 0; i0 < C.rows; i0 += ROWS) {
        int64_t m = std::min(ROWS, C.rows - i0);
        if ((part == LOWER_PART && i0 + m <= j0) || (part == UPPER_PART && i0 >= j0 + n)) {
          continue;
        }
        int64_t bands = (m + DOWN - 1) / DOWN;
        buffers.left.assign(bands * DOWN * k, T(0));
        for (int64_t i = 0; i < m; i++) {
          T* to = &buffers.left[i / DOWN * DOWN * k + i % DOWN];
          for (int64_t p = 0; p < k; p++) {
            to[p * DOWN] = A(i0 + i, p0 + p);
          }
        }
        for (int64_t s = 0; s < stripes; s++) {
          int64_t width = std::min<int64_t>(ACROSS, n - s * ACROSS);
          int64_t j = j0 + s * ACROSS;
          for (int64_t r = 0; r < bands; r++) {
            int64_t height = std::min<int64_t>(DOWN, m - r * DOWN);
            int64_t i = i0 + r * DOWN;
            if ((part == LOWER_PART && i + height <= j) || (part == UPPER_PART && i >= j + width)) {
              continue;
            }
            tile<T>(k, &buffers.left[r * DOWN * k], &buffers.right[s * ACROSS * k], sums);
            for (int64_t y = 0; y < width; y++) {
              for (int64_t x = 0; x < height; x++) {
                if (wanted(i + x, j + y)) {
                  C(i + x, j + y) += alpha * sums[y * DOWN + x];
                }
              }
            }
          }
        }
      }
    }
  }
}

/// A copy with nothing but the triangle in it.
template <class T>
struct Dense {
  std::vector<T> entries;
  View<T> view;

  Dense(int64_t rows, int64_t columns) : entries(std::max<int64_t>(1, rows * columns)) {
    view = matrix(entries.data(), rows, columns, std::max<int64_t>(1, rows));
  }
};

template <class T>
Dense<T> triangleOf(View<T> A, bool lower, bool unit) {
  Dense<T> to(A.rows, A.rows);
  for (int64_t j = 0; j < A.rows; j++) {
    for (int64_t i = 0; i < A.rows; i++) {
      to.view(i, j) = i == j ? (unit ? T(1) : A(i, i)) : ((lower ? i > j : i < j) ? A(i, j) : T(0));
    }
  }
  return to;
}

/// X = L^-1 B in the place of B, L lower triangular.
template <class T>
void solveLower(View<T> L, bool unit, View<T> B) {
  const int64_t BLOCK = 48;
  int64_t n = L.rows;
  if (n <= BLOCK) {
    for (int64_t j = 0; j < B.columns; j++) {
      for (int64_t i = 0; i < n; i++) {
        T value = B(i, j);
        for (int64_t k = 0; k < i; k++) {
          value -= L(i, k) * B(k, j);
        }
        B(i, j) = unit ? value : value / L(i, i);
      }
    }
    return;
  }
  int64_t half = (n / 2 + BLOCK - 1) / BLOCK * BLOCK;
  half = half >= n ? n / 2 : half;
  View<T> top = B.part(0, 0, half, B.columns);
  View<T> bottom = B.part(half, 0, n - half, B.columns);
  solveLower(L.part(0, 0, half, half), unit, top);
  multiply<T>(-1, L.part(half, 0, n - half, half), top, 1, bottom);
  solveLower(L.part(half, half, n - half, n - half), unit, bottom);
}

/// X = op(A)^-1 B or B op(A)^-1 in the place of B.
template <class T>
void solveTriangle(bool left, bool lower, bool transposed, bool unit, View<T> A, View<T> B) {
  if (!left) {
    solveTriangle(true, lower, !transposed, unit, A, B.transposed());
    return;
  }
  if (transposed) {
    A = A.transposed();
    lower = !lower;
  }
  if (lower) {
    solveLower(A, unit, B);
  } else {
    solveLower(A.reversed(), unit, B.reversedRows());
  }
}

/// A = L L^T in the place of the lower triangle: 0, or the order of the first minor that is not positive.
template <class T>
int factorLower(View<T> A, int64_t before = 0) {
  const int64_t BLOCK = 48;
  int64_t n = A.rows;
  if (n <= BLOCK) {
    for (int64_t j = 0; j < n; j++) {
      T pivot = A(j, j);
      for (int64_t k = 0; k < j; k++) {
        pivot -= A(j, k) * A(j, k);
      }
      if (!(pivot > 0)) {
        return static_cast<int>(before + j + 1);
      }
      pivot = std::sqrt(pivot);
      A(j, j) = pivot;
      for (int64_t i = j + 1; i < n; i++) {
        T value = A(i, j);
        for (int64_t k = 0; k < j; k++) {
          value -= A(i, k) * A(j, k);
        }
        A(i, j) = value / pivot;
      }
    }
    return 0;
  }
  int64_t half = (n / 2 + BLOCK - 1) / BLOCK * BLOCK;
  half = half >= n ? n / 2 : half;
  View<T> corner = A.part(0, 0, half, half);
  View<T> below = A.part(half, 0, n - half, half);
  View<T> rest = A.part(half, half, n - half, n - half);
  if (int info = factorLower(corner, before)) {
    return info;
  }
  solveTriangle(false, true, true, false, corner, below);
  multiply<T>(-1, below, below.transposed(), 1, rest, LOWER_PART);
  return factorLower(rest, before + half);
}

}  // namespace simulated
