// libcublas.so.12: each function checks what it is given, and puts its work into the stream of the handle.
#include <cstdio>
#include <set>

#include "../device/device.h"
#include "dense.h"
#include "operands.h"

using namespace simulated;

namespace {

enum Status { OK = 0, NOT_READY_YET = 1, BAD_VALUE = 7, FAILED = 13 };
enum { LOWER = 0, UPPER = 1 };
enum { LEFT = 0, RIGHT = 1 };

struct Handle {
  void* stream = nullptr;
  int pointerMode = 0;
  int mathMode = 0;
  void* workspace = nullptr;
  size_t workspaceSize = 0;
};

const char* const KIND = "cuBLAS handle";

int statusOf(int error) { return error == SUCCESS ? OK : error == INVALID_CONTEXT ? NOT_READY_YET : FAILED; }

/// A call: its operands are checked one by one, then it counts as a launch and is put into the stream.
struct Call : Operands {
  Handle* handle;
  Stream* stream = nullptr;
  int status = OK;

  Call(void* h, const char* name) : Operands(name), handle(static_cast<Handle*>(h)) {
    if (int error = enter(name)) {
      status = statusOf(error);
    } else if (!isHandle(h, KIND, name)) {
      status = NOT_READY_YET;
    } else {
      stream = streamOf(handle->stream, name);
      status = stream == nullptr ? FAILED : OK;
    }
  }

  bool device() const { return handle->pointerMode == 1; }

  /// A scalar argument: read now from the host, or later from the device.
  template <class T>
  Scalar<T> scalar(const char* what, const T* p) {
    if (status != OK) {
      return {};
    }
    return Operands::scalar(what, p, device());
  }

  template <class Work>
  int run(Work work) {
    if (status != OK) {
      return status;
    }
    if (!valid) {
      return wrongAddress ? FAILED : BAD_VALUE;
    }
    if (launching(function) != SUCCESS) {
      return FAILED;
    }
    if (handle->workspace != nullptr && check(function, "workspace", handle->workspace, handle->workspaceSize)) {
      void* workspace = handle->workspace;
      size_t size = std::min<size_t>(handle->workspaceSize, 4096);
      enqueue(stream, [=] { fillPoison(workspace, size); });
    }
    auto reads = this->reads;
    const char* name = function;
    enqueue(stream, [=] {
      for (auto& read : reads) {
        read.check(name);
      }
      work();
    });
    return OK;
  }

