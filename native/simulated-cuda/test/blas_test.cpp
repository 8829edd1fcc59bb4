// cuBLAS and cuSOLVER against plain loops, in every case of their switches.
#include "harness.h"

#define SIGNATURES(T, I, D, L, S)                                                                               \
  int cublas##D##gemm_v2##S(void*, int, int, I, I, I, const T*, const T*, I, const T*, I, const T*, T*, I);     \
  int cublas##D##gemmStridedBatched##S(void*, int, int, I, I, I, const T*, const T*, I, long long, const T*, I, \
                                       long long, const T*, T*, I, long long, I);                               \
  int cublas##D##syrk_v2##S(void*, int, int, I, I, const T*, const T*, I, const T*, T*, I);                     \
  int cublas##D##syrkx##S(void*, int, int, I, I, const T*, const T*, I, const T*, I, const T*, T*, I);          \
  int cublas##D##trmm_v2##S(void*, int, int, int, int, I, I, const T*, const T*, I, const T*, I, T*, I);        \
  int cublas##D##trsm_v2##S(void*, int, int, int, int, I, I, const T*, const T*, I, T*, I);                     \
  int cublas##D##trsv_v2##S(void*, int, int, int, I, const T*, I, T*, I);                                       \
  int cublas##D##gemv_v2##S(void*, int, I, I, const T*, const T*, I, const T*, I, const T*, T*, I);             \
  int cublas##D##symv_v2##S(void*, int, I, const T*, const T*, I, const T*, I, const T*, T*, I);                \
  int cublas##D##ger_v2##S(void*, I, I, const T*, const T*, I, const T*, I, T*, I);                             \
  int cublas##D##geam##S(void*, int, int, I, I, const T*, const T*, I, const T*, const T*, I, T*, I);           \
  int cublas##D##dgmm##S(void*, int, I, I, const T*, I, const T*, I, T*, I);                                    \
  int cublas##D##dot_v2##S(void*, I, const T*, I, const T*, I, T*);                                             \
  int cublas##D##nrm2_v2##S(void*, I, const T*, I, T*);                                                         \
  int cublas##D##asum_v2##S(void*, I, const T*, I, T*);                                                         \
  int cublas##D##axpy_v2##S(void*, I, const T*, const T*, I, T*, I);                                            \
  int cublas##D##scal_v2##S(void*, I, const T*, T*, I);                                                         \
  int cublas##D##copy_v2##S(void*, I, const T*, I, T*, I);                                                      \
  int cublasI##L##amax_v2##S(void*, I, const T*, I, I*);
extern "C" {
SIGNATURES(double, int, D, d, )
SIGNATURES(double, int64_t, D, d, _64)
SIGNATURES(float, int, S, s, )
SIGNATURES(float, int64_t, S, s, _64)
int cublasSetWorkspace_v2(void*, void*, size_t);
int cusolverDnSetStream(void*, void*);
int cusolverDnDpotrf_bufferSize(void*, int, int, double*, int, int*);
int cusolverDnDpotrf(void*, int, int, double*, int, double*, int, int*);
int cusolverDnDpotrs(void*, int, int, int, const double*, int, double*, int, int*);
int cusolverDnXtrtri_bufferSize(void*, int, int, int64_t, int, void*, int64_t, size_t*, size_t*);
int cusolverDnXtrtri(void*, int, int, int64_t, int, void*, int64_t, void*, size_t, void*, size_t, int*);
int cusolverDnDgeqrf_bufferSize(void*, int, int, double*, int, int*);
int cusolverDnDgeqrf(void*, int, int, double*, int, double*, double*, int, int*);
int cusolverDnDorgqr(void*, int, int, int, double*, int, const double*, double*, int, int*);
int cusolverDnDormqr(void*, int, int, int, int, int, const double*, int, const double*, double*, int, double*, int, int*);
int cusolverDnDsyevd_bufferSize(void*, int, int, int, const double*, int, const double*, int*);
int cusolverDnDsyevd(void*, int, int, int, double*, int, double*, double*, int, int*);
}

static uint64_t seed = 1;

