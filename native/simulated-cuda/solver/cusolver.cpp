// libcusolver.so.11: checked and put into the stream of the handle, as in libcublas.
#include "../blas/operands.h"
#include "factorizations.h"

using namespace simulated;

namespace {

enum Status { OK = 0, NOT_READY_YET = 1, BAD_VALUE = 3, FAILED = 6 };
enum { LOWER = 0, UPPER = 1, FULL = 2 };
enum { LEFT = 0, RIGHT = 1 };
const int DOUBLE = 1;  // CUDA_R_64F

struct Handle {
  void* stream = nullptr;
};

const char* const KIND = "cuSOLVER handle";
const char* const PARAMETERS = "set of cuSOLVER parameters";

int statusOf(int error) { return error == SUCCESS ? OK : error == INVALID_CONTEXT ? NOT_READY_YET : FAILED; }

struct Call : Operands {
  Stream* stream = nullptr;
  int status = OK;
  std::vector<std::pair<void*, size_t>> workspaces;

  Call(void* h, const char* name) : Operands(name) {
    if (int error = enter(name)) {
      status = statusOf(error);
    } else if (!isHandle(h, KIND, name)) {
      status = NOT_READY_YET;
    } else {
      stream = streamOf(static_cast<Handle*>(h)->stream, name);
      status = stream == nullptr ? FAILED : OK;
    }
  }

  /// What is in the workspace is overwritten, as cuSOLVER may do.
  void workspace(const void* p, size_t bytes, size_t needed) {
    if (bytes < needed) {
      fault("%s: the workspace has %zu bytes, needed are %zu", function, bytes, needed);
      valid = false;
    } else {
      span("workspace", p, bytes);
      workspaces.push_back({const_cast<void*>(p), bytes});
    }
  }

  /// Another piece of memory that the call writes: it must not be in the workspace.
  template <class Work>
  int run(int* info, Work work) {
    if (status != OK) {
      return status;
    }
    if (info != nullptr) {
      span("info", info, sizeof(int));
    }
    for (auto& w : workspaces) {
      for (auto& read : reads) {
        const char* end = read.start + ((read.columns - 1) * read.leading + read.rows) * read.element;
        const char* from = static_cast<const char*>(w.first);
        if (w.second > 0 && from < end && read.start < from + w.second) {
          refuse("the workspace overlaps an argument");
        }
      }
    }
    if (!valid) {
      return wrongAddress ? FAILED : BAD_VALUE;
    }
    if (launching(function) != SUCCESS) {
      return FAILED;
    }
    auto reads = this->reads;
    auto workspaces = this->workspaces;
    const char* name = function;
    enqueue(stream, [=] {
      for (auto& read : reads) {
        read.check(name);
      }
      for (auto& w : workspaces) {
        fillPoison(w.first, w.second);
      }
      int result = work();
      if (info != nullptr) {
        *info = result;
      }
    });
    return OK;
  }
};

size_t workOf(int64_t n) { return 32 * std::max<int64_t>(1, n); }  // numbers; cuSOLVER's own sizes differ

int potrf(void* h, const char* name, int uplo, int64_t n, double* a, int64_t lda, void* work, size_t bytes, int* info) {
  Call call(h, name);
  auto A = call.readTriangle("A", a, n, lda, uplo == LOWER, false);
  call.workspace(work, bytes, workOf(n) * 8);
  return call.run(info, [=] { return factorLower(uplo == LOWER ? A : A.transposed()); });
}

int trtri(void* h, const char* name, int uplo, int diagonal, int64_t n, double* a, int64_t lda, void* work,
          size_t bytes, int* info) {
  Call call(h, name);
  bool unit = diagonal == 1;
  auto A = call.readTriangle("A", a, n, lda, uplo == LOWER, unit);
  call.workspace(work, bytes, workOf(n) * 8);
  return call.run(info, [=] {
    for (int64_t j = 0; j < n && !unit; j++) {
      if (A(j, j) == 0) {
        return static_cast<int>(j + 1);
      }
    }
    Dense<double> inverse(n, n);
    for (int64_t j = 0; j < n; j++) {
      inverse.view(j, j) = 1;
    }
    solveTriangle(true, uplo == LOWER, false, unit, A, inverse.view);
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < n; i++) {
        if (uplo == LOWER ? i >= j + unit : i <= j - unit) {
          A(i, j) = inverse.view(i, j);
        }
      }
    }
    return 0;
  });
}