  /// A result argument: with the host's pointers the call waits for it.
  template <class R, class Work>
  int result(R* to, Work work) {
    if (status != OK) {
      return status;
    }
    if (device()) {
      span("result", to, sizeof(R));
      return run([=] { *to = work(); });
    }
    if (to == nullptr || hostCannotReach(to)) {
      fault("%s: the result's address is the device's, but the pointer mode is the host's", function);
      return BAD_VALUE;
    }
    int early = run([=] { *to = work(); });
    return early != OK ? early : statusOf(simulated::run(stream));
  }
};

bool isTransposed(int operation) { return operation != 0; }

// ---- level 1

template <class T, class I>
int axpy(void* h, const char* name, I n, const T* alpha, const T* x, I incx, T* y, I incy) {
  Call call(h, name);
  auto a = call.scalar("alpha", alpha);
  auto X = call.readVector("x", x, n, incx);
  auto Y = call.changeVector("y", y, n, incy);
  return call.run([=] {
    for (int64_t i = 0; i < n; i++) {
      Y(i, 0) += a() * X(i, 0);
    }
  });
}

template <class T, class I>
int scal(void* h, const char* name, I n, const T* alpha, T* x, I incx) {
  Call call(h, name);
  auto a = call.scalar("alpha", alpha);
  auto X = call.changeVector("x", x, n, incx);
  return call.run([=] {
    for (int64_t i = 0; i < n; i++) {
      X(i, 0) *= a();
    }
  });
}

template <class T, class I>
int copy(void* h, const char* name, I n, const T* x, I incx, T* y, I incy) {
  Call call(h, name);
  auto X = call.readVector("x", x, n, incx);
  auto Y = call.writeVector("y", y, n, incy);
  return call.run([=] {
    for (int64_t i = 0; i < n; i++) {
      Y(i, 0) = X(i, 0);
    }
  });
}

template <class T, class I>
int dot(void* h, const char* name, I n, const T* x, I incx, const T* y, I incy, T* result) {
  Call call(h, name);
  auto X = call.readVector("x", x, n, incx);
  auto Y = call.readVector("y", y, n, incy);
  return call.result(result, [=] {
    T sum = 0;
    for (int64_t i = 0; i < n; i++) {
      sum += X(i, 0) * Y(i, 0);
    }
    return sum;
  });
}

template <class T, class I>
int nrm2(void* h, const char* name, I n, const T* x, I incx, T* result) {
  Call call(h, name);
  auto X = call.readVector("x", x, n, incx);
  return call.result(result, [=] {
    T largest = 0;
    for (int64_t i = 0; i < n; i++) {
      largest = std::isnan(X(i, 0)) ? X(i, 0) : std::max(largest, std::abs(X(i, 0)));
    }
    T sum = 0;
    for (int64_t i = 0; i < n && largest != 0; i++) {
      T scaled = X(i, 0) / largest;
      sum += scaled * scaled;
    }
    return largest * std::sqrt(sum);
  });
}

template <class T, class I>
int asum(void* h, const char* name, I n, const T* x, I incx, T* result) {
  Call call(h, name);
  auto X = call.readVector("x", x, n, incx);
  return call.result(result, [=] {
    T sum = 0;
    for (int64_t i = 0; i < n; i++) {
      sum += std::abs(X(i, 0));
    }
    return sum;
  });
}

template <class T, class I>
int amax(void* h, const char* name, I n, const T* x, I incx, I* result) {
  Call call(h, name);
  auto X = call.readVector("x", x, n, incx);
  return call.result(result, [=] {
    int64_t best = 0;
    for (int64_t i = 1; i < n; i++) {
      if (std::abs(X(i, 0)) > std::abs(X(best, 0))) {
        best = i;
      }
    }
    return static_cast<I>(n > 0 ? best + 1 : 0);
  });
}

// ---- level 2

template <class T, class I>
int gemv(void* h, const char* name, int operation, I m, I n, const T* alpha, const T* a, I lda, const T* x, I incx,
         const T* beta, T* y, I incy) {
  Call call(h, name);
  bool transposed = isTransposed(operation);
  auto p = call.scalar("alpha", alpha);
  auto q = call.scalar("beta", beta);
  auto A = call.read("A", a, m, n, lda);
  auto X = call.readVector("x", x, transposed ? m : n, incx);
  auto Y = call.updateVector("y", y, transposed ? n : m, incy, q);
  return call.run([=] { multiply(p(), transposed ? A.transposed() : A, X, q(), Y); });
}

template <class T, class I>
int ger(void* h, const char* name, I m, I n, const T* alpha, const T* x, I incx, const T* y, I incy, T* a, I lda) {
  Call call(h, name);
  auto p = call.scalar("alpha", alpha);
  auto X = call.readVector("x", x, m, incx);
  auto Y = call.readVector("y", y, n, incy);
  auto A = call.change("A", a, m, n, lda);
  return call.run([=] {
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < m; i++) {
        A(i, j) += p() * X(i, 0) * Y(j, 0);
      }
    }
  });
}

template <class T, class I>
int symv(void* h, const char* name, int uplo, I n, const T* alpha, const T* a, I lda, const T* x, I incx,
         const T* beta, T* y, I incy) {
  Call call(h, name);
  auto p = call.scalar("alpha", alpha);
  auto q = call.scalar("beta", beta);
  auto A = call.readTriangle("A", a, n, lda, uplo == LOWER, false);
  auto X = call.readVector("x", x, n, incx);
  auto Y = call.updateVector("y", y, n, incy, q);
  return call.run([=] {
    for (int64_t i = 0; i < n; i++) {
      T sum = 0;
      for (int64_t j = 0; j < n; j++) {
        sum += ((uplo == LOWER) == (i >= j) ? A(i, j) : A(j, i)) * X(j, 0);
      }
      Y(i, 0) = p() * sum + (q() == 0 ? 0 : q() * Y(i, 0));
    }
  });
}

