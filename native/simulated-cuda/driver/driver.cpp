// libcuda.so.1: the calls of the driver API that levinv makes.
#include <sys/uio.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <memory>

#include "../device/state.h"
#include "../kernels/emulation.h"

using namespace simulated;

#define CALL(name) extern "C" __attribute__((visibility("default"))) int name
#define ENTER(function)                  \
  Lock lock;                             \
  if (int error_ = enter(function)) {    \
    return error_;                       \
  }

// ---- the driver and its devices

CALL(cuInit)(unsigned) {
  Lock lock;
  if (state().failInit != 0) {
    return state().failInit;
  }
  state().initialised = true;
  return state().devices == 0 ? NO_DEVICE : SUCCESS;
}

/// What NVRTC 13 asks whatever driver is loaded for: tables of calls that no manual names.
CALL(cuGetExportTable)(const void** table, const void*) {
  *table = nullptr;
  return NOT_FOUND;
}

CALL(cuDriverGetVersion)(int* version) {
  *version = 12060;
  return SUCCESS;
}

CALL(cuDeviceGetCount)(int* count) {
  *count = state().devices;
  return state().initialised ? SUCCESS : NOT_INITIALIZED;
}

static bool isDevice(int device) { return device >= 0 && device < state().devices; }

CALL(cuDeviceGet)(int* device, int ordinal) {
  if (!state().initialised) {
    return NOT_INITIALIZED;
  }
  if (!isDevice(ordinal)) {
    return INVALID_DEVICE;
  }
  *device = ordinal;
  return SUCCESS;
}

CALL(cuDeviceGetName)(char* name, int length, int device) {
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  if (length > 0) {
    strncpy(name, "simulated CUDA device", length);
    name[length - 1] = 0;
  }
  return SUCCESS;
}

CALL(cuDeviceTotalMem_v2)(size_t* bytes, int) {
  *bytes = state().capacity;
  return SUCCESS;
}

CALL(cuDeviceGetUuid)(char* uuid, int device) {
  memcpy(uuid, "simulated device", 16);
  uuid[15] = static_cast<char>('e' + device);
  return SUCCESS;
}

CALL(cuDeviceGetAttribute)(int* value, int attribute, int device) {
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  switch (attribute) {
    case 1: *value = 1024; break;         // threads of a block
    case 2: *value = 1024; break;         // block x
    case 3: *value = 1024; break;         // block y
    case 4: *value = 64; break;           // block z
    case 5: *value = 2147483647; break;   // grid x
    case 6: *value = 65535; break;        // grid y
    case 7: *value = 65535; break;        // grid z
    case 8: *value = 48 * 1024; break;    // shared memory of a block
    case 10: *value = 32; break;          // warp
    case 12: *value = 65536; break;       // registers of a block
    case 13: *value = 1000000; break;     // clock, kHz
    case 16: *value = 2; break;           // multiprocessors
    case 19: *value = 1; break;           // maps host memory
    case 31: *value = 1; break;           // concurrent kernels
    case 36: *value = 1000000; break;     // memory clock, kHz
    case 37: *value = 256; break;         // bus width
    case 38: *value = 4 << 20; break;     // L2 cache
    case 39: *value = 2048; break;        // threads of a multiprocessor
    case 40: *value = 2; break;           // copy engines
    case 41: *value = 1; break;           // unified addressing
    case 75: *value = capability() / 10; break;
    case 76: *value = capability() % 10; break;
    case 81: *value = 228 * 1024; break;  // shared memory of a multiprocessor
    case 97: *value = 227 * 1024; break;  // shared memory of a block, by request
    default: *value = 0;
  }
  return SUCCESS;
}

// ---- contexts

CALL(cuDevicePrimaryCtxRetain)(void** context, int device) {
  Lock lock;
  State& s = state();
  if (!s.initialised) {
    return NOT_INITIALIZED;
  }
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  if (s.sticky[device] != 0) {
    return s.sticky[device];
  }
  if (device == s.failCard) {
    return s.failCardWith;
  }
  s.retained[device]++;
  *context = &contextOfDevice[device];
  return SUCCESS;
}