template <class T>
static std::vector<T> randoms(size_t n) {
  std::vector<T> to(n);
  for (T& x : to) {
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    x = static_cast<T>(static_cast<double>(seed >> 11) / (1ull << 53) - 0.5);
  }
  return to;
}

/// A column-major matrix on the host.
template <class T>
struct Matrix {
  int rows, columns, leading;
  std::vector<T> entries;

  Matrix(int m, int n, int extra = 3) : rows(m), columns(n), leading(m + extra), entries(randoms<T>((m + extra) * n)) {}
  T& operator()(int i, int j) { return entries[static_cast<size_t>(j) * leading + i]; }
  T operator()(int i, int j) const { return entries[static_cast<size_t>(j) * leading + i]; }
  T op(int operation, int i, int j) const { return operation == 0 ? (*this)(i, j) : (*this)(j, i); }
};

/// Entry of the triangle that counts; what is in the other must not be looked at.
template <class T>
static T triangle(const Matrix<T>& A, int uplo, int diagonal, int i, int j) {
  if (i == j) {
    return diagonal == 1 ? 1 : A(i, i);
  }
  return (uplo == 0 ? i > j : i < j) ? A(i, j) : 0;
}

template <class T>
static void expectEqual(const Matrix<T>& got, const Matrix<T>& expected, double scale, const char* what) {
  double bound = scale * (sizeof(T) == 8 ? 2e-16 : 1.2e-7);
  for (size_t k = 0; k < got.entries.size(); k++) {
    if (!(std::abs(static_cast<double>(got.entries[k]) - expected.entries[k]) <= bound)) {
      fprintf(stderr, "%s: entry %zu is %.17g, not %.17g\n", what, k, static_cast<double>(got.entries[k]),
              static_cast<double>(expected.entries[k]));
      exit(3);
    }
  }
}

struct Blas : Card {
  void* handle = nullptr;

  Blas() {
    EXPECT(cublasCreate_v2(&handle) == 0);
    EXPECT(cublasSetStream_v2(handle, stream) == 0);
  }
  ~Blas() { EXPECT(cublasDestroy_v2(handle) == 0); }

  template <class T>
  Matrix<T> host(const Array<T>& from, Matrix<T> shape) {
    shape.entries = from.host(stream);
    return shape;
  }
};

template <class T>
static double epsilon() {
  return sizeof(T) == 8 ? 2e-16 : 1.2e-7;
}

/// The functions for numbers T and sizes I.
template <class T, class I>
struct Of;
#define FORMS(T, I, D, L, S)                                                     \
  template <>                                                                    \
  struct Of<T, I> {                                                              \
    using Size = I;                                                              \
    static constexpr auto gemm = cublas##D##gemm_v2##S;                          \
    static constexpr auto gemmStridedBatched = cublas##D##gemmStridedBatched##S; \
    static constexpr auto syrk = cublas##D##syrk_v2##S;                          \
    static constexpr auto syrkx = cublas##D##syrkx##S;                           \
    static constexpr auto trmm = cublas##D##trmm_v2##S;                          \
    static constexpr auto trsm = cublas##D##trsm_v2##S;                          \
    static constexpr auto trsv = cublas##D##trsv_v2##S;                          \
    static constexpr auto gemv = cublas##D##gemv_v2##S;                          \
    static constexpr auto symv = cublas##D##symv_v2##S;                          \
    static constexpr auto ger = cublas##D##ger_v2##S;                            \
    static constexpr auto geam = cublas##D##geam##S;                             \
    static constexpr auto dgmm = cublas##D##dgmm##S;                             \
    static constexpr auto dot = cublas##D##dot_v2##S;                            \
    static constexpr auto nrm2 = cublas##D##nrm2_v2##S;                          \
    static constexpr auto asum = cublas##D##asum_v2##S;                          \
    static constexpr auto amax = cublasI##L##amax_v2##S;                         \
    static constexpr auto axpy = cublas##D##axpy_v2##S;                          \
    static constexpr auto scal = cublas##D##scal_v2##S;                          \
    static constexpr auto copy = cublas##D##copy_v2##S;                          \
  };