template <class T, class I>
int trsv(void* h, const char* name, int uplo, int operation, int diagonal, I n, const T* a, I lda, T* x, I incx) {
  Call call(h, name);
  auto A = call.readTriangle("A", a, n, lda, uplo == LOWER, diagonal == 1);
  auto X = call.changeVector("x", x, n, incx);
  return call.run([=] { solveTriangle(true, uplo == LOWER, isTransposed(operation), diagonal == 1, A, X); });
}

// ---- level 3

template <class T, class I>
int gemm(void* h, const char* name, int transa, int transb, I m, I n, I k, const T* alpha, const T* a, I lda,
         const T* b, I ldb, const T* beta, T* c, I ldc) {
  Call call(h, name);
  bool ta = isTransposed(transa), tb = isTransposed(transb);
  auto p = call.scalar("alpha", alpha);
  auto q = call.scalar("beta", beta);
  auto A = call.read("A", a, ta ? k : m, ta ? m : k, lda);
  auto B = call.read("B", b, tb ? n : k, tb ? k : n, ldb);
  auto C = call.update("C", c, m, n, ldc, q);
  call.separate("C", C, "A", A);
  call.separate("C", C, "B", B);
  return call.run([=] { multiply(p(), ta ? A.transposed() : A, tb ? B.transposed() : B, q(), C); });
}

template <class T, class I>
int gemmStridedBatched(void* h, const char* name, int transa, int transb, I m, I n, I k, const T* alpha, const T* a,
                       I lda, long long strideA, const T* b, I ldb, long long strideB, const T* beta, T* c, I ldc,
                       long long strideC, I count) {
  Call call(h, name);
  bool ta = isTransposed(transa), tb = isTransposed(transb);
  auto p = call.scalar("alpha", alpha);
  auto q = call.scalar("beta", beta);
  struct Item {
    View<T> A, B, C;
  };
  std::vector<Item> items;
  if (count < 0 || (count > 1 && strideC < m)) {
    call.refuse("batch count or strideC is wrong");
  }
  for (I g = 0; g < count && call.valid && call.status == OK; g++) {
    Item item;
    item.A = call.read("A", a + g * strideA, ta ? k : m, ta ? m : k, lda);
    item.B = call.read("B", b + g * strideB, tb ? n : k, tb ? k : n, ldb);
    item.C = call.update("C", c + g * strideC, m, n, ldc, q);
    call.separate("C", item.C, "A", item.A);
    call.separate("C", item.C, "B", item.B);
    items.push_back(item);
  }
  return call.run([=] {
    for (const Item& item : items) {
      multiply(p(), ta ? item.A.transposed() : item.A, tb ? item.B.transposed() : item.B, q(), item.C);
    }
  });
}

/// C = alpha op(A) op(B)^T + beta C, one triangle.
template <class T, class I>
int syrkx(void* h, const char* name, int uplo, int operation, I n, I k, const T* alpha, const T* a, I lda, const T* b,
          I ldb, const T* beta, T* c, I ldc) {
  Call call(h, name);
  bool transposed = isTransposed(operation);
  auto p = call.scalar("alpha", alpha);
  auto q = call.scalar("beta", beta);
  auto A = call.read("A", a, transposed ? k : n, transposed ? n : k, lda);
  auto B = call.read("B", b, transposed ? k : n, transposed ? n : k, ldb);
  auto C = call.updateTriangle("C", c, n, ldc, uplo == LOWER, q);
  call.separate("C", C, "A", A);
  call.separate("C", C, "B", B);
  return call.run([=] {
    multiply(p(), transposed ? A.transposed() : A, transposed ? B : B.transposed(), q(), C,
             uplo == LOWER ? LOWER_PART : UPPER_PART);
  });
}

template <class T, class I>
int syrk(void* h, const char* name, int uplo, int operation, I n, I k, const T* alpha, const T* a, I lda,
         const T* beta, T* c, I ldc) {
  return syrkx<T, I>(h, name, uplo, operation, n, k, alpha, a, lda, a, lda, beta, c, ldc);
}

