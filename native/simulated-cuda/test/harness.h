// What the tests of the stand-ins share: each runs in a process of its own, since faults and lost devices stay.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

extern "C" {
// the driver, as JCuda's natives import it
int cuInit(unsigned);
int cuGetExportTable(const void**, const void*);
int cuDeviceGetCount(int*);
int cuDeviceGetAttribute(int*, int, int);
int cuDevicePrimaryCtxRetain(void**, int);
int cuDevicePrimaryCtxRelease_v2(int);
int cuCtxSetCurrent(void*);
int cuCtxSynchronize();
int cuMemGetInfo_v2(size_t*, size_t*);
int cuMemAlloc_v2(void**, size_t);
int cuMemFree_v2(void*);
int cuMemHostAlloc(void**, size_t, unsigned);
int cuMemFreeHost(void*);
int cuMemHostGetDevicePointer_v2(void**, void*, unsigned);
int cuMemcpyHtoD_v2(void*, const void*, size_t);
int cuMemcpyDtoH_v2(void*, const void*, size_t);
int cuMemcpyDtoDAsync_v2(void*, const void*, size_t, void*);
int cuMemcpyHtoDAsync_v2(void*, const void*, size_t, void*);
int cuMemcpyDtoHAsync_v2(void*, const void*, size_t, void*);
int cuMemsetD8Async(void*, unsigned char, size_t, void*);
int cuStreamCreate(void**, unsigned);
int cuStreamDestroy_v2(void*);
int cuStreamSynchronize(void*);
int cuStreamWaitEvent(void*, void*, unsigned);
int cuEventCreate(void**, unsigned);
int cuEventDestroy_v2(void*);
int cuEventRecord(void*, void*);
int cuEventSynchronize(void*);
int cuEventQuery(void*);
int cuModuleLoadData(void**, const char*);
int cuModuleUnload(void*);
int cuModuleGetFunction(void**, void*, const char*);
int cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
int nvrtcGetNumSupportedArchs(int*);
int nvrtcGetSupportedArchs(int*);
int nvrtcGetPTXSize(void*, size_t*);
int nvrtcGetPTX(void*, char*);
int nvrtcCreateProgram(void**, const char*, const char*, int, const char* const*, const char* const*);
int nvrtcCompileProgram(void*, int, const char* const*);
int nvrtcDestroyProgram(void**);
int nvrtcGetCUBINSize(void*, size_t*);
int nvrtcGetCUBIN(void*, char*);
int nvrtcGetProgramLogSize(void*, size_t*);
int nvrtcGetProgramLog(void*, char*);
int cublasCreate_v2(void**);
int cublasDestroy_v2(void*);
int cublasSetStream_v2(void*, void*);
int cublasSetPointerMode_v2(void*, int);
int cusolverDnCreate(void**);
int cusolverDnDestroy(void*);
// for tests
int simulated_cuda_report(char*, int);
void simulated_cuda_counters(long long*);
void simulated_cuda_fail_allocation(long long);
void simulated_cuda_fail_launch(long long);
void simulated_cuda_lose_device(long long);
void simulated_cuda_set_memory(long long);
void simulated_cuda_reset();
}

#define EXPECT(condition)                                                             \
  do {                                                                                \
    if (!(condition)) {                                                               \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);         \
      exit(3);                                                                        \
    }                                                                                 \
  } while (false)

inline std::string report() {
  std::string text(65536, 0);
  simulated_cuda_report(&text[0], static_cast<int>(text.size()));
  return text.c_str();
}

inline int faults() { return simulated_cuda_report(nullptr, 0); }

/// Something was reported that says so; and it is forgotten, so that the end of the process is clean.
inline void expectFault(const char* words) {
  std::string text = report();
  if (text.find(words) == std::string::npos) {
    fprintf(stderr, "no fault says \"%s\" but: %s\n", words, text.c_str());
    exit(3);
  }
  simulated_cuda_reset();
}

/// A context, a stream and a module of the test kernels.
struct Card {
  void* context = nullptr;
  void* stream = nullptr;
  void* module = nullptr;

  Card() {
    EXPECT(cuInit(0) == 0);
    EXPECT(cuDevicePrimaryCtxRetain(&context, 0) == 0);
    EXPECT(cuCtxSetCurrent(context) == 0);
    EXPECT(cuStreamCreate(&stream, 1) == 0);
  }

  ~Card() {
    if (module != nullptr) {
      cuModuleUnload(module);
    }
    cuStreamDestroy_v2(stream);
    cuDevicePrimaryCtxRelease_v2(0);
  }

  void wait() { EXPECT(cuStreamSynchronize(stream) == 0); }
  void* function(const char* name);
};

/// Memory of the card.
template <class T>
struct Array {
  T* at = nullptr;
  size_t size;

  explicit Array(size_t n) : size(n) { EXPECT(cuMemAlloc_v2(reinterpret_cast<void**>(&at), n * sizeof(T)) == 0); }
  explicit Array(const std::vector<T>& from) : Array(from.size()) {
    EXPECT(cuMemcpyHtoD_v2(at, from.data(), from.size() * sizeof(T)) == 0);
    EXPECT(cuCtxSynchronize() == 0);  // it arrives in the order of the null stream
  }
  Array(const Array&) = delete;
  ~Array() { cuMemFree_v2(at); }

  std::vector<T> host(void* stream) const {
    std::vector<T> to(size);
    EXPECT(cuStreamSynchronize(stream) == 0);
    EXPECT(cuMemcpyDtoH_v2(to.data(), at, size * sizeof(T)) == 0);
    return to;
  }
};

template <class... A>
int launch(void* function, unsigned gridX, unsigned gridY, unsigned block, unsigned shared, void* stream, A... values) {
  void* parameters[] = {&values..., nullptr};
  return cuLaunchKernel(function, gridX, gridY, 1, block, 1, 1, shared, stream, parameters, nullptr);
}

struct Test {
  const char* name;
  void (*run)();
};
std::vector<Test>& tests();

struct Registered {
  Registered(const char* name, void (*run)()) { tests().push_back({name, run}); }
};

#define TEST(name)                              \
  static void name();                           \
  static Registered registered_##name(#name, name); \
  static void name()