template <class T>
static void forget(std::set<T*>& all, int device) {
  for (auto next = all.begin(); next != all.end();) {
    next = (*next)->device == device ? all.erase(next) : std::next(next);
  }
}

CALL(cuDevicePrimaryCtxRelease_v2)(int device) {
  Lock lock;
  State& s = state();
  if (!isDevice(device)) {
    return INVALID_DEVICE;
  }
  if (s.retained[device] == 0) {
    fault("cuDevicePrimaryCtxRelease: the context is not retained");
    return INVALID_CONTEXT;
  }
  if (--s.retained[device] == 0) {
    if (s.sticky[device] == 0) {
      runAll();
    }
    reportLeaks("when the context was released", device);
    for (auto next = s.live.begin(); next != s.live.end();) {
      Allocation a = (next++)->second;
      if (a.device == device) {
        release(a.start, a.host, "cuDevicePrimaryCtxRelease");
      }
    }
    forget(s.streams, device);
    forget(s.events, device);
    forget(s.modules, device);
    for (auto next = s.handles.begin(); next != s.handles.end();) {
      next = next->second.device == device ? s.handles.erase(next) : std::next(next);
    }
  }
  return s.sticky[device];
}

CALL(cuDevicePrimaryCtxGetState)(int device, unsigned* flags, int* active) {
  *flags = 0;
  *active = isDevice(device) && state().retained[device] > 0;
  return SUCCESS;
}

CALL(cuCtxSetCurrent)(void* context) {
  Lock lock;
  if (context != nullptr && !isContext(context)) {
    fault("cuCtxSetCurrent: there is no such context (released?)");
    return INVALID_CONTEXT;
  }
  if (!contexts.empty()) {
    contexts.pop_back();
  }
  if (context != nullptr) {
    contexts.push_back(context);
  }
  return SUCCESS;
}

CALL(cuCtxGetCurrent)(void** context) {
  *context = contexts.empty() ? nullptr : contexts.back();
  return SUCCESS;
}

CALL(cuCtxPushCurrent_v2)(void* context) {
  Lock lock;
  if (!isContext(context)) {
    fault("cuCtxPushCurrent: there is no such context (released?)");
    return INVALID_CONTEXT;
  }
  contexts.push_back(context);
  return SUCCESS;
}

CALL(cuCtxPopCurrent_v2)(void** context) {
  Lock lock;
  if (contexts.empty()) {
    fault("cuCtxPopCurrent: no context is current in this thread");
    return INVALID_CONTEXT;
  }
  *context = contexts.back();
  contexts.pop_back();
  return SUCCESS;
}

CALL(cuCtxGetDevice)(int* device) {
  *device = currentDevice();
  return *device < 0 ? INVALID_CONTEXT : SUCCESS;
}

CALL(cuCtxSynchronize)() {
  ENTER("cuCtxSynchronize");
  return runAll();
}

// ---- strings for tests that run in one JVM: JCuda passes these two calls on as they are

extern "C" {
int simulated_cuda_report(char* buffer, int size);
void simulated_cuda_counters(long long out[8]);
void simulated_cuda_fail_allocation(long long k);
void simulated_cuda_fail_launch(long long k);
void simulated_cuda_lose_device(long long k);
void simulated_cuda_set_memory(long long bytes);
void simulated_cuda_set_order(unsigned long long order);
void simulated_cuda_set_devices(long long count);
void simulated_cuda_reset();
}

CALL(cuCtxSetLimit)(int limit, size_t value) {
  switch (limit) {
    case 9000: simulated_cuda_reset(); return SUCCESS;
    case 9001: simulated_cuda_fail_allocation(value); return SUCCESS;
    case 9002: simulated_cuda_fail_launch(value); return SUCCESS;
    case 9003: simulated_cuda_lose_device(value); return SUCCESS;
    case 9004: simulated_cuda_set_memory(value); return SUCCESS;
    case 9005: simulated_cuda_set_order(value); return SUCCESS;
    case 9006: simulated_cuda_set_devices(value); return SUCCESS;
    default: return INVALID_VALUE;
  }
}