template <class T, class I>
int trmm(void* h, const char* name, int side, int uplo, int operation, int diagonal, I m, I n, const T* alpha,
         const T* a, I lda, const T* b, I ldb, T* c, I ldc) {
  Call call(h, name);
  auto p = call.scalar("alpha", alpha);
  I order = side == LEFT ? m : n;
  auto A = call.readTriangle("A", a, order, lda, uplo == LOWER, diagonal == 1);
  auto B = call.read("B", b, m, n, ldb);
  auto C = call.write("C", c, m, n, ldc);
  call.separate("C", C, "A", A);
  if (b != c) {
    call.separate("C", C, "B", B);
  } else if (ldb != ldc) {
    call.refuse("works in place with two leading dimensions");
  }
  return call.run([=] {
    auto triangle = triangleOf(A, uplo == LOWER, diagonal == 1);
    auto op = isTransposed(operation) ? triangle.view.transposed() : triangle.view;
    Dense<T> from(m, n);
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < m; i++) {
        from.view(i, j) = B(i, j);
      }
    }
    if (side == LEFT) {
      multiply<T>(p(), op, from.view, 0, C);
    } else {
      multiply<T>(p(), from.view, op, 0, C);
    }
  });
}

template <class T, class I>
int trsm(void* h, const char* name, int side, int uplo, int operation, int diagonal, I m, I n, const T* alpha,
         const T* a, I lda, T* b, I ldb) {
  Call call(h, name);
  auto p = call.scalar("alpha", alpha);
  auto A = call.readTriangle("A", a, side == LEFT ? m : n, lda, uplo == LOWER, diagonal == 1);
  auto B = call.change("B", b, m, n, ldb);
  call.separate("B", B, "A", A);
  return call.run([=] {
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < m; i++) {
        B(i, j) *= p();
      }
    }
    solveTriangle(side == LEFT, uplo == LOWER, isTransposed(operation), diagonal == 1, A, B);
  });
}

template <class T, class I>
int geam(void* h, const char* name, int transa, int transb, I m, I n, const T* alpha, const T* a, I lda,
         const T* beta, const T* b, I ldb, T* c, I ldc) {
  Call call(h, name);
  bool ta = isTransposed(transa), tb = isTransposed(transb);
  auto p = call.scalar("alpha", alpha);
  auto q = call.scalar("beta", beta);
  auto A = call.readUnlessZero("A", a, ta ? n : m, ta ? m : n, lda, p);
  auto B = call.readUnlessZero("B", b, tb ? n : m, tb ? m : n, ldb, q);
  auto C = call.write("C", c, m, n, ldc);
  if (a != c || ta || lda != ldc) {
    call.separate("C", C, "A", A);
  }
  if (b != c || tb || ldb != ldc) {
    call.separate("C", C, "B", B);
  }
  return call.run([=] {
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < m; i++) {
        T left = p() == 0 ? 0 : p() * (ta ? A(j, i) : A(i, j));
        T right = q() == 0 ? 0 : q() * (tb ? B(j, i) : B(i, j));
        C(i, j) = left + right;
      }
    }
  });
}

template <class T, class I>
int dgmm(void* h, const char* name, int side, I m, I n, const T* a, I lda, const T* x, I incx, T* c, I ldc) {
  Call call(h, name);
  auto A = call.read("A", a, m, n, lda);
  auto X = call.readVector("x", x, side == LEFT ? m : n, incx);
  auto C = call.write("C", c, m, n, ldc);
  if (a != c || lda != ldc) {
    call.separate("C", C, "A", A);
  }
  return call.run([=] {
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < m; i++) {
        C(i, j) = A(i, j) * X(side == LEFT ? i : j, 0);
      }
    }
  });
}

}  // namespace

#define CALL(name) extern "C" __attribute__((visibility("default"))) int name

CALL(cublasCreate_v2)(void** to) {
  Lock lock;
  if (int error = enter("cublasCreate")) {
    return statusOf(error);
  }
  *to = new Handle();
  addHandle(*to, KIND);
  return OK;
}

CALL(cublasDestroy_v2)(void* h) {
  Lock lock;
  int error = enter("cublasDestroy");
  if (error != 0 && error != stickyError()) {
    return statusOf(error);
  }
  return removeHandle(h, KIND, "cublasDestroy") ? OK : NOT_READY_YET;
}

#define SETTING(name)                                  \
  Lock lock;                                           \
  if (int error_ = enter(name)) {                      \
    return statusOf(error_);                           \
  }                                                    \
  if (!isHandle(h, KIND, name)) {                      \
    return NOT_READY_YET;                              \
  }                                                    \
  Handle* handle = static_cast<Handle*>(h);

