// The arguments of a cuBLAS or cuSOLVER call: shapes and addresses are checked when it is called, and that somebody wrote
// what it reads when it runs.
#pragma once

#include <functional>
#include <vector>

#include "../device/device.h"
#include "dense.h"

namespace simulated {

/// Whether the address is in the memory of the device.
inline bool hostCannotReach(const void* p) {
  Allocation* a = find(p);
  return a != nullptr && !a->host;
}

template <class T>
struct Scalar {
  T value = 0;
  const T* at = nullptr;  // null: the value

  T operator()() const { return at == nullptr ? value : *at; }
};

/// Memory that a call reads, by columns: those of a triangle begin or end at the diagonal.
struct Read {
  std::string what;
  const char* start;
  size_t element;
  int64_t rows, columns, leading;
  int triangle;  // 0: all, 1: lower, 2: upper
  bool unit;
  std::function<bool()> when;

  void check(const char* function) const {
    if (when && !when()) {
      return;
    }
    for (int64_t j = 0; j < columns; j++) {
      int64_t first = triangle == 1 ? j + unit : 0;
      int64_t end = triangle == 2 ? std::min(rows, j + 1 - unit) : rows;
      if (first >= end) {
        continue;
      }
      const char* column = start + (j * leading + first) * element;
      long long at = findPoison(column, (end - first) * element, 0, 1, element);
      if (at >= 0) {
        fault("%s: %s(%lld, %lld) was never written: %s", function, what.c_str(),
              static_cast<long long>(first + at / static_cast<long long>(element)), static_cast<long long>(j),
              describe(column + at).c_str());
        return;
      }
    }
  }
};

struct Operands {
  const char* function;
  bool valid = true;
  bool wrongAddress = false;
  std::vector<Read> reads;

  explicit Operands(const char* name) : function(name) {}

  void refuse(const char* why) {
    fault("%s: %s", function, why);
    valid = false;
  }

  void span(const char* what, const void* p, size_t bytes) {
    if (!check(function, what, p, bytes)) {
      valid = false;
      wrongAddress = true;
    }
  }

  template <class T>
  Scalar<T> scalar(const char* what, const T* p, bool device) {
    Scalar<T> s;
    if (p == nullptr) {
      refuse("a scalar is missing");
    } else if (device) {
      span(what, p, sizeof(T));
      s.at = p;
      reads.push_back({what, reinterpret_cast<const char*>(p), sizeof(T), 1, 1, 1, 0, false, {}});
    } else if (hostCannotReach(p)) {
      refuse("a scalar's address is the device's, but the pointer mode is the host's");
    } else {
      s.value = *p;
    }
    return s;
  }

  template <class T>
  View<T> view(const char* what, const T* p, int64_t rows, int64_t columns, int64_t leading) {
    if (rows < 0 || columns < 0 || leading < std::max<int64_t>(1, rows)) {
      fault("%s: %s has %lld rows, %lld columns and leading dimension %lld", function, what,
            static_cast<long long>(rows), static_cast<long long>(columns), static_cast<long long>(leading));
      valid = false;
    } else if (rows > 0 && columns > 0) {
      span(what, p, ((columns - 1) * leading + rows) * sizeof(T));
    }
    return matrix(const_cast<T*>(p), rows, columns, leading);
  }

  template <class T>
  View<T> write(const char* what, T* p, int64_t rows, int64_t columns, int64_t leading) {
    return view(what, p, rows, columns, leading);
  }

  template <class T>
  View<T> read(const char* what, const T* p, int64_t rows, int64_t columns, int64_t leading) {
    View<T> v = view(what, p, rows, columns, leading);
    reads.push_back({what, reinterpret_cast<const char*>(p), sizeof(T), rows, columns, leading, 0, false, {}});
    return v;
  }

  template <class T>
  View<T> change(const char* what, T* p, int64_t rows, int64_t columns, int64_t leading) {
    return read<T>(what, p, rows, columns, leading);
  }

  template <class T>
  View<T> readUnlessZero(const char* what, const T* p, int64_t rows, int64_t columns, int64_t leading, Scalar<T> by) {
    if (by.at == nullptr && by.value == 0) {
      return matrix(const_cast<T*>(p), rows, columns, leading);  // may be null then
    }
    View<T> v = read(what, p, rows, columns, leading);
    reads.back().when = [by] { return by() != 0; };
    return v;
  }

  template <class T>
  View<T> update(const char* what, T* p, int64_t rows, int64_t columns, int64_t leading, Scalar<T> beta) {
    View<T> v = read<T>(what, p, rows, columns, leading);
    reads.back().when = [beta] { return beta() != 0; };
    return v;
  }

  template <class T>
  View<T> readTriangle(const char* what, const T* p, int64_t n, int64_t leading, bool lower, bool unit) {
    View<T> v = view(what, p, n, n, leading);
    reads.push_back(
        {what, reinterpret_cast<const char*>(p), sizeof(T), n, n, leading, lower ? 1 : 2, unit, {}});
    return v;
  }

  template <class T>
  View<T> updateTriangle(const char* what, T* p, int64_t n, int64_t leading, bool lower, Scalar<T> beta) {
    View<T> v = readTriangle<T>(what, p, n, leading, lower, false);
    reads.back().when = [beta] { return beta() != 0; };
    return v;
  }

  /// A vector is a matrix of one row whose columns are `increment` apart, and used as one of one column.
  template <class T>
  View<T> vector(const char* what, const T* p, int64_t n, int64_t increment) {
    if (increment <= 0) {
      refuse("an increment that is not positive, which is not simulated");
    } else if (n < 0) {
      refuse("a negative length");
    } else if (n > 0) {
      span(what, p, ((n - 1) * increment + 1) * sizeof(T));
    }
    return {const_cast<T*>(p), std::max<int64_t>(n, 0), 1, increment, 1};
  }

  template <class T>
  View<T> writeVector(const char* what, T* p, int64_t n, int64_t increment) {
    return vector(what, p, n, increment);
  }

  template <class T>
  View<T> readVector(const char* what, const T* p, int64_t n, int64_t increment) {
    View<T> v = vector(what, p, n, increment);
    reads.push_back({what, reinterpret_cast<const char*>(p), sizeof(T), 1, n, increment, 0, false, {}});
    return v;
  }

  template <class T>
  View<T> changeVector(const char* what, T* p, int64_t n, int64_t increment) {
    return readVector<T>(what, p, n, increment);
  }

  template <class T>
  View<T> updateVector(const char* what, T* p, int64_t n, int64_t increment, Scalar<T> beta) {
    View<T> v = readVector<T>(what, p, n, increment);
    reads.back().when = [beta] { return beta() != 0; };
    return v;
  }

  /// The output must not share memory with an input; interleaved columns with the same leading dimension do not.
  template <class T>
  void separate(const char* output, View<T> C, const char* input, View<T> A) {
    if (!valid || C.rows == 0 || C.columns == 0 || A.rows == 0 || A.columns == 0) {
      return;
    }
    const T* endC = &C(C.rows - 1, C.columns - 1) + 1;
    const T* endA = &A(A.rows - 1, A.columns - 1) + 1;
    if (endC <= A.at || endA <= C.at) {
      return;
    }
    if (A.across == C.across && C.columns > 0) {
      int64_t offset = ((C.at - A.at) % A.across + A.across) % A.across;
      if (offset >= A.rows && offset + C.rows <= A.across) {
        return;
      }
    }
    fault("%s: %s and %s overlap", function, output, input);
    valid = false;
  }
};

}  // namespace simulated