CALL(cuCtxGetLimit)(size_t* value, int limit) {
  if (limit == 9110) {
    *value = simulated_cuda_report(nullptr, 0);
    return SUCCESS;
  }
  if (limit < 9100 || limit > 9107) {
    return INVALID_VALUE;
  }
  long long counters[8];
  simulated_cuda_counters(counters);
  *value = counters[limit - 9100];
  return SUCCESS;
}

// ---- memory

CALL(cuMemGetInfo_v2)(size_t* available, size_t* total) {
  ENTER("cuMemGetInfo");
  State& s = state();
  long long used = s.bytesUsed[currentDevice()];
  *available = s.capacity > used ? s.capacity - used : 0;
  *total = s.capacity;
  return SUCCESS;
}

CALL(cuMemAlloc_v2)(void** to, size_t bytes) {
  ENTER("cuMemAlloc");
  return allocate(bytes, false, to);
}

/// What gives things back goes on after the device was lost: nothing else would be left to call.
static int enterToFree(const char* function) {
  int error = enter(function);
  return error == stickyError() ? 0 : error;
}

CALL(cuMemFree_v2)(void* start) {
  Lock lock;
  if (int error = enterToFree("cuMemFree")) {
    return error;
  }
  return release(start, false, "cuMemFree");
}

CALL(cuMemHostAlloc)(void** to, size_t bytes, unsigned) {
  ENTER("cuMemHostAlloc");
  return allocate(bytes, true, to);
}

CALL(cuMemAllocHost_v2)(void** to, size_t bytes) {
  ENTER("cuMemAllocHost");
  return allocate(bytes, true, to);
}

CALL(cuMemFreeHost)(void* start) {
  Lock lock;
  if (int error = enterToFree("cuMemFreeHost")) {
    return error;
  }
  return release(start, true, "cuMemFreeHost");
}

CALL(cuMemHostGetDevicePointer_v2)(void** to, void* host, unsigned) {
  ENTER("cuMemHostGetDevicePointer");
  Allocation* a = find(host);
  if (a == nullptr || !a->host) {
    fault("cuMemHostGetDevicePointer: %s", describe(host).c_str());
    return INVALID_VALUE;
  }
  *to = host;
  return SUCCESS;
}

// ---- copies

static bool pinned(const void* host, size_t bytes) {
  Allocation* a = find(host);
  return a != nullptr && static_cast<const char*>(host) + bytes <= a->start + a->size;
}

static void countToDevice(size_t bytes) {
  state().toDevice++;
  state().toDeviceBytes += bytes;
}

static void countToHost(size_t bytes) {
  state().toHost++;
  state().toHostBytes += bytes;
}

static void checkWritten(const char* function, const void* from, size_t bytes) {
  if (reinterpret_cast<uintptr_t>(from) % 4 != 0 || bytes % 4 != 0) {
    return;
  }
  long long at = findPoison(from, bytes, 0, 1, bytes % 8 == 0 && reinterpret_cast<uintptr_t>(from) % 8 == 0 ? 8 : 4);
  if (at >= 0) {
    fault("%s: reads memory that nobody wrote, %lld bytes on from where %s", function, at, describe(from).c_str());
  }
}

CALL(cuMemcpyHtoD_v2)(void* to, const void* from, size_t bytes) {
  ENTER("cuMemcpyHtoD");
  if (!check("cuMemcpyHtoD", "destination", to, bytes)) {
    return INVALID_VALUE;
  }
  if (int error = runBlocking()) {
    return error;
  }
  countToDevice(bytes);
  if (pinned(from, bytes)) {
    memcpy(to, from, bytes);
    return SUCCESS;
  }
  // it returns once the bytes are in a buffer of the driver, and they arrive in the order of the null stream
  auto kept = std::make_shared<std::vector<char>>(static_cast<const char*>(from), static_cast<const char*>(from) + bytes);
  enqueue(&state().nullStream, [=] { memcpy(to, kept->data(), kept->size()); });
  return SUCCESS;
}

