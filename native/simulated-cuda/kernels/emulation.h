// What a .cu file sees instead of the CUDA headers. The threads of a block are fibers that run until they reach a
// barrier or a shuffle; blocks run one after the other.
#pragma once

#include <math.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../device/device.h"

// ---- the dialect

#define SIMULATED_CUDA
#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

struct dim3 {
  unsigned x, y, z;
};

namespace simulated {

extern dim3 indexOfThread, indexOfBlock, sizeOfBlock, sizeOfGrid;

void barrier();
/// The bits that the lane `source` of the warp offers at the same time.
uint64_t exchange(unsigned mask, uint64_t bits, int source);
void syncWarp(unsigned mask);
/// The fragments of a warp: what each lane offers, until it offers the next.
struct Fragments {
  double a[32], b[32];
};
const Fragments& offer(double a, double b);
int laneOfThread();
void trap();
void misaligned();
void readsGuard();

struct Shape {
  unsigned grid[3];
  unsigned block[3];
  size_t dynamicShared;
};

/// A __shared__ array: where it is in this block's memory.
struct Shared {
  uint64_t block = 0;
  char* place = nullptr;
};
char* place(Shared& variable, const char* name, size_t size, size_t alignment);
char* dynamicShared();

/// Runs one block after the other, each thread calling `body`.
void runGrid(const Kernel& kernel, const Shape& shape, void (*body)(void*), void* arguments);
bool checkPointer(const Kernel& kernel, int parameter, const void* value);
void checkGuardsOf(const Kernel& kernel, const void* value);

template <class T>
T load(void* from) {
  T value;
  memcpy(&value, from, sizeof value);
  return value;
}

template <class F, F f>
struct Launcher;

template <class... P, void (*f)(P...)>
struct Launcher<void (*)(P...), f> {
  using Arguments = std::tuple<std::remove_cv_t<P>...>;
  static constexpr int parameters = sizeof...(P);

  static void body(void* arguments) { std::apply(f, *static_cast<Arguments*>(arguments)); }

  template <size_t... I>
  static Arguments read(void** from, std::index_sequence<I...>) {
    return Arguments{load<std::remove_cv_t<P>>(from[I])...};
  }

  template <class T>
  static bool checkOne(const Kernel& kernel, int parameter, T value) {
    if constexpr (std::is_pointer_v<T>) {
      return checkPointer(kernel, parameter, value);
    }
    return true;
  }

  template <class T>
  static void guard(const Kernel& kernel, T value) {
    if constexpr (std::is_pointer_v<T>) {
      checkGuardsOf(kernel, value);
    }
  }