FORMS(double, int, D, d, )
FORMS(double, int64_t, D, d, _64)
FORMS(float, int, S, s, )
FORMS(float, int64_t, S, s, _64)

/// For both precisions, with int and with 64-bit sizes.
#define TEST_OF_ALL_FORMS(name)              \
  template <class T, class F>                \
  static void name##Of();                    \
  TEST(name) {                               \
    name##Of<double, Of<double, int>>();     \
    name##Of<double, Of<double, int64_t>>(); \
    name##Of<float, Of<float, int>>();       \
    name##Of<float, Of<float, int64_t>>();   \
  }                                          \
  template <class T, class F>                \
  static void name##Of()

TEST_OF_ALL_FORMS(gemmEqualsLoops) {
  Blas blas;
  for (int transa : {0, 1, 2}) {
    for (int transb : {0, 1}) {
      for (T beta : {T(0), T(1), T(-0.5)}) {
        for (auto size : std::vector<std::vector<int>>{{1, 1, 1}, {7, 5, 300}, {101, 17, 9}, {13, 99, 33}}) {
          int m = size[0], n = size[1], k = size[2];
          Matrix<T> A(transa ? k : m, transa ? m : k), B(transb ? n : k, transb ? k : n), C(m, n);
          T alpha = 1.5;
          Array<T> a(A.entries), b(B.entries), c(C.entries);
          EXPECT(F::gemm(blas.handle, transa, transb, m, n, k, &alpha, a.at, A.leading, b.at, B.leading, &beta,
                                c.at, C.leading) == 0);
          Matrix<T> expected = C;
          for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
              double sum = 0;
              for (int p = 0; p < k; p++) {
                sum += A.op(transa, i, p) * B.op(transb, p, j);
              }
              expected(i, j) = alpha * sum + (beta == 0 ? 0 : beta * C(i, j));
            }
          }
          expectEqual(blas.host(c, C), expected, 20 + k, "gemm");
        }
      }
    }
  }
}

TEST_OF_ALL_FORMS(batchedGemmEqualsLoops) {
  Blas blas;
  int m = 5, n = 6, k = 40, count = 7;
  Matrix<T> A(k, m * count, 2), B(k, n * count, 1), C(m, n * count, 0);
  T alpha = 2, beta = 0;
  Array<T> a(A.entries), b(B.entries), c(C.entries.size());  // C is not read
  EXPECT(F::gemmStridedBatched(blas.handle, 1, 0, m, n, k, &alpha, a.at, A.leading, 1LL * m * A.leading, b.at,
                                   B.leading, 1LL * n * B.leading, &beta, c.at, m, 1LL * m * n, count) == 0);
  Matrix<T> expected = C;
  for (int g = 0; g < count; g++) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int p = 0; p < k; p++) {
          sum += A(p, g * m + i) * B(p, g * n + j);
        }
        expected(i, g * n + j) = alpha * sum;
      }
    }
  }
  expectEqual(blas.host(c, C), expected, 2 * k, "gemmStridedBatched");
}

TEST_OF_ALL_FORMS(symmetricProductsEqualLoops) {
  Blas blas;
  for (int uplo : {0, 1}) {
    for (int operation : {0, 1}) {
      for (T beta : {T(0), T(0.75)}) {
        for (auto size : std::vector<std::vector<int>>{{1, 4}, {19, 300}, {130, 7}}) {
          int n = size[0], k = size[1];
          Matrix<T> A(operation ? k : n, operation ? n : k), B(operation ? k : n, operation ? n : k), C(n, n);
          T alpha = -1.25;
          Array<T> a(A.entries), b(B.entries), c(C.entries), d(C.entries);
          EXPECT(F::syrkx(blas.handle, uplo, operation, n, k, &alpha, a.at, A.leading, b.at, B.leading, &beta,
                              c.at, C.leading) == 0);
          EXPECT(F::syrk(blas.handle, uplo, operation, n, k, &alpha, a.at, A.leading, &beta, d.at,
                                   C.leading) == 0);
          Matrix<T> one = C, two = C;
          for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
              if (uplo == 0 ? i < j : i > j) {
                continue;  // stays as it was
              }
              double x = 0, y = 0;
              for (int p = 0; p < k; p++) {
                x += A.op(operation, i, p) * B.op(operation, j, p);
                y += A.op(operation, i, p) * A.op(operation, j, p);
              }
              one(i, j) = alpha * x + (beta == 0 ? 0 : beta * C(i, j));
              two(i, j) = alpha * y + (beta == 0 ? 0 : beta * C(i, j));
            }
          }
          expectEqual(blas.host(c, C), one, 20 + k, "syrkx");
          expectEqual(blas.host(d, C), two, 20 + k, "syrk");
        }
      }
    }
  }
}