CALL(cuMemcpyDtoH_v2)(void* to, const void* from, size_t bytes) {
  ENTER("cuMemcpyDtoH");
  if (!check("cuMemcpyDtoH", "source", from, bytes)) {
    return INVALID_VALUE;
  }
  if (int error = runBlocking()) {
    return error;
  }
  checkWritten("cuMemcpyDtoH", from, bytes);
  memcpy(to, from, bytes);
  countToHost(bytes);
  return SUCCESS;
}

static bool overlap(const void* p, const void* q, size_t bytes) {
  uintptr_t a = reinterpret_cast<uintptr_t>(p), b = reinterpret_cast<uintptr_t>(q);
  return bytes > 0 && a < b + bytes && b < a + bytes;
}

static int copyOnDevice(const char* function, void* to, const void* from, size_t bytes, Stream* stream) {
  bool valid = check(function, "destination", to, bytes);
  valid = check(function, "source", from, bytes) && valid;
  if (valid && overlap(to, from, bytes)) {
    fault("%s: source and destination overlap", function);
    valid = false;
  }
  if (!valid) {
    return INVALID_VALUE;
  }
  enqueue(stream, [=] { memcpy(to, from, bytes); });
  return SUCCESS;
}

CALL(cuMemcpyDtoD_v2)(void* to, const void* from, size_t bytes) {
  ENTER("cuMemcpyDtoD");
  return copyOnDevice("cuMemcpyDtoD", to, from, bytes, &state().nullStream);
}

CALL(cuMemcpyDtoDAsync_v2)(void* to, const void* from, size_t bytes, void* handle) {
  ENTER("cuMemcpyDtoDAsync");
  Stream* stream = streamOf(handle, "cuMemcpyDtoDAsync");
  return stream == nullptr ? INVALID_HANDLE : copyOnDevice("cuMemcpyDtoDAsync", to, from, bytes, stream);
}

/// Whether host memory still holds what it held; it may be gone by now, so it is read as another process would.
static bool changed(const void* host, size_t bytes, uint64_t hash) {
  std::vector<char> now(bytes);
  iovec local{now.data(), bytes};
  iovec remote{const_cast<void*>(host), bytes};
  ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
  if (got < 0 && errno != EFAULT) {
    return false;  // this machine does not let us look
  }
  return got != static_cast<ssize_t>(bytes) || hashOf(now.data(), bytes) != hash;
}

/// One row or many: `rows` runs of `width` bytes.
struct Copy {
  char* to;
  size_t toPitch;
  const char* from;
  size_t fromPitch;
  size_t width;
  size_t rows;

  void run() const {
    for (size_t k = 0; k < rows; k++) {
      memcpy(to + k * toPitch, from + k * fromPitch, width);
    }
  }
  size_t toSpan() const { return rows == 0 ? 0 : (rows - 1) * toPitch + width; }
  size_t fromSpan() const { return rows == 0 ? 0 : (rows - 1) * fromPitch + width; }
};

static int copyToDevice(const char* function, Copy copy, Stream* stream) {
  if (!check(function, "destination", copy.to, copy.toSpan())) {
    return INVALID_VALUE;
  }
  countToDevice(copy.width * copy.rows);
  if (pinned(copy.from, copy.fromSpan())) {
    enqueue(stream, [=] {
      if (check(function, "source, freed before it was copied", copy.from, copy.fromSpan())) {
        copy.run();
      }
    });
    return SUCCESS;
  }
  auto kept = std::make_shared<std::vector<char>>(copy.from, copy.from + copy.fromSpan());
  uint64_t hash = hashOf(kept->data(), kept->size());
  enqueue(stream, [=] {
    if (changed(copy.from, copy.fromSpan(), hash)) {
      fault("%s: the source, %zu bytes of unpinned memory, changed before the stream was synchronised", function,
            copy.fromSpan());
    }
    Copy late = copy;
    late.from = kept->data();
    late.run();
  });
  return SUCCESS;
}