CALL(cublasSetStream_v2)(void* h, void* stream) {
  SETTING("cublasSetStream");
  if (streamOf(stream, "cublasSetStream") == nullptr) {
    return BAD_VALUE;
  }
  handle->stream = stream;
  handle->workspace = nullptr;  // as cuBLAS does
  return OK;
}

CALL(cublasGetStream_v2)(void* h, void** stream) {
  SETTING("cublasGetStream");
  *stream = handle->stream;
  return OK;
}

CALL(cublasSetWorkspace_v2)(void* h, void* workspace, size_t size) {
  SETTING("cublasSetWorkspace");
  if (!check("cublasSetWorkspace", "workspace", workspace, size)) {
    return BAD_VALUE;
  }
  handle->workspace = size == 0 ? nullptr : workspace;
  handle->workspaceSize = size;
  return OK;
}

CALL(cublasSetMathMode)(void* h, int mode) {
  SETTING("cublasSetMathMode");
  handle->mathMode = mode;
  return OK;
}

CALL(cublasGetMathMode)(void* h, int* mode) {
  SETTING("cublasGetMathMode");
  *mode = handle->mathMode;
  return OK;
}

CALL(cublasSetAtomicsMode)(void* h, int) {
  SETTING("cublasSetAtomicsMode");
  (void)handle;
  return OK;
}

CALL(cublasSetPointerMode_v2)(void* h, int mode) {
  SETTING("cublasSetPointerMode");
  handle->pointerMode = mode;
  return mode == 0 || mode == 1 ? OK : BAD_VALUE;
}

CALL(cublasGetPointerMode_v2)(void* h, int* mode) {
  SETTING("cublasGetPointerMode");
  *mode = handle->pointerMode;
  return OK;
}

CALL(cublasGetVersion_v2)(void*, int* version) {
  *version = 120601;
  return OK;
}

CALL(cublasGetProperty)(int which, int* value) {
  const int version[] = {12, 6, 1};
  *value = which >= 0 && which < 3 ? version[which] : 0;
  return OK;
}

extern "C" __attribute__((visibility("default"))) const char* cublasGetStatusString(int status) {
  switch (status) {
    case OK: return "the operation completed successfully";
    case NOT_READY_YET: return "the library was not initialized";
    case BAD_VALUE: return "an unsupported value or parameter was passed to the function";
    case FAILED: return "the function failed to launch on the GPU";
    default: return "unknown status";
  }
}

extern "C" __attribute__((visibility("default"))) const char* cublasGetStatusName(int status) {
  switch (status) {
    case OK: return "CUBLAS_STATUS_SUCCESS";
    case NOT_READY_YET: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case BAD_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    default: return "unknown status";
  }
}