TEST_OF_ALL_FORMS(triangularProductsAndSolvesEqualLoops) {
  Blas blas;
  for (int side : {0, 1}) {
    for (int uplo : {0, 1}) {
      for (int operation : {0, 1}) {
        for (int diagonal : {0, 1}) {
          for (auto size : std::vector<std::vector<int>>{{3, 4}, {120, 11}, {9, 131}}) {
            int m = size[0], n = size[1], order = side == 0 ? m : n;
            Matrix<T> A(order, order), B(m, n), C(m, n);
            for (T& x : A.entries) {
              x /= order;  // well conditioned also with ones on the diagonal
            }
            for (int i = 0; i < order; i++) {
              A(i, i) += 2;
            }
            T alpha = 0.5, inverse = 1 / alpha;
            Array<T> a(A.entries), b(B.entries), c(C.entries);
            EXPECT(F::trmm(blas.handle, side, uplo, operation, diagonal, m, n, &alpha, a.at, A.leading, b.at,
                                  B.leading, c.at, C.leading) == 0);
            Matrix<T> expected = C;
            for (int i = 0; i < m; i++) {
              for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int p = 0; p < order; p++) {
                  int r = side == 0 ? i : p, s = side == 0 ? p : j;
                  double t = operation == 0 ? triangle(A, uplo, diagonal, r, s) : triangle(A, uplo, diagonal, s, r);
                  sum += side == 0 ? t * B(p, j) : B(i, p) * t;
                }
                expected(i, j) = alpha * sum;
              }
            }
            expectEqual(blas.host(c, C), expected, 100, "trmm");
            // the solve gives B back
            EXPECT(F::trsm(blas.handle, side, uplo, operation, diagonal, m, n, &inverse, a.at, A.leading,
                                     c.at, C.leading) == 0);
            Matrix<T> back = C;
            for (int i = 0; i < m; i++) {
              for (int j = 0; j < n; j++) {
                back(i, j) = B(i, j);
              }
            }
            expectEqual(blas.host(c, C), back, 1000, "trsm");
            if (side == 0) {  // one column, every second entry of a vector
              std::vector<T> x(2 * m, 7);
              for (int i = 0; i < m; i++) {
                x[2 * i] = expected(i, 0) / alpha;
              }
              Array<T> X(x);
              EXPECT(F::trsv(blas.handle, uplo, operation, diagonal, m, a.at, A.leading, X.at, 2) == 0);
              auto solved = X.host(blas.stream);
              for (int i = 0; i < m; i++) {
                EXPECT(std::abs(solved[2 * i] - B(i, 0)) < 5000 * epsilon<T>() && solved[2 * i + 1] == 7);
              }
            }
          }
        }
      }
    }
  }
}