static int copyToHost(const char* function, Copy copy, Stream* stream) {
  if (!check(function, "source", copy.from, copy.fromSpan())) {
    return INVALID_VALUE;
  }
  countToHost(copy.width * copy.rows);
  bool lasts = pinned(copy.to, copy.toSpan());
  auto work = [=] {
    if (lasts && !check(function, "destination, freed before it was copied to", copy.to, copy.toSpan())) {
      return;
    }
    for (size_t k = 0; k < copy.rows; k++) {
      checkWritten(function, copy.from + k * copy.fromPitch, copy.width);
    }
    copy.run();
  };
  enqueue(stream, work);
  return lasts ? SUCCESS : run(stream);  // unpinned: returns when it is done
}

CALL(cuMemcpyHtoDAsync_v2)(void* to, const void* from, size_t bytes, void* handle) {
  ENTER("cuMemcpyHtoDAsync");
  Stream* stream = streamOf(handle, "cuMemcpyHtoDAsync");
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  return copyToDevice("cuMemcpyHtoDAsync",
                      {static_cast<char*>(to), 0, static_cast<const char*>(from), 0, bytes, 1}, stream);
}

CALL(cuMemcpyDtoHAsync_v2)(void* to, const void* from, size_t bytes, void* handle) {
  ENTER("cuMemcpyDtoHAsync");
  Stream* stream = streamOf(handle, "cuMemcpyDtoHAsync");
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  return copyToHost("cuMemcpyDtoHAsync", {static_cast<char*>(to), 0, static_cast<const char*>(from), 0, bytes, 1},
                    stream);
}

struct Copy2D {  // CUDA_MEMCPY2D
  size_t sourceX, sourceY;
  int sourceType;
  const void* sourceHost;
  const void* sourceDevice;
  void* sourceArray;
  size_t sourcePitch;
  size_t targetX, targetY;
  int targetType;
  void* targetHost;
  void* targetDevice;
  void* targetArray;
  size_t targetPitch;
  size_t width, height;
};

CALL(cuMemcpy2DAsync_v2)(const Copy2D* c, void* handle) {
  ENTER("cuMemcpy2DAsync");
  const char* function = "cuMemcpy2DAsync";
  Stream* stream = streamOf(handle, function);
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  const int HOST = 1, DEVICE = 2;
  size_t sourcePitch = c->sourcePitch == 0 ? c->width : c->sourcePitch;
  size_t targetPitch = c->targetPitch == 0 ? c->width : c->targetPitch;
  if ((c->sourceType != HOST && c->sourceType != DEVICE) || (c->targetType != HOST && c->targetType != DEVICE) ||
      c->sourceX + c->width > sourcePitch || c->targetX + c->width > targetPitch) {
    fault("%s: memory types %d and %d or pitches %zu and %zu are wrong", function, c->sourceType, c->targetType,
          sourcePitch, targetPitch);
    return INVALID_VALUE;
  }
  Copy copy;
  copy.from = static_cast<const char*>(c->sourceType == HOST ? c->sourceHost : c->sourceDevice) +
              c->sourceY * sourcePitch + c->sourceX;
  copy.to = static_cast<char*>(c->targetType == HOST ? c->targetHost : c->targetDevice) + c->targetY * targetPitch +
            c->targetX;
  copy.fromPitch = sourcePitch;
  copy.toPitch = targetPitch;
  copy.width = c->width;
  copy.rows = c->height;
  if (c->sourceType == HOST && c->targetType == DEVICE) {
    return copyToDevice(function, copy, stream);
  }
  if (c->sourceType == DEVICE && c->targetType == HOST) {
    return copyToHost(function, copy, stream);
  }
  if (c->sourceType == HOST) {
    return NOT_SUPPORTED;
  }
  bool valid = check(function, "destination", copy.to, copy.toSpan());
  valid = check(function, "source", copy.from, copy.fromSpan()) && valid;
  if (!valid) {
    return INVALID_VALUE;
  }
  enqueue(stream, [=] { copy.run(); });
  return SUCCESS;
}

static int set(const char* function, void* to, unsigned value, size_t size, size_t count, void* handle) {
  Stream* stream = streamOf(handle, function);
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  if (!check(function, "destination", to, size * count)) {
    return INVALID_VALUE;
  }
  enqueue(stream, [=] {
    for (size_t k = 0; k < count; k++) {
      memcpy(static_cast<char*>(to) + k * size, &value, size);
    }
  });
  return SUCCESS;
}