int potrs(void* h, const char* name, int uplo, int64_t n, int64_t columns, const double* a, int64_t lda, double* b,
          int64_t ldb, int* info) {
  Call call(h, name);
  auto A = call.readTriangle("A", a, n, lda, uplo == LOWER, false);
  auto B = call.change("B", b, n, columns, ldb);
  call.separate("B", B, "A", A);
  return call.run(info, [=] {
    solveTriangle(true, uplo == LOWER, uplo != LOWER, false, A, B);
    solveTriangle(true, uplo == LOWER, uplo == LOWER, false, A, B);
    return 0;
  });
}

int geqrf(void* h, const char* name, int64_t m, int64_t n, double* a, int64_t lda, double* tau, void* work,
          size_t bytes, int* info) {
  Call call(h, name);
  auto A = call.change("A", a, m, n, lda);
  call.span("tau", tau, 8 * std::min(m, n));
  call.workspace(work, bytes, workOf(n) * 8);
  return call.run(info, [=] {
    factorQr(A, tau);
    return 0;
  });
}

int syevd(void* h, const char* name, int vectors, int uplo, int64_t n, double* a, int64_t lda, double* w, void* work,
          size_t bytes, int* info) {
  Call call(h, name);
  auto A = call.readTriangle("A", a, n, lda, uplo == LOWER, false);
  call.span("W", w, 8 * n);
  call.workspace(work, bytes, workOf(n) * 8);
  return call.run(info, [=] {
    eigenvalues(A, uplo == LOWER, vectors == 1, w);
    if (vectors != 1) {  // the triangle is used up
      for (int64_t j = 0; j < n; j++) {
        for (int64_t i = 0; i < n; i++) {
          if (uplo == LOWER ? i >= j : i <= j) {
            fillPoison(&A(i, j), 8);
          }
        }
      }
    }
    return 0;
  });
}

}  // namespace

#define CALL(name) extern "C" __attribute__((visibility("default"))) int name

CALL(cusolverDnCreate)(void** to) {
  Lock lock;
  if (int error = enter("cusolverDnCreate")) {
    return statusOf(error);
  }
  *to = new Handle();
  addHandle(*to, KIND);
  return OK;
}

CALL(cusolverDnDestroy)(void* h) {
  Lock lock;
  int error = enter("cusolverDnDestroy");
  if (error != 0 && error != stickyError()) {
    return statusOf(error);
  }
  return removeHandle(h, KIND, "cusolverDnDestroy") ? OK : NOT_READY_YET;
}

CALL(cusolverDnSetStream)(void* h, void* stream) {
  Lock lock;
  if (int error = enter("cusolverDnSetStream")) {
    return statusOf(error);
  }
  if (!isHandle(h, KIND, "cusolverDnSetStream")) {
    return NOT_READY_YET;
  }
  if (streamOf(stream, "cusolverDnSetStream") == nullptr) {
    return BAD_VALUE;
  }
  static_cast<Handle*>(h)->stream = stream;
  return OK;
}

CALL(cusolverDnGetStream)(void* h, void** stream) {
  Lock lock;
  if (!isHandle(h, KIND, "cusolverDnGetStream")) {
    return NOT_READY_YET;
  }
  *stream = static_cast<Handle*>(h)->stream;
  return OK;
}

CALL(cusolverDnCreateParams)(void** to) {
  Lock lock;
  if (int error = enter("cusolverDnCreateParams")) {
    return statusOf(error);
  }
  *to = new Handle();
  addHandle(*to, PARAMETERS);
  return OK;
}

CALL(cusolverDnDestroyParams)(void* p) {
  Lock lock;
  return removeHandle(p, PARAMETERS, "cusolverDnDestroyParams") ? OK : BAD_VALUE;
}

CALL(cusolverDnSetAdvOptions)(void*, int, int) { return OK; }

CALL(cusolverGetVersion)(int* version) {
  *version = 11604;
  return OK;
}

CALL(cusolverGetProperty)(int which, int* value) {
  const int version[] = {11, 6, 4};
  *value = which >= 0 && which < 3 ? version[which] : 0;
  return OK;
}