TEST_OF_ALL_FORMS(matrixVectorFunctionsEqualLoops) {
  Blas blas;
  int m = 37, n = 21;
  Matrix<T> A(m, n);
  T alpha = 1.5, beta = -2;
  auto X = randoms<T>(2 * m), Y = randoms<T>(2 * m);
  for (int operation : {0, 1}) {
    Array<T> a(A.entries), x(X), y(Y);
    EXPECT(F::gemv(blas.handle, operation, m, n, &alpha, a.at, A.leading, x.at, 2, &beta, y.at, 1) == 0);
    auto got = y.host(blas.stream);
    for (int i = 0; i < (operation ? n : m); i++) {
      double sum = 0;
      for (int p = 0; p < (operation ? m : n); p++) {
        sum += A.op(operation, i, p) * X[2 * p];
      }
      EXPECT(std::abs(got[i] - (alpha * sum + beta * Y[i])) < 500 * epsilon<T>());
    }
    EXPECT(got[2 * m - 1] == Y[2 * m - 1]);
  }
  Matrix<T> S(n, n);
  for (int uplo : {0, 1}) {
    Array<T> s(S.entries), x(X), y(Y);
    EXPECT(F::symv(blas.handle, uplo, n, &alpha, s.at, S.leading, x.at, 1, &beta, y.at, 2) == 0);
    auto got = y.host(blas.stream);
    for (int i = 0; i < n; i++) {
      double sum = 0;
      for (int p = 0; p < n; p++) {
        sum += ((uplo == 0) == (i >= p) ? S(i, p) : S(p, i)) * X[p];
      }
      EXPECT(std::abs(got[2 * i] - (alpha * sum + beta * Y[2 * i])) < 500 * epsilon<T>() && got[2 * i + 1] == Y[2 * i + 1]);
    }
  }
  Array<T> a(A.entries), x(X), y(Y), d(A.entries), c(A.entries);
  EXPECT(F::ger(blas.handle, m, n, &alpha, x.at, 1, y.at, 2, a.at, A.leading) == 0);
  for (int side : {0, 1}) {
    EXPECT(F::dgmm(blas.handle, side, m, n, d.at, A.leading, x.at, 1, c.at, A.leading) == 0);
    Matrix<T> got = blas.host(c, A);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        EXPECT(got(i, j) == A(i, j) * X[side == 0 ? i : j]);
      }
    }
  }
  Matrix<T> got = blas.host(a, A);
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      EXPECT(std::abs(got(i, j) - (A(i, j) + alpha * X[i] * Y[2 * j])) < 20 * epsilon<T>());
    }
  }
  for (int transa : {0, 1}) {
    for (int transb : {0, 1}) {
      Matrix<T> P(transa ? n : m, transa ? m : n), Q(transb ? n : m, transb ? m : n), R(m, n);
      Array<T> p(P.entries), q(Q.entries), r(R.entries.size());
      EXPECT(F::geam(blas.handle, transa, transb, m, n, &alpha, p.at, P.leading, &beta, q.at, Q.leading, r.at,
                         m) == 0);
      auto sums = std::vector<T>(m * n);
      blas.wait();
      EXPECT(cuMemcpyDtoH_v2(sums.data(), r.at, sizeof(T) * m * n) == 0);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          EXPECT(std::abs(sums[j * m + i] - (alpha * P.op(transa, i, j) + beta * Q.op(transb, i, j))) < 20 * epsilon<T>());
        }
      }
    }
  }
}