CALL(cuMemsetD8_v2)(void* to, unsigned char value, size_t count) {
  ENTER("cuMemsetD8");
  return set("cuMemsetD8", to, value, 1, count, nullptr);
}

CALL(cuMemsetD8Async)(void* to, unsigned char value, size_t count, void* stream) {
  ENTER("cuMemsetD8Async");
  return set("cuMemsetD8Async", to, value, 1, count, stream);
}

CALL(cuMemsetD32_v2)(void* to, unsigned value, size_t count) {
  ENTER("cuMemsetD32");
  return set("cuMemsetD32", to, value, 4, count, nullptr);
}

CALL(cuMemsetD32Async)(void* to, unsigned value, size_t count, void* stream) {
  ENTER("cuMemsetD32Async");
  return set("cuMemsetD32Async", to, value, 4, count, stream);
}

// ---- streams and events

CALL(cuStreamCreate)(void** to, unsigned flags) {
  ENTER("cuStreamCreate");
  Stream* stream = new Stream();
  stream->device = currentDevice();
  stream->nonBlocking = flags & 1;
  state().streams.insert(stream);
  *to = stream;
  return SUCCESS;
}

CALL(cuStreamDestroy_v2)(void* handle) {
  Lock lock;
  if (int error = enterToFree("cuStreamDestroy")) {
    return error;
  }
  Stream* stream = handle == nullptr ? nullptr : streamOf(handle, "cuStreamDestroy");
  if (stream == nullptr || stream == &state().nullStream) {
    return INVALID_HANDLE;
  }
  run(stream);
  state().streams.erase(stream);
  return stickyError();  // not deleted: the handle must not be that of another stream soon
}

CALL(cuStreamSynchronize)(void* handle) {
  ENTER("cuStreamSynchronize");
  Stream* stream = streamOf(handle, "cuStreamSynchronize");
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  return stream == &state().nullStream ? runBlocking() : run(stream);
}

CALL(cuStreamQuery)(void* handle) {
  ENTER("cuStreamQuery");
  Stream* stream = streamOf(handle, "cuStreamQuery");
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  if (stream->queue.empty()) {
    return SUCCESS;
  }
  run(stream);
  return stickyError() == 0 ? NOT_READY : stickyError();
}

static Event* eventOf(void* handle, const char* function) {
  Event* event = static_cast<Event*>(handle);
  if (state().events.count(event) == 0) {
    fault("%s: there is no such event (destroyed?)", function);
    return nullptr;
  }
  return event;
}

CALL(cuEventCreate)(void** to, unsigned flags) {
  ENTER("cuEventCreate");
  Event* event = new Event();
  event->device = currentDevice();
  event->timed = !(flags & 2);
  state().events.insert(event);
  *to = event;
  return SUCCESS;
}

CALL(cuEventDestroy_v2)(void* handle) {
  Lock lock;
  if (int error = enterToFree("cuEventDestroy")) {
    return error;
  }
  Event* event = eventOf(handle, "cuEventDestroy");
  if (event == nullptr) {
    return INVALID_HANDLE;
  }
  state().events.erase(event);
  return stickyError();
}

CALL(cuEventRecord)(void* handle, void* streamHandle) {
  ENTER("cuEventRecord");
  Event* event = eventOf(handle, "cuEventRecord");
  Stream* stream = streamOf(streamHandle, "cuEventRecord");
  if (event == nullptr || stream == nullptr) {
    return INVALID_HANDLE;
  }
  enqueue(stream, [=] {
    event->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  });
  event->stream = stream;
  event->position = stream->last();
  event->polls = 0;
  return SUCCESS;
}

CALL(cuEventSynchronize)(void* handle) {
  ENTER("cuEventSynchronize");
  Event* event = eventOf(handle, "cuEventSynchronize");
  return event == nullptr ? static_cast<int>(INVALID_HANDLE) : runEvent(event);
}

static bool reached(Event* event) { return event->stream == nullptr || event->stream->executed >= event->position; }

