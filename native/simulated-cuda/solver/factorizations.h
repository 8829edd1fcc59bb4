// Householder QR and symmetric eigenvalues, in LAPACK's storage.
#pragma once

#include <numeric>

#include "../blas/dense.h"

namespace simulated {

/// C = (I - tau v v^T) C with v = (1, tail), the tail in column j of A below its diagonal.
template <class T>
void reflect(View<T> A, int64_t j, T tau, View<T> C) {
  for (int64_t k = 0; k < C.columns; k++) {
    T sum = C(j, k);
    const T* tail = &A(0, j);
    T* column = &C(0, k);
    if (C.down == 1 && A.down == 1) {
      for (int64_t i = j + 1; i < C.rows; i++) {
        sum += tail[i] * column[i];
      }
    } else {
      for (int64_t i = j + 1; i < C.rows; i++) {
        sum += A(i, j) * C(i, k);
      }
    }
    sum *= tau;
    C(j, k) -= sum;
    for (int64_t i = j + 1; i < C.rows; i++) {
      C(i, k) -= sum * A(i, j);
    }
  }
}

template <class T>
void factorQr(View<T> A, T* tau) {
  int64_t steps = std::min(A.rows, A.columns);
  for (int64_t j = 0; j < steps; j++) {
    T largest = 0;
    for (int64_t i = j + 1; i < A.rows; i++) {
      largest = std::max(largest, std::abs(A(i, j)));
    }
    if (largest == 0) {
      tau[j] = 0;
      continue;
    }
    largest = std::max(largest, std::abs(A(j, j)));
    T sum = 0;
    for (int64_t i = j; i < A.rows; i++) {
      T scaled = A(i, j) / largest;
      sum += scaled * scaled;
    }
    T norm = largest * std::sqrt(sum);
    T beta = A(j, j) > 0 ? -norm : norm;
    tau[j] = (beta - A(j, j)) / beta;
    T divisor = A(j, j) - beta;
    for (int64_t i = j + 1; i < A.rows; i++) {
      A(i, j) /= divisor;
    }
    A(j, j) = beta;
    if (j + 1 < A.columns) {
      reflect(A, j, tau[j], A.part(0, j + 1, A.rows, A.columns - j - 1));
    }
  }
}

/// C = Q C or Q^T C, Q the product of the reflections in the columns of A.
template <class T>
void applyQ(View<T> A, int64_t steps, const T* tau, bool transposed, View<T> C) {
  for (int64_t k = 0; k < steps; k++) {
    int64_t j = transposed ? k : steps - 1 - k;
    reflect(A, j, tau[j], C);
  }
}

/// A = V diag(w) V^T, w ascending; V in the place of A. Cyclic Jacobi (Golub and Van Loan, Matrix Computations, 8.5).
template <class T>
void eigenvalues(View<T> A, bool lower, bool vectors, T* w) {
  int64_t n = A.rows;
  Dense<T> copy(n, n), basis(n, n);
  View<T> S = copy.view, V = basis.view;
  for (int64_t j = 0; j < n; j++) {
    for (int64_t i = 0; i < n; i++) {
      S(i, j) = (lower ? i >= j : i <= j) ? A(i, j) : A(j, i);
    }
    V(j, j) = 1;
  }
  for (int sweep = 0; sweep < 60; sweep++) {
    T off = 0, all = 0;
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < n; i++) {
        all += S(i, j) * S(i, j);
        off += i == j ? 0 : S(i, j) * S(i, j);
      }
    }
    T eps = std::numeric_limits<T>::epsilon();
    if (!(off > eps * eps * all)) {
      break;
    }
    for (int64_t p = 0; p < n; p++) {
      for (int64_t q = p + 1; q < n; q++) {
        if (S(p, q) == 0) {
          continue;
        }
        T theta = (S(q, q) - S(p, p)) / (2 * S(p, q));
        T t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        T c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (int64_t k = 0; k < n; k++) {
          T x = S(k, p), y = S(k, q);
          S(k, p) = c * x - s * y;
          S(k, q) = s * x + c * y;
        }
        for (int64_t k = 0; k < n; k++) {
          T x = S(p, k), y = S(q, k);
          S(p, k) = c * x - s * y;
          S(q, k) = s * x + c * y;
        }
        for (int64_t k = 0; k < n; k++) {
          T x = V(k, p), y = V(k, q);
          V(k, p) = c * x - s * y;
          V(k, q) = s * x + c * y;
        }
      }
    }
  }
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return S(a, a) < S(b, b); });
  for (int64_t j = 0; j < n; j++) {
    w[j] = S(order[j], order[j]);
    for (int64_t i = 0; vectors && i < n; i++) {
      A(i, j) = V(i, order[j]);
    }
  }
}

}  // namespace simulated