TEST_OF_ALL_FORMS(vectorFunctionsEqualLoopsInBothPointerModes) {
  Blas blas;
  int n = 333;
  auto X = randoms<T>(n), Y = randoms<T>(n);
  X[77] = -3;
  Array<T> x(X), y(Y), results(3), scalar(std::vector<T>{1.5}), z(n);
  Array<typename F::Size> place(1);
  double dot = 0, norm = 0, sum = 0;
  T largest[3];
  for (int k = 0; k < n; k++) {
    dot += X[k] * Y[k];
    norm += X[k] * X[k];
    sum += std::abs(X[k]);
  }
  typename F::Size index;
  EXPECT(F::dot(blas.handle, n, x.at, 1, y.at, 1, largest) == 0);
  EXPECT(F::nrm2(blas.handle, n, x.at, 1, largest + 1) == 0);
  EXPECT(F::asum(blas.handle, n, x.at, 1, largest + 2) == 0);
  EXPECT(F::amax(blas.handle, n, x.at, 1, &index) == 0);
  EXPECT(index == 78);
  EXPECT(std::abs(largest[0] - dot) < 5000 * epsilon<T>() && std::abs(largest[1] - std::sqrt(norm)) < 5000 * epsilon<T>() &&
         std::abs(largest[2] - sum) < 5000 * epsilon<T>());
  EXPECT(cublasSetPointerMode_v2(blas.handle, 1) == 0);
  EXPECT(F::dot(blas.handle, n, x.at, 1, y.at, 1, results.at) == 0);
  EXPECT(F::nrm2(blas.handle, n, x.at, 1, results.at + 1) == 0);
  EXPECT(F::asum(blas.handle, n, x.at, 1, results.at + 2) == 0);
  EXPECT(F::amax(blas.handle, n, x.at, 1, place.at) == 0);
  auto later = results.host(blas.stream);
  EXPECT(later[0] == largest[0] && later[1] == largest[1] && later[2] == largest[2]);
  EXPECT(place.host(blas.stream)[0] == 78);
  EXPECT(F::copy(blas.handle, n, y.at, 1, z.at, 1) == 0);
  EXPECT(F::axpy(blas.handle, n, scalar.at, x.at, 1, z.at, 1) == 0);
  EXPECT(F::scal(blas.handle, n, scalar.at, z.at, 1) == 0);
  auto Z = z.host(blas.stream);
  for (int k = 0; k < n; k++) {
    EXPECT(std::abs(Z[k] - 1.5 * (1.5 * X[k] + Y[k])) < 20 * epsilon<T>());
  }
  EXPECT(F::dot(blas.handle, n, x.at, 1, y.at, 1, largest) != 0);
  expectFault("result");
  EXPECT(cublasSetPointerMode_v2(blas.handle, 0) == 0);
  EXPECT(F::scal(blas.handle, n, scalar.at, z.at, 1) != 0);
  expectFault("the pointer mode is the host's");
}

TEST(blasRefusesWhatACardWouldPunish) {
  Blas blas;
  double one = 1, zero = 0;
  Matrix<double> A(10, 10, 0);
  Array<double> a(A.entries), c(100), unwritten(100);
  void* h = blas.handle;
  EXPECT(cublasDgemm_v2(h, 0, 0, 10, 10, 10, &one, a.at, 10, a.at + 1, 10, &zero, c.at, 10) != 0);
  expectFault("cublasDgemm_v2: B, 800 bytes");
  EXPECT(cublasDgemm_v2(h, 0, 0, 10, 10, 10, &one, a.at, 9, a.at, 10, &zero, c.at, 10) == 7);
  expectFault("leading dimension 9");
  EXPECT(cublasDgemm_v2(h, 0, 0, 10, 10, 10, &one, a.at, 10, a.at, 10, &zero, a.at, 10) != 0);
  expectFault("C and A overlap");
  EXPECT(cublasDgemm_v2(h, 0, 0, 10, 10, 10, &one, a.at, 10, unwritten.at, 10, &zero, c.at, 10) == 0);
  blas.wait();
  expectFault("B(0, 0) was never written");
  EXPECT(cublasDgemm_v2(h, 0, 0, 10, 10, 10, &one, a.at, 10, a.at, 10, &one, unwritten.at, 10) == 0);
  blas.wait();
  expectFault("C(0, 0) was never written");
  // one triangle alone is read
  Array<double> S(100);
  EXPECT(cublasDsyrk_v2(h, 1, 0, 10, 10, &one, a.at, 10, &zero, S.at, 10) == 0);
  EXPECT(cublasDsyrk_v2(h, 1, 0, 10, 10, &one, a.at, 10, &one, S.at, 10) == 0);
  Array<double> x(std::vector<double>(10, 1.0));
  EXPECT(cublasDsymv_v2(h, 1, 10, &one, S.at, 10, a.at, 1, &one, x.at, 1) == 0);
  blas.wait();
  EXPECT(faults() == 0);
  EXPECT(cublasDsymv_v2(h, 0, 10, &one, S.at, 10, a.at, 1, &one, x.at, 1) == 0);
  blas.wait();
  expectFault("A(1, 0) was never written");
  // the workspace is the library's
  EXPECT(cublasSetWorkspace_v2(h, x.at, 80) == 0);
  EXPECT(cublasDscal_v2(h, 100, &one, a.at, 1) == 0);
  x.host(blas.stream);
  expectFault("reads memory that nobody wrote");
}

struct Solver : Card {
  void* handle = nullptr;