/// A size is asked for before anything is computed; only the shape counts.
static int answer(void* h, const char* name, int64_t rows, int64_t leading, int* numbers) {
  Lock lock;
  Call call(h, name);
  if (call.status != OK) {
    return call.status;
  }
  if (leading < std::max<int64_t>(1, rows)) {
    fault("%s: %lld rows and leading dimension %lld", name, static_cast<long long>(rows),
          static_cast<long long>(leading));
    return BAD_VALUE;
  }
  *numbers = 0;
  return OK;
}

#define SIZE_OF_WORK(name, rows, leading, n)            \
  int status = answer(h, name, rows, leading, numbers); \
  if (status == OK) {                                   \
    *numbers = static_cast<int>(workOf(n));             \
  }                                                     \
  return status;

CALL(cusolverDnDpotrf_bufferSize)(void* h, int, int n, double*, int lda, int* numbers) {
  SIZE_OF_WORK("cusolverDnDpotrf_bufferSize", n, lda, n)
}

CALL(cusolverDnDpotrf)(void* h, int uplo, int n, double* a, int lda, double* work, int numbers, int* info) {
  Lock lock;
  return potrf(h, "cusolverDnDpotrf", uplo, n, a, lda, work, 8 * static_cast<size_t>(numbers), info);
}

CALL(cusolverDnDpotrs)(void* h, int uplo, int n, int columns, const double* a, int lda, double* b, int ldb, int* info) {
  Lock lock;
  return potrs(h, "cusolverDnDpotrs", uplo, n, columns, a, lda, b, ldb, info);
}

CALL(cusolverDnDgeqrf_bufferSize)(void* h, int m, int n, double*, int lda, int* numbers) {
  SIZE_OF_WORK("cusolverDnDgeqrf_bufferSize", m, lda, n)
}

CALL(cusolverDnDgeqrf)(void* h, int m, int n, double* a, int lda, double* tau, double* work, int numbers, int* info) {
  Lock lock;
  return geqrf(h, "cusolverDnDgeqrf", m, n, a, lda, tau, work, 8 * static_cast<size_t>(numbers), info);
}

CALL(cusolverDnDorgqr_bufferSize)(void* h, int m, int n, int, const double*, int lda, const double*, int* numbers) {
  SIZE_OF_WORK("cusolverDnDorgqr_bufferSize", m, lda, n)
}

CALL(cusolverDnDorgqr)(void* h, int m, int n, int k, double* a, int lda, const double* tau, double* work, int numbers,
                       int* info) {
  Lock lock;
  Call call(h, "cusolverDnDorgqr");
  if (n > m || k > n) {
    call.refuse("needs m >= n >= k");
  }
  auto A = call.read("A", a, m, k, lda);
  call.view("A", a, m, n, lda);
  call.read("tau", tau, k, 1, std::max(1, k));
  call.workspace(work, 8 * static_cast<size_t>(numbers), workOf(n) * 8);
  return call.run(info, [=] {
    Dense<double> Q(m, n);
    for (int64_t j = 0; j < n; j++) {
      Q.view(j, j) = 1;
    }
    applyQ(A, k, tau, false, Q.view);
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < m; i++) {
        a[j * static_cast<int64_t>(lda) + i] = Q.view(i, j);
      }
    }
    return 0;
  });
}

CALL(cusolverDnDormqr_bufferSize)(void* h, int side, int, int m, int n, int, const double*, int lda, const double*,
                                  const double*, int, int* numbers) {
  SIZE_OF_WORK("cusolverDnDormqr_bufferSize", side == LEFT ? m : n, lda, std::max(m, n))
}

CALL(cusolverDnDormqr)(void* h, int side, int operation, int m, int n, int k, const double* a, int lda,
                       const double* tau, double* c, int ldc, double* work, int numbers, int* info) {
  Lock lock;
  Call call(h, "cusolverDnDormqr");
  auto A = call.read("A", a, side == LEFT ? m : n, k, lda);
  call.read("tau", tau, k, 1, std::max(1, k));
  auto C = call.change("C", c, m, n, ldc);
  call.separate("C", C, "A", A);
  call.workspace(work, 8 * static_cast<size_t>(numbers), workOf(std::max(m, n)) * 8);
  bool transposed = operation != 0;
  return call.run(info, [=] {
    if (side == LEFT) {
      applyQ(A, k, tau, transposed, C);
    } else {
      applyQ(A, k, tau, !transposed, C.transposed());  // C Q = (Q^T C^T)^T
    }
    return 0;
  });
}