CALL(cuEventQuery)(void* handle) {
  ENTER("cuEventQuery");
  Event* event = eventOf(handle, "cuEventQuery");
  if (event == nullptr) {
    return INVALID_HANDLE;
  }
  if (!reached(event)) {
    if (event->polls++ == 0) {
      return NOT_READY;  // who asks once must be ready for this answer, and who asks again gets on
    }
    return runEvent(event);
  }
  return SUCCESS;
}

CALL(cuStreamWaitEvent)(void* streamHandle, void* handle, unsigned) {
  ENTER("cuStreamWaitEvent");
  Event* event = eventOf(handle, "cuStreamWaitEvent");
  Stream* stream = streamOf(streamHandle, "cuStreamWaitEvent");
  if (event == nullptr || stream == nullptr) {
    return INVALID_HANDLE;
  }
  if (event->stream != nullptr && event->stream != stream && !reached(event)) {
    stream->waits.push_back({event->stream, event->position});
  }
  return SUCCESS;
}

CALL(cuEventElapsedTime)(float* milliseconds, void* from, void* to) {
  ENTER("cuEventElapsedTime");
  Event* a = eventOf(from, "cuEventElapsedTime");
  Event* b = eventOf(to, "cuEventElapsedTime");
  if (a == nullptr || b == nullptr || !a->timed || !b->timed || a->stream == nullptr || b->stream == nullptr) {
    fault("cuEventElapsedTime: of events that do not record times");
    return INVALID_HANDLE;
  }
  if (!reached(a) || !reached(b)) {
    return NOT_READY;
  }
  *milliseconds = static_cast<float>((b->seconds - a->seconds) * 1000);
  return SUCCESS;
}

// ---- modules: an image names the file whose kernels were built in

CALL(cuModuleLoadData)(void** to, const char* image) {
  ENTER("cuModuleLoadData");
  char name[128];
  char kind[16];
  unsigned long long hash;
  int architecture = 90;  // images of before had none
  if (sscanf(image, "simulated %15[a-z]\n%127s %llx %d", kind, name, &hash, &architecture) < 3) {
    fault("cuModuleLoadData: this image is not from the simulated NVRTC");
    return INVALID_IMAGE;
  }
  bool runs = strcmp(kind, "ptx") == 0 ? architecture <= capability() : architecture == capability();
  if (!runs) {
    return NO_BINARY_FOR_GPU;
  }
  for (const KernelFile& file : kernelFiles()) {
    if (strcmp(file.name, name) == 0) {
      if (file.hash != hash) {
        break;
      }
      Module* module = new Module();
      module->device = currentDevice();
      module->file = &file;
      state().modules.insert(module);
      *to = module;
      return SUCCESS;
    }
  }
  fault("cuModuleLoadData: %s is not what was built into the simulated device", name);
  return INVALID_IMAGE;
}

CALL(cuModuleLoadDataEx)(void** to, const char* image, unsigned, void*, void*) { return cuModuleLoadData(to, image); }

CALL(cuModuleUnload)(void* handle) {
  Lock lock;
  if (int error = enterToFree("cuModuleUnload")) {
    return error;
  }
  if (state().modules.erase(static_cast<Module*>(handle)) == 0) {
    fault("cuModuleUnload: there is no such module (unloaded?)");
    return INVALID_HANDLE;
  }
  if (stickyError() == 0) {
    runAll();
  }
  return stickyError();
}

CALL(cuModuleGetFunction)(void** to, void* handle, const char* name) {
  ENTER("cuModuleGetFunction");
  Module* module = static_cast<Module*>(handle);
  if (state().modules.count(module) == 0) {
    fault("cuModuleGetFunction: there is no such module (unloaded?)");
    return INVALID_HANDLE;
  }
  Function*& function = module->functions[name];
  if (function == nullptr) {
    for (int k = 0; k < module->file->count; k++) {
      if (strcmp(module->file->kernels[k].name, name) == 0) {
        function = new Function();
        function->kernel = &module->file->kernels[k];
      }
    }
  }
  *to = function;
  return function == nullptr ? NOT_FOUND : SUCCESS;
}