  Solver() {
    EXPECT(cusolverDnCreate(&handle) == 0);
    EXPECT(cusolverDnSetStream(handle, stream) == 0);
  }
  ~Solver() { EXPECT(cusolverDnDestroy(handle) == 0); }
};

static Matrix<double> positiveDefinite(int n) {
  Matrix<double> B(n, n), A(n, n);
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      double sum = i == j ? n : 0;
      for (int k = 0; k < n; k++) {
        sum += B(i, k) * B(j, k);
      }
      A(i, j) = sum;
    }
  }
  return A;
}

TEST(choleskyAndTriangularInverse) {
  Solver solver;
  for (int n : {1, 5, 48, 49, 173}) {
    for (int uplo : {0, 1}) {
      Matrix<double> A = positiveDefinite(n), B(n, 4);
      Array<double> a(A.entries), b(B.entries), inverse(A.entries.size());
      Array<int> info(1);
      int numbers;
      EXPECT(cusolverDnDpotrf_bufferSize(solver.handle, uplo, n, a.at, A.leading, &numbers) == 0);
      Array<double> work(numbers);
      EXPECT(cusolverDnDpotrf(solver.handle, uplo, n, a.at, A.leading, work.at, numbers, info.at) == 0);
      EXPECT(cusolverDnDpotrs(solver.handle, uplo, n, 4, a.at, A.leading, b.at, B.leading, info.at) == 0);
      EXPECT(info.host(solver.stream)[0] == 0);
      Matrix<double> F = A, X = B, I = A;
      F.entries = a.host(solver.stream);
      X.entries = b.host(solver.stream);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int k = 0; k < n; k++) {
            sum += uplo == 0 ? triangle(F, 0, 0, i, k) * triangle(F, 0, 0, j, k)
                             : triangle(F, 1, 0, k, i) * triangle(F, 1, 0, k, j);
          }
          EXPECT(std::abs(sum - A(i, j)) < 1e-14 * n * n);
          EXPECT((uplo == 0 ? i >= j : i <= j) || F(i, j) == A(i, j));  // the other triangle stays
        }
        for (int j = 0; j < 4; j++) {
          double sum = 0;
          for (int k = 0; k < n; k++) {
            sum += A(i, k) * X(k, j);
          }
          EXPECT(std::abs(sum - B(i, j)) < 1e-13 * n);
        }
      }
      size_t bytes, onHost;
      EXPECT(cusolverDnXtrtri_bufferSize(solver.handle, uplo, 0, n, 1, a.at, A.leading, &bytes, &onHost) == 0);
      Array<char> more(bytes);
      EXPECT(cusolverDnXtrtri(solver.handle, uplo, 0, n, 1, a.at, A.leading, more.at, bytes, nullptr, onHost,
                              info.at) == 0);
      I.entries = a.host(solver.stream);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int k = 0; k < n; k++) {
            sum += triangle(F, uplo, 0, i, k) * triangle(I, uplo, 0, k, j);
          }
          EXPECT(std::abs(sum - (i == j)) < 1e-13 * n);
        }
      }
    }
  }
}

TEST(indefiniteMatrixHasItsInfo) {
  Solver solver;
  Matrix<double> A = positiveDefinite(60);
  A(54, 54) = -1;
  for (int uplo : {0, 1}) {
    Array<double> a(A.entries), work(60 * 64);
    Array<int> info(1);
    EXPECT(cusolverDnDpotrf(solver.handle, uplo, 60, a.at, A.leading, work.at, 60 * 64, info.at) == 0);
    EXPECT(info.host(solver.stream)[0] == 55);
  }
  Array<double> a(A.entries), work(3);
  Array<int> info(1);
  EXPECT(cusolverDnDpotrf(solver.handle, 0, 60, a.at, A.leading, work.at, 3, info.at) == 3);
  expectFault("the workspace has 24 bytes");
}