// Each function for both precisions, with int and with 64-bit sizes; what a name ends with differs.
#define EXPORT(symbol, function, T, I, parameters, ...)                \
  CALL(symbol) parameters {                                            \
    Lock lock;                                                         \
    return function<T, I>(h, #symbol, __VA_ARGS__);                    \
  }
#define SIZES(prefix, middle, suffix, function, T, PARAMETERS, ...)                          \
  EXPORT(prefix##middle##suffix, function, T, int, PARAMETERS(T, int), __VA_ARGS__)          \
  EXPORT(prefix##middle##suffix##_64, function, T, int64_t, PARAMETERS(T, int64_t), __VA_ARGS__)
#define BOTH(function, suffix, PARAMETERS, ...)                             \
  SIZES(cublasD, function, suffix, function, double, PARAMETERS, __VA_ARGS__) \
  SIZES(cublasS, function, suffix, function, float, PARAMETERS, __VA_ARGS__)

#define P_AXPY(T, I) (void* h, I n, const T* alpha, const T* x, I incx, T* y, I incy)
BOTH(axpy, _v2, P_AXPY, n, alpha, x, incx, y, incy)
#define P_SCAL(T, I) (void* h, I n, const T* alpha, T* x, I incx)
BOTH(scal, _v2, P_SCAL, n, alpha, x, incx)
#define P_COPY(T, I) (void* h, I n, const T* x, I incx, T* y, I incy)
BOTH(copy, _v2, P_COPY, n, x, incx, y, incy)
#define P_DOT(T, I) (void* h, I n, const T* x, I incx, const T* y, I incy, T* result)
BOTH(dot, _v2, P_DOT, n, x, incx, y, incy, result)
#define P_NORM(T, I) (void* h, I n, const T* x, I incx, T* result)
BOTH(nrm2, _v2, P_NORM, n, x, incx, result)
BOTH(asum, _v2, P_NORM, n, x, incx, result)
#define P_AMAX(T, I) (void* h, I n, const T* x, I incx, I* result)
SIZES(cublasId, amax, _v2, amax, double, P_AMAX, n, x, incx, result)
SIZES(cublasIs, amax, _v2, amax, float, P_AMAX, n, x, incx, result)
#define P_GEMV(T, I)                                                                                                \
  (void* h, int operation, I m, I n, const T* alpha, const T* a, I lda, const T* x, I incx, const T* beta, T* y, I incy)
BOTH(gemv, _v2, P_GEMV, operation, m, n, alpha, a, lda, x, incx, beta, y, incy)
#define P_GER(T, I) (void* h, I m, I n, const T* alpha, const T* x, I incx, const T* y, I incy, T* a, I lda)
BOTH(ger, _v2, P_GER, m, n, alpha, x, incx, y, incy, a, lda)
#define P_SYMV(T, I) \
  (void* h, int uplo, I n, const T* alpha, const T* a, I lda, const T* x, I incx, const T* beta, T* y, I incy)
BOTH(symv, _v2, P_SYMV, uplo, n, alpha, a, lda, x, incx, beta, y, incy)
#define P_TRSV(T, I) (void* h, int uplo, int operation, int diagonal, I n, const T* a, I lda, T* x, I incx)
BOTH(trsv, _v2, P_TRSV, uplo, operation, diagonal, n, a, lda, x, incx)
#define P_GEMM(T, I)                                                                                                 \
  (void* h, int transa, int transb, I m, I n, I k, const T* alpha, const T* a, I lda, const T* b, I ldb, const T* beta, \
   T* c, I ldc)
BOTH(gemm, _v2, P_GEMM, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
#define P_BATCHED(T, I)                                                                                           \
  (void* h, int transa, int transb, I m, I n, I k, const T* alpha, const T* a, I lda, long long strideA, const T* b, \
   I ldb, long long strideB, const T* beta, T* c, I ldc, long long strideC, I count)
BOTH(gemmStridedBatched, , P_BATCHED, transa, transb, m, n, k, alpha, a, lda, strideA, b, ldb, strideB, beta, c, ldc,
     strideC, count)
#define P_SYRK(T, I) \
  (void* h, int uplo, int operation, I n, I k, const T* alpha, const T* a, I lda, const T* beta, T* c, I ldc)
BOTH(syrk, _v2, P_SYRK, uplo, operation, n, k, alpha, a, lda, beta, c, ldc)
#define P_SYRKX(T, I)                                                                                                \
  (void* h, int uplo, int operation, I n, I k, const T* alpha, const T* a, I lda, const T* b, I ldb, const T* beta, T* c, \
   I ldc)
BOTH(syrkx, , P_SYRKX, uplo, operation, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
#define P_TRMM(T, I)                                                                                                \
  (void* h, int side, int uplo, int operation, int diagonal, I m, I n, const T* alpha, const T* a, I lda, const T* b, \
   I ldb, T* c, I ldc)
BOTH(trmm, _v2, P_TRMM, side, uplo, operation, diagonal, m, n, alpha, a, lda, b, ldb, c, ldc)
#define P_TRSM(T, I) \
  (void* h, int side, int uplo, int operation, int diagonal, I m, I n, const T* alpha, const T* a, I lda, T* b, I ldb)
BOTH(trsm, _v2, P_TRSM, side, uplo, operation, diagonal, m, n, alpha, a, lda, b, ldb)
#define P_GEAM(T, I)                                                                                             \
  (void* h, int transa, int transb, I m, I n, const T* alpha, const T* a, I lda, const T* beta, const T* b, I ldb, \
   T* c, I ldc)
BOTH(geam, , P_GEAM, transa, transb, m, n, alpha, a, lda, beta, b, ldb, c, ldc)
#define P_DGMM(T, I) (void* h, int side, I m, I n, const T* a, I lda, const T* x, I incx, T* c, I ldc)
BOTH(dgmm, , P_DGMM, side, m, n, a, lda, x, incx, c, ldc)