static Function* functionOf(void* handle) {
  for (Module* module : state().modules) {
    for (auto& entry : module->functions) {
      if (entry.second == handle && handle != nullptr) {
        return entry.second;
      }
    }
  }
  return nullptr;
}

CALL(cuFuncGetAttribute)(int* value, int attribute, void* handle) {
  ENTER("cuFuncGetAttribute");
  Function* function = functionOf(handle);
  if (function == nullptr) {
    fault("cuFuncGetAttribute: there is no such function (unloaded?)");
    return INVALID_HANDLE;
  }
  switch (attribute) {
    case 0: *value = function->kernel->maxThreads; break;
    case 4: *value = 32; break;  // registers
    case 5: case 6: *value = 90; break;
    case 8: *value = static_cast<int>(function->dynamicShared); break;
    default: *value = 0;
  }
  return SUCCESS;
}

CALL(cuFuncSetAttribute)(void* handle, int attribute, int value) {
  ENTER("cuFuncSetAttribute");
  Function* function = functionOf(handle);
  if (function == nullptr) {
    fault("cuFuncSetAttribute: there is no such function (unloaded?)");
    return INVALID_HANDLE;
  }
  if (attribute == 8) {
    if (value < 0 || value > 227 * 1024) {
      return INVALID_VALUE;
    }
    function->dynamicShared = value;
  }
  return SUCCESS;
}

CALL(cuLaunchKernel)(void* handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                     unsigned blockZ, unsigned shared, void* streamHandle, void** parameters, void** extra) {
  ENTER("cuLaunchKernel");
  Function* function = functionOf(handle);
  Stream* stream = streamOf(streamHandle, "cuLaunchKernel");
  if (function == nullptr) {
    fault("cuLaunchKernel: there is no such function (unloaded?)");
    return INVALID_HANDLE;
  }
  if (stream == nullptr) {
    return INVALID_HANDLE;
  }
  const Kernel& kernel = *function->kernel;
  unsigned long long threads = 1ull * blockX * blockY * blockZ;
  if (gridX == 0 || gridY == 0 || gridZ == 0 || threads == 0 || gridX > 2147483647u || gridY > 65535 ||
      gridZ > 65535 || blockX > 1024 || blockY > 1024 || blockZ > 64 || threads > 1024) {
    fault("kernel %s: launched on a grid of %u x %u x %u blocks of %u x %u x %u threads", kernel.name, gridX, gridY,
          gridZ, blockX, blockY, blockZ);
    return INVALID_VALUE;
  }
  if (threads > static_cast<unsigned>(kernel.maxThreads)) {
    fault("kernel %s: launched with %llu threads a block, built for %d", kernel.name, threads, kernel.maxThreads);
    return LAUNCH_OUT_OF_RESOURCES;
  }
  if (shared > function->dynamicShared) {
    fault("kernel %s: launched with %u bytes of shared memory, %zu allowed", kernel.name, shared,
          function->dynamicShared);
    return INVALID_VALUE;
  }
  if (extra != nullptr || (parameters == nullptr && kernel.parameters > 0)) {
    fault("kernel %s: launched without its %d arguments", kernel.name, kernel.parameters);
    return INVALID_VALUE;
  }
  if (int error = launching("cuLaunchKernel")) {
    return error;
  }
  kernel.launch(kernel, {{gridX, gridY, gridZ}, {blockX, blockY, blockZ}, shared}, parameters, stream);
  return SUCCESS;
}

// ---- errors

static const struct {
  int code;
  const char* name;
  const char* text;
} errors[] = {
    {SUCCESS, "CUDA_SUCCESS", "no error"},
    {INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
};

CALL(cuGetErrorName)(int code, const char** to) {
  for (auto& error : errors) {
    if (error.code == code) {
      *to = error.name;
      return SUCCESS;
    }
  }
  *to = nullptr;
  return INVALID_VALUE;
}

CALL(cuGetErrorString)(int code, const char** to) {
  for (auto& error : errors) {
    if (error.code == code) {
      *to = error.text;
      return SUCCESS;
    }
  }
  *to = nullptr;
  return INVALID_VALUE;
}
