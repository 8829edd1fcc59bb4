// The simulated card: its memory, streams, faults and counters. Shared by all the stand-ins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace simulated {

/// What fresh memory holds: a quiet NaN as a double and as each of two floats, and no index that would serve.
/// Arithmetic hands it on, so that it is still seen where the result of a computation is read.
constexpr uint32_t POISON = 0x7FFA5A5A;

/// What is around allocations: a signalling NaN as a double and as every other float. Arithmetic makes it quiet, so that
/// a sum of it that is written back shows.
constexpr uint64_t GUARD = 0x7FF25A5A7FA25A5A;

/// Codes of the driver that more than one library needs.
enum Result {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY_FOR_GPU = 209,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  NOT_READY = 600,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_OUT_OF_RESOURCES = 701,
  LAUNCH_FAILED = 719,
  NOT_SUPPORTED = 801
};

/// Everything happens under one lock, which a thread may take again.
struct Lock {
  Lock();
  ~Lock();
};

// ---- what went wrong

/// Notes a misuse; the first word is the function that was called.
void fault(const char* format, ...) __attribute__((format(printf, 1, 2)));

/// Of the card, such as 90.
int capability();

/// 0, or the code of the error that the device has not recovered from.
int stickyError();
void loseDevice(int code);

/// What each call needs first: an initialised driver, a working device, and its context current in this thread.
int enter(const char* function);

// ---- memory

struct Allocation {
  char* start;
  size_t size;
  char* region;
  size_t regionSize;
  bool host;
  long long number;
  int device;
};

int allocate(size_t size, bool host, void** to);
int release(void* start, bool host, const char* function);
/// The live allocation that holds this address (or ends there), or null.
Allocation* find(const void* address);
/// What is known of an address, for messages.
std::string describe(const void* address);
/// Whether all the bytes are in one live allocation; a fault otherwise.
bool check(const char* function, const char* what, const void* start, size_t bytes);
/// Whether the guard zones of the allocation hold what was put there; a fault otherwise.
bool checkGuards(Allocation* allocation, const char* after);
bool isPoison(const void* p, size_t bytes);
/// The first offset of poison among `count` runs of `bytes` bytes, `pitch` bytes from one to the next, or -1.
long long findPoison(const void* start, size_t bytes, size_t pitch, size_t count, size_t element);
void fillPoison(void* start, size_t bytes);
/// Whether a number is what guard zones hold.
inline bool isGuard(const double* p) { return memcmp(p, &GUARD, 8) == 0; }
inline bool isGuard(const float* p) {
  return memcmp(p, reinterpret_cast<const char*>(&GUARD) + reinterpret_cast<uintptr_t>(p) % 8, 4) == 0;
}

// ---- streams: work waits in its queue until somebody waits for it, as late as a card may do it

struct Stream;
struct Event;

/// The stream by its handle; null and a fault where there is none.
Stream* streamOf(void* handle, const char* function);
void enqueue(Stream* stream, std::function<void()> work);
int runAll();
int run(Stream* stream);
/// The null stream and the streams that wait for it: what a copy that returns when it is done waits for.
int runBlocking();

// ---- launches

/// Counts a launch: 0, or the error that the environment or a test wants.
int launching(const char* function);

struct Module;
struct Kernel {
  const char* name;
  int maxThreads;
  int parameters;
  void (*launch)(const Kernel& kernel, const struct Shape& shape, void** arguments, Stream* stream);
};
struct KernelFile {
  const char* name;
  uint64_t hash;
  const Kernel* kernels;
  int count;
};
/// The files that were built in; headers have no kernels.
const std::vector<KernelFile>& kernelFiles();
uint64_t hashOf(const char* text, size_t size);

// ---- things with handles

/// A handle of another library, so that one which was not destroyed is reported.
void addHandle(void* handle, const char* kind);
bool removeHandle(void* handle, const char* kind, const char* function);
bool isHandle(void* handle, const char* kind, const char* function);

}  // namespace simulated