CALL(cusolverDnDsyevd_bufferSize)(void* h, int, int, int n, const double*, int lda, const double*, int* numbers) {
  SIZE_OF_WORK("cusolverDnDsyevd_bufferSize", n, lda, n)
}

CALL(cusolverDnDsyevd)(void* h, int vectors, int uplo, int n, double* a, int lda, double* w, double* work,
                       int numbers, int* info) {
  Lock lock;
  return syevd(h, "cusolverDnDsyevd", vectors, uplo, n, a, lda, w, work, 8 * static_cast<size_t>(numbers), info);
}

// ---- the 64-bit functions, in double precision

static int answer64(void* h, const char* name, int64_t n, int64_t lda, int type, size_t* device, size_t* host) {
  int numbers = 0;
  int status = answer(h, name, n, lda, &numbers);
  if (status == OK && type != DOUBLE) {
    fault("%s: only double precision is simulated", name);
    status = BAD_VALUE;
  }
  *device = status == OK ? 8 * workOf(n) : 0;
  *host = 0;
  return status;
}

CALL(cusolverDnXpotrf_bufferSize)(void* h, void*, int, int64_t n, int type, const void*, int64_t lda, int,
                                  size_t* device, size_t* host) {
  return answer64(h, "cusolverDnXpotrf_bufferSize", n, lda, type, device, host);
}

CALL(cusolverDnXpotrf)(void* h, void*, int uplo, int64_t n, int type, void* a, int64_t lda, int, void* work,
                       size_t bytes, void*, size_t, int* info) {
  Lock lock;
  if (type != DOUBLE) {
    fault("cusolverDnXpotrf: only double precision is simulated");
    return BAD_VALUE;
  }
  return potrf(h, "cusolverDnXpotrf", uplo, n, static_cast<double*>(a), lda, work, bytes, info);
}

CALL(cusolverDnXpotrs)(void* h, void*, int uplo, int64_t n, int64_t columns, int type, const void* a, int64_t lda,
                       int typeB, void* b, int64_t ldb, int* info) {
  Lock lock;
  if (type != DOUBLE || typeB != DOUBLE) {
    fault("cusolverDnXpotrs: only double precision is simulated");
    return BAD_VALUE;
  }
  return potrs(h, "cusolverDnXpotrs", uplo, n, columns, static_cast<const double*>(a), lda, static_cast<double*>(b),
               ldb, info);
}

CALL(cusolverDnXtrtri_bufferSize)(void* h, int, int, int64_t n, int type, void*, int64_t lda, size_t* device,
                                  size_t* host) {
  return answer64(h, "cusolverDnXtrtri_bufferSize", n, lda, type, device, host);
}

CALL(cusolverDnXtrtri)(void* h, int uplo, int diagonal, int64_t n, int type, void* a, int64_t lda, void* work,
                       size_t bytes, void*, size_t, int* info) {
  Lock lock;
  if (type != DOUBLE) {
    fault("cusolverDnXtrtri: only double precision is simulated");
    return BAD_VALUE;
  }
  return trtri(h, "cusolverDnXtrtri", uplo, diagonal, n, static_cast<double*>(a), lda, work, bytes, info);
}

CALL(cusolverDnXgeqrf_bufferSize)(void* h, void*, int64_t m, int64_t n, int type, const void*, int64_t lda, int,
                                  const void*, int, size_t* device, size_t* host) {
  int status = answer64(h, "cusolverDnXgeqrf_bufferSize", m, lda, type, device, host);
  *device = status == OK ? 8 * workOf(n) : 0;
  return status;
}

CALL(cusolverDnXgeqrf)(void* h, void*, int64_t m, int64_t n, int type, void* a, int64_t lda, int, void* tau, int,
                       void* work, size_t bytes, void*, size_t, int* info) {
  Lock lock;
  if (type != DOUBLE) {
    fault("cusolverDnXgeqrf: only double precision is simulated");
    return BAD_VALUE;
  }
  return geqrf(h, "cusolverDnXgeqrf", m, n, static_cast<double*>(a), lda, static_cast<double*>(tau), work, bytes, info);
}