  static void launch(const Kernel& kernel, const Shape& shape, void** from, Stream* stream) {
    Arguments arguments = read(from, std::index_sequence_for<P...>());
    enqueue(stream, [=, &kernel]() mutable {
      bool valid = true;
      int k = 0;
      std::apply([&](auto... p) { ((valid = checkOne(kernel, k++, p) && valid), ...); }, arguments);
      if (!valid) {
        loseDevice(ILLEGAL_ADDRESS);
        return;
      }
      runGrid(kernel, shape, body, &arguments);
      std::apply([&](auto... p) { (guard(kernel, p), ...); }, arguments);
    });
  }
};

template <class T>
T shuffle(unsigned mask, T value, int source) {
  static_assert(sizeof(T) <= 8, "a shuffle moves 8 bytes at most");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = exchange(mask, bits, source);
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// A vector in memory, which a card moves at once: its address must be a multiple of its size.
template <class V>
void checkAlignment(const V& v) {
  uintptr_t address;
  asm("" : "=r"(address) : "0"(&v));  // or else the compiler takes the type's word for it
  if (address % alignof(V) != 0) {
    misaligned();
  }
}

/// One that is read: a number outside of an allocation is a fault even if nobody uses it.
template <class V>
const V& checked(const V& v) {
  checkAlignment(v);
  if constexpr (std::is_floating_point_v<decltype(v.x)>) {
    if (isGuard(&v.x) || isGuard(&v.y)) {
      readsGuard();
    }
  }
  return v;
}

}  // namespace simulated

#define KERNEL(name, bounds) \
  {#name, bounds, simulated::Launcher<decltype(&::name), &::name>::parameters, \
   &simulated::Launcher<decltype(&::name), &::name>::launch}

#define threadIdx simulated::indexOfThread
#define blockIdx simulated::indexOfBlock
#define blockDim simulated::sizeOfBlock
#define gridDim simulated::sizeOfGrid
#define warpSize 32

#define __syncthreads() simulated::barrier()
inline void __syncwarp(unsigned mask = 0xffffffffu) { simulated::syncWarp(mask); }
/// C = A B + C on the matrix units, in fragments as PTX has them for m8n8k4.
inline void multiplyAdd(double (&c)[2], double a, double b) {
  const simulated::Fragments& all = simulated::offer(a, b);
  int lane = simulated::laneOfThread();
  for (int k = 0; k < 4; k++) {
    for (int h = 0; h < 2; h++) {
      c[h] = fma(all.a[lane / 4 * 4 + k], all.b[(lane % 4 * 2 + h) * 4 + k], c[h]);
    }
  }
}

inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __trap() { simulated::trap(); }

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  int lane = simulated::laneOfThread();
  return simulated::shuffle(mask, value, lane / width * width + (source & (width - 1)));
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int with, int width = 32) {
  int lane = simulated::laneOfThread();
  int source = lane ^ with;
  return simulated::shuffle(mask, value, source / width <= lane / width ? source : lane);
}

template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
  int lane = simulated::laneOfThread();
  int source = lane + static_cast<int>(by);
  return simulated::shuffle(mask, value, source / width == lane / width ? source : lane);
}

template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
  int lane = simulated::laneOfThread();
  int source = lane - static_cast<int>(by);
  return simulated::shuffle(mask, value, source >= lane / width * width ? source : lane);
}

// ---- vectors and functions

// copied number by number, so that the compiler does not move 16 bytes before they are looked at
#define VECTORS(T, name)                                                                      \
  struct alignas(2 * sizeof(T)) name##2 {                                                     \
    T x, y;                                                                                   \
    name##2() = default;                                                                      \
    name##2(T a, T b) : x(a), y(b) {}                                                         \
    name##2(const name##2& v) : x(simulated::checked(v).x), y(v.y) {}                         \
    name##2& operator=(const name##2& v) {                                                    \
      simulated::checkAlignment(*this);                                                       \
      x = simulated::checked(v).x;                                                            \
      y = v.y;                                                                                \
      return *this;                                                                           \
    }                                                                                         \
  };                                                                                          \
  struct alignas(sizeof(T) == 8 ? 16 : 4 * sizeof(T)) name##4 { T x, y, z, w; };              \
  inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                  \
  inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
VECTORS(double, double)
VECTORS(float, float)
VECTORS(int, int)
VECTORS(unsigned, uint)
#undef VECTORS
struct alignas(16) longlong2 { long long x, y; };

template <class T>
T __ldg(const T* p) {
  return *p;
}

template <class A, class B>
inline std::common_type_t<A, B> min(A a, B b) {
  if constexpr (std::is_floating_point_v<std::common_type_t<A, B>>) {
    return fmin(a, b);
  } else {
    std::common_type_t<A, B> p = a, q = b;
    return p < q ? p : q;
  }
}

template <class A, class B>
inline std::common_type_t<A, B> max(A a, B b) {
  if constexpr (std::is_floating_point_v<std::common_type_t<A, B>>) {
    return fmax(a, b);
  } else {
    std::common_type_t<A, B> p = a, q = b;
    return p > q ? p : q;
  }
}

inline int __double2hiint(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return static_cast<int>(bits >> 32);
}
inline double __hiloint2double(int high, int low) {
  uint64_t bits = static_cast<uint64_t>(static_cast<uint32_t>(high)) << 32 | static_cast<uint32_t>(low);
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
inline double rsqrt(double x) { return 1 / sqrt(x); }
inline float rsqrtf(float x) { return 1 / sqrtf(x); }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