TEST(qrFactorsMultiplyBack) {
  Solver solver;
  for (auto size : std::vector<std::vector<int>>{{1, 1}, {7, 7}, {150, 20}}) {
    int m = size[0], n = size[1];
    Matrix<double> A(m, n), C(m, 3), D(3, m);
    Array<double> a(A.entries), q(A.entries), tau(n), c(C.entries), d(D.entries);
    Array<int> info(1);
    int numbers;
    EXPECT(cusolverDnDgeqrf_bufferSize(solver.handle, m, n, a.at, A.leading, &numbers) == 0);
    numbers = std::max(numbers, 32 * std::max(m, 3));  // for C as well
    Array<double> work(numbers);
    EXPECT(cusolverDnDgeqrf(solver.handle, m, n, a.at, A.leading, tau.at, work.at, numbers, info.at) == 0);
    EXPECT(cuMemcpyDtoDAsync_v2(q.at, a.at, A.entries.size() * 8, solver.stream) == 0);
    EXPECT(cusolverDnDorgqr(solver.handle, m, n, n, q.at, A.leading, tau.at, work.at, numbers, info.at) == 0);
    Matrix<double> R = A, Q = A;
    R.entries = a.host(solver.stream);
    Q.entries = q.host(solver.stream);
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int k = 0; k <= j; k++) {
          sum += Q(i, k) * R(k, j);
        }
        EXPECT(std::abs(sum - A(i, j)) < 1e-13);
      }
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int k = 0; k < m; k++) {
          sum += Q(k, i) * Q(k, j);
        }
        EXPECT(std::abs(sum - (i == j)) < 1e-13);
      }
    }
    // Q^T C, its first n rows by Q above; then Q gives C back, and so from the right
    EXPECT(cusolverDnDormqr(solver.handle, 0, 1, m, 3, n, a.at, A.leading, tau.at, c.at, C.leading, work.at, numbers,
                            info.at) == 0);
    Matrix<double> turned = C;
    turned.entries = c.host(solver.stream);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < 3; j++) {
        double sum = 0;
        for (int k = 0; k < m; k++) {
          sum += Q(k, i) * C(k, j);
        }
        EXPECT(std::abs(sum - turned(i, j)) < 1e-13);
      }
    }
    EXPECT(cusolverDnDormqr(solver.handle, 0, 0, m, 3, n, a.at, A.leading, tau.at, c.at, C.leading, work.at, numbers,
                            info.at) == 0);
    turned.entries = c.host(solver.stream);
    expectEqual(turned, C, 1000, "ormqr");
    EXPECT(cusolverDnDormqr(solver.handle, 1, 0, 3, m, n, a.at, A.leading, tau.at, d.at, D.leading, work.at, numbers,
                            info.at) == 0);
    Matrix<double> right = D;
    right.entries = d.host(solver.stream);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < m; k++) {
          sum += D(i, k) * Q(k, j);
        }
        EXPECT(std::abs(sum - right(i, j)) < 1e-13);
      }
    }
  }
}

TEST(eigenvaluesMultiplyBack) {
  Solver solver;
  for (int n : {1, 6, 80}) {
    for (int uplo : {0, 1}) {
      Matrix<double> A(n, n);
      Array<double> a(A.entries), w(n);
      Array<int> info(1);
      int numbers;
      EXPECT(cusolverDnDsyevd_bufferSize(solver.handle, 1, uplo, n, a.at, A.leading, w.at, &numbers) == 0);
      Array<double> work(numbers);
      EXPECT(cusolverDnDsyevd(solver.handle, 1, uplo, n, a.at, A.leading, w.at, work.at, numbers, info.at) == 0);
      Matrix<double> V = A;
      V.entries = a.host(solver.stream);
      auto W = w.host(solver.stream);
      for (int j = 0; j < n; j++) {
        EXPECT(j == 0 || W[j - 1] <= W[j]);
        for (int i = 0; i < n; i++) {
          double product = 0, square = 0;
          for (int k = 0; k < n; k++) {
            product += ((uplo == 0) == (i >= k) ? A(i, k) : A(k, i)) * V(k, j);
            square += V(k, i) * V(k, j);
          }
          EXPECT(std::abs(product - W[j] * V(i, j)) < 1e-13 * n);
          EXPECT(std::abs(square - (i == j)) < 1e-13 * n);
        }
      }
    }
  }
}
