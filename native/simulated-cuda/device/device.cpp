#include "device.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "state.h"

namespace simulated {

State& state() {
  static State* s = new State();  // never destroyed: threads may still call while the process ends
  return *s;
}

int contextOfDevice[MOST_DEVICES];
thread_local std::vector<void*> contexts;

bool isContext(const void* context) {
  const int* device = static_cast<const int*>(context);
  return device >= contextOfDevice && device < contextOfDevice + state().devices &&
         state().retained[device - contextOfDevice] > 0;
}

int currentDevice() {
  return contexts.empty() || !isContext(contexts.back())
             ? -1
             : static_cast<int>(static_cast<int*>(contexts.back()) - contextOfDevice);
}

Lock::Lock() { state().mutex.lock(); }
Lock::~Lock() { state().mutex.unlock(); }

static long long environment(const char* name, long long otherwise) {
  const char* text = getenv(name);
  return text && *text ? atoll(text) : otherwise;
}

State::State() {
  capacity = environment("SIMULATED_CUDA_MEMORY", 1LL << 30);
  failAllocation = environment("SIMULATED_CUDA_FAIL_ALLOCATION", 0);
  failLaunch = environment("SIMULATED_CUDA_FAIL_LAUNCH", 0);
  loseDevice = environment("SIMULATED_CUDA_LOSE_DEVICE", 0);
  const char* lost = getenv("SIMULATED_CUDA_LOSE_DEVICE");
  if (const char* card = lost == nullptr ? nullptr : strchr(lost, '@')) {
    loseCard = atoi(card + 1);
  }
  devices = static_cast<int>(environment("SIMULATED_CUDA_DEVICES", 1));
  if (devices < 0 || devices > MOST_DEVICES) {
    fprintf(stderr, "simulated CUDA device: SIMULATED_CUDA_DEVICES: expected 0 to %d\n", MOST_DEVICES);
    devices = 1;
  }
  capability = static_cast<int>(environment("SIMULATED_CUDA_CAPABILITY", 90));
  failInit = static_cast<int>(environment("SIMULATED_CUDA_FAIL_INIT", 0));
  if (const char* card = getenv("SIMULATED_CUDA_FAIL_CARD")) {
    sscanf(card, "%d:%d", &failCard, &failCardWith);
  }
  const char* how = getenv("SIMULATED_CUDA_STREAMS");
  order = how == nullptr || *how == 0 || strcmp(how, "late") == 0 ? LATE
            : strcmp(how, "eager") == 0                              ? EAGER
                                                                     : strtoull(how, nullptr, 10);
}

// ---- what went wrong

void fault(const char* format, ...) {
  char text[1024];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  State& s = state();
  s.faults++;
  if (s.messages.size() < 200) {
    s.messages.push_back(text);
  }
}

int capability() { return state().capability; }

int stickyError() {
  int device = currentDevice();
  return device < 0 ? 0 : state().sticky[device];
}

void loseDevice(int code) {
  State& s = state();
  int device = s.running >= 0 ? s.running : currentDevice();
  if (s.sticky[device] == 0) {
    s.sticky[device] = code;
  }
  for (Stream* stream : s.streams) {
    if (stream->device == device) {
      stream->executed += stream->queue.size();
      stream->queue.clear();
    }
  }
}

int enter(const char* function) {
  State& s = state();
  if (!s.initialised) {
    fault("%s: called before cuInit", function);
    return NOT_INITIALIZED;
  }
  if (currentDevice() < 0) {
    fault("%s: the context is not current in this thread", function);
    return INVALID_CONTEXT;
  }
  return stickyError();
}

// ---- memory: each allocation ends at a page that cannot be touched, and so does the page before it begin;
// what is between holds a pattern

static const size_t PAGE = 4096;
static const size_t ALIGNMENT = 16;
static const size_t QUARANTINE = 1024;

void fillPoison(void* start, size_t bytes) {
  char* p = static_cast<char*>(start);
  const char* pattern = reinterpret_cast<const char*>(&POISON);
  while (bytes > 0 && reinterpret_cast<uintptr_t>(p) % 4 != 0) {
    *p = pattern[reinterpret_cast<uintptr_t>(p) % 4];
    p++;
    bytes--;
  }
  uint32_t* words = reinterpret_cast<uint32_t*>(p);
  for (size_t k = 0; k < bytes / 4; k++) {
    words[k] = POISON;
  }
  for (size_t k = bytes / 4 * 4; k < bytes; k++) {
    p[k] = pattern[k % 4];
  }
}

static void fillGuard(char* start, size_t bytes) {
  for (size_t k = 0; k < bytes; k++) {
    start[k] = reinterpret_cast<const char*>(&GUARD)[reinterpret_cast<uintptr_t>(start + k) % 8];
  }
}

static bool holdsGuard(const char* start, size_t bytes) {
  for (size_t k = 0; k < bytes; k++) {
    if (start[k] != reinterpret_cast<const char*>(&GUARD)[reinterpret_cast<uintptr_t>(start + k) % 8]) {
      return false;
    }
  }
  return true;
}

static void fillGuards(const Allocation& a) {
  char* first = a.region + PAGE;
  char* end = a.region + a.regionSize - PAGE;
  fillGuard(first, a.start - first);
  fillGuard(a.start + a.size, end - a.start - a.size);
}

int allocate(size_t size, bool host, void** to) {
  State& s = state();
  if (size == 0) {
    fault("cuMemAlloc: of no bytes");
    return INVALID_VALUE;
  }
  s.allocationCalls++;
  if (s.failAllocation > 0 && --s.failAllocation == 0) {
    return OUT_OF_MEMORY;
  }
  int device = currentDevice();
  if (!host && s.bytesUsed[device] + static_cast<long long>(size) > s.capacity) {
    return OUT_OF_MEMORY;
  }
  size_t inner = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  size_t pages = (inner + PAGE - 1) / PAGE * PAGE;
  size_t regionSize = pages + 2 * PAGE;
  char* region = static_cast<char*>(
      mmap(nullptr, regionSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  if (region == MAP_FAILED) {
    return OUT_OF_MEMORY;
  }
  if (mprotect(region + PAGE, pages, PROT_READ | PROT_WRITE) != 0) {
    munmap(region, regionSize);
    return OUT_OF_MEMORY;
  }
  Allocation a{region + PAGE + pages - inner, size, region, regionSize, host, ++s.numbers, device};
  fillPoison(a.start, size);
  fillGuards(a);
  s.live[a.start] = a;
  s.allocations++;
  (host ? s.hostBytes : s.bytesUsed[device]) += size;
  *to = a.start;
  return SUCCESS;
}

bool checkGuards(Allocation* a, const char* after) {
  char* first = a->region + PAGE;
  char* end = a->region + a->regionSize - PAGE;
  const char* where = nullptr;
  if (!holdsGuard(first, a->start - first)) {
    where = "before its start";
  } else if (!holdsGuard(a->start + a->size, end - a->start - a->size)) {
    where = "past its end";
  }
  if (where == nullptr) {
    return true;
  }
  fault("%s: allocation %lld (%zu bytes) was written %s", after, a->number, a->size, where);
  fillGuards(*a);
  return false;
}

int release(void* start, bool host, const char* function) {
  State& s = state();
  if (start == nullptr) {
    return SUCCESS;
  }
  auto found = s.live.find(static_cast<char*>(start));
  if (found == s.live.end() || found->second.host != host) {
    fault("%s: %s", function, describe(start).c_str());
    return INVALID_VALUE;
  }
  if (!host && s.sticky[found->second.device] == 0) {
    runAll();  // as on a card, memory in use is not taken away; nothing is promised of the host's
  }
  checkGuards(&found->second, function);
  Allocation a = found->second;
  s.live.erase(found);
  s.frees++;
  (a.host ? s.hostBytes : s.bytesUsed[a.device]) -= a.size;
  madvise(a.region, a.regionSize, MADV_DONTNEED);
  mprotect(a.region, a.regionSize, PROT_NONE);
  s.freed[a.region] = a;
  s.freedOrder.push_back(a.region);
  if (s.freedOrder.size() > QUARANTINE) {
    Allocation old = s.freed[s.freedOrder.front()];
    s.freed.erase(s.freedOrder.front());
    s.freedOrder.pop_front();
    munmap(old.region, old.regionSize);
  }
  return s.sticky[a.device];
}

Allocation* find(const void* address) {
  State& s = state();
  char* p = const_cast<char*>(static_cast<const char*>(address));
  auto next = s.live.upper_bound(p);
  if (next == s.live.begin()) {
    return nullptr;
  }
  Allocation& a = std::prev(next)->second;
  return p <= a.start + a.size ? &a : nullptr;
}

static Allocation* findRegion(std::map<char*, Allocation>& among, const char* p) {
  for (auto& entry : among) {
    Allocation& a = entry.second;
    if (p >= a.region && p < a.region + a.regionSize) {
      return &a;
    }
  }
  return nullptr;
}

std::string describe(const void* address) {
  State& s = state();
  const char* p = static_cast<const char*>(address);
  char text[200];
  if (Allocation* a = findRegion(s.live, p)) {
    snprintf(text, sizeof text, "address %p is at byte %lld of allocation %lld, which has %zu%s", address,
             static_cast<long long>(p - a->start), a->number, a->size, a->host ? " (host)" : "");
  } else if (Allocation* b = findRegion(s.freed, p)) {
    snprintf(text, sizeof text, "address %p is at byte %lld of allocation %lld, which was freed", address,
             static_cast<long long>(p - b->start), b->number);
  } else {
    snprintf(text, sizeof text, "address %p is in no allocation", address);
  }
  return text;
}

bool check(const char* function, const char* what, const void* start, size_t bytes) {
  if (bytes == 0) {
    return true;
  }
  const char* p = static_cast<const char*>(start);
  Allocation* a = find(p);
  if (a != nullptr && p + bytes <= a->start + a->size) {
    return true;
  }
  fault("%s: %s, %zu bytes: %s", function, what, bytes, describe(start).c_str());
  return false;
}

bool isPoison(const void* p, size_t bytes) {
  uint32_t word;
  memcpy(&word, p, 4);
  if (word != POISON) {
    return false;
  }
  if (bytes >= 8) {
    memcpy(&word, static_cast<const char*>(p) + 4, 4);
  }
  return word == POISON;
}

/// Poison, or what is around allocations, as it is or made quiet.
static bool nobodyWrote(const char* p, size_t element) {
  if (element == 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word == (static_cast<uint64_t>(POISON) << 32 | POISON) || (word | 1ull << 51) == (GUARD | 1ull << 51);
  }
  uint32_t word;
  memcpy(&word, p, 4);
  const uint32_t quiet = 1u << 22;
  return word == POISON || (word | quiet) == (static_cast<uint32_t>(GUARD) | quiet) || word == GUARD >> 32;
}

long long findPoison(const void* start, size_t bytes, size_t pitch, size_t count, size_t element) {
  for (size_t k = 0; k < count; k++) {
    const char* p = static_cast<const char*>(start) + k * pitch;
    for (size_t i = 0; i + element <= bytes; i += element) {
      if (nobodyWrote(p + i, element)) {
        return k * pitch + i;
      }
    }
  }
  return -1;
}

// ---- streams

Stream* streamOf(void* handle, const char* function) {
  State& s = state();
  if (handle == nullptr || handle == reinterpret_cast<void*>(1)) {
    return &s.nullStream;
  }
  Stream* stream = static_cast<Stream*>(handle);
  if (s.streams.count(stream) == 0) {
    fault("%s: there is no such stream (destroyed?)", function);
    return nullptr;
  }
  return stream;
}

static void runUntil(Stream* stream, uint64_t until) {
  while (stream->executed < until && !stream->queue.empty()) {
    Operation op = std::move(stream->queue.front());
    stream->queue.pop_front();
    stream->executed++;
    for (auto& before : op.after) {
      if (before.first == &state().nullStream || state().streams.count(before.first) != 0) {
        runUntil(before.first, before.second);
      }
    }
    if (state().sticky[stream->device] == 0) {
      int outer = state().running;
      state().running = stream->device;
      op.work();
      state().running = outer;
    }
  }
}

/// Work that the streams chose to do now: all of it, none, or some of any stream.
static void runSome(Stream* queued) {
  State& s = state();
  if (s.order == EAGER) {
    runUntil(queued, queued->last());
    return;
  }
  
  auto next = [&](uint64_t below) {
    s.order = s.order * 6364136223846793005ull + 1442695040888963407ull;
    return (s.order >> 33) % below;
  };
  for (uint64_t steps = next(4); steps > 0; steps--) {
    std::vector<Stream*> busy;
    if (!s.nullStream.queue.empty()) {
      busy.push_back(&s.nullStream);
    }
    for (Stream* stream : s.streams) {
      if (!stream->queue.empty()) {
        busy.push_back(stream);
      }
    }
    if (busy.empty()) {
      return;
    }
    Stream* one = busy[next(busy.size())];
    runUntil(one, one->executed + 1);
  }
}

void enqueue(Stream* stream, std::function<void()> work) {
  State& s = state();
  Operation op;
  op.work = std::move(work);
  op.after = std::move(stream->waits);
  stream->waits.clear();
  if (stream == &s.nullStream) {
    for (Stream* other : s.streams) {
      if (!other->nonBlocking && !other->queue.empty()) {
        op.after.push_back({other, other->last()});
      }
    }
  } else if (!stream->nonBlocking && !s.nullStream.queue.empty()) {
    op.after.push_back({&s.nullStream, s.nullStream.last()});
  }
  stream->queue.push_back(std::move(op));
  if (stream->queue.size() > 2048) {
    runUntil(stream, stream->last() - 1024);
  }
  if (s.order != LATE) {
    runSome(stream);
  }
}

int run(Stream* stream) {
  runUntil(stream, stream->last());
  for (auto& before : stream->waits) {
    if (state().streams.count(before.first) != 0) {
      runUntil(before.first, before.second);
    }
  }
  return state().sticky[stream->device];
}

int runEvent(Event* event) {
  if (event->stream != nullptr && (event->stream == &state().nullStream || state().streams.count(event->stream) != 0)) {
    runUntil(event->stream, event->position);
  }
  return state().sticky[event->device];
}

int runBlocking() {
  State& s = state();
  run(&s.nullStream);
  for (Stream* stream : std::set<Stream*>(s.streams)) {
    if (!stream->nonBlocking) {
      run(stream);
    }
  }
  return stickyError();
}

int runAll() {
  State& s = state();
  run(&s.nullStream);
  for (Stream* stream : std::set<Stream*>(s.streams)) {
    run(stream);
  }
  return stickyError();
}

// ---- launches

int launching(const char* function) {
  State& s = state();
  s.launches++;
  bool counts = s.loseCard < 0 || s.loseCard == currentDevice();
  if (s.loseDevice > 0 && counts && --s.loseDevice == 0) {
    loseDevice(ILLEGAL_ADDRESS);
    return ILLEGAL_ADDRESS;
  }
  if (s.failLaunch > 0 && --s.failLaunch == 0) {
    (void)function;
    return LAUNCH_FAILED;
  }
  return SUCCESS;
}

uint64_t hashOf(const char* text, size_t size) {
  uint64_t hash = 14695981039346656037ull;  // FNV-1a
  for (size_t k = 0; k < size; k++) {
    hash = (hash ^ static_cast<unsigned char>(text[k])) * 1099511628211ull;
  }
  return hash;
}

// ---- things with handles

void addHandle(void* handle, const char* kind) { state().handles[handle] = {kind, currentDevice()}; }

bool isHandle(void* handle, const char* kind, const char* function) {
  State& s = state();
  auto found = s.handles.find(handle);
  if (found == s.handles.end() || strcmp(found->second.kind, kind) != 0) {
    fault("%s: there is no such %s (destroyed?)", function, kind);
    return false;
  }
  return true;
}

bool removeHandle(void* handle, const char* kind, const char* function) {
  if (!isHandle(handle, kind, function)) {
    return false;
  }
  state().handles.erase(handle);
  return true;
}

// ---- the report

void reportLeaks(const char* when, int device) {
  State& s = state();
  auto isHere = [device](int other) { return device < 0 || device == other; };
  for (auto& entry : s.live) {
    if (isHere(entry.second.device)) {
      fault("leak %s: allocation %lld of %zu bytes%s", when, entry.second.number, entry.second.size,
            entry.second.host ? " (host)" : "");
    }
  }
  for (Stream* stream : s.streams) {
    if (isHere(stream->device)) {
      fault("leak %s: a stream", when);
    }
  }
  for (Event* event : s.events) {
    if (isHere(event->device)) {
      fault("leak %s: an event", when);
    }
  }
  for (Module* module : s.modules) {
    if (isHere(module->device)) {
      fault("leak %s: a module", when);
    }
  }
  for (auto& entry : s.handles) {
    if (isHere(entry.second.device)) {
      fault("leak %s: a %s", when, entry.second.kind);
    }
  }
}

static std::string reportText() {
  State& s = state();
  std::string text;
  if (s.faults == 0) {
    text = "clean\n";
  } else {
    text = "faults " + std::to_string(s.faults) + "\n";
    for (auto& message : s.messages) {
      text += "fault: " + message + "\n";
    }
  }
  const char* names[] = {"allocations",          "frees", "bytes_live", "host_to_device_copies", "host_to_device_bytes",
                         "device_to_host_copies", "device_to_host_bytes", "launches"};
  long long values[8];
  counters(values);
  for (int k = 0; k < 8; k++) {
    text += std::string(names[k]) + " " + std::to_string(values[k]) + "\n";
  }
  return text;
}

void counters(long long out[8]) {
  State& s = state();
  long long used = s.hostBytes;
  for (long long bytes : s.bytesUsed) {
    used += bytes;
  }
  long long values[] = {s.allocations, s.frees, used, s.toDevice, s.toDeviceBytes,
                        s.toHost, s.toHostBytes, s.launches};
  memcpy(out, values, sizeof values);
}

struct AtExit {
  ~AtExit() {
    State& s = state();
    for (int k = 0; k < 100 && !s.mutex.try_lock(); k++) {
      usleep(10000);
    }
    for (int times : s.retained) {
      if (times > 0) {
        fault("leak at exit: the context is still retained, %d times", times);
      }
    }
    reportLeaks("at exit", -1);
    if (s.faults > 0) {
      fprintf(stderr, "simulated CUDA device: %lld faults\n", s.faults);
      for (auto& message : s.messages) {
        fprintf(stderr, "simulated CUDA device: %s\n", message.c_str());
      }
    }
    const char* file = getenv("SIMULATED_CUDA_REPORT");
    if (file && *file) {
      if (FILE* to = fopen(file, "w")) {
        fputs(reportText().c_str(), to);
        fclose(to);
      } else {
        fprintf(stderr, "simulated CUDA device: cannot write %s\n", file);
      }
    }
  }
};
static AtExit atExit;

}  // namespace simulated

// ---- for tests

using namespace simulated;

#define FOR_TESTS extern "C" __attribute__((visibility("default")))

FOR_TESTS int simulated_cuda_report(char* buffer, int size) {
  Lock lock;
  if (buffer && size > 0) {
    snprintf(buffer, size, "%s", reportText().c_str());
  }
  return static_cast<int>(state().faults);
}

FOR_TESTS void simulated_cuda_counters(long long out[8]) {
  Lock lock;
  counters(out);
}

FOR_TESTS void simulated_cuda_fail_allocation(long long k) {
  Lock lock;
  state().failAllocation = k;
}

FOR_TESTS void simulated_cuda_fail_launch(long long k) {
  Lock lock;
  state().failLaunch = k;
}

FOR_TESTS void simulated_cuda_lose_device(long long k) {
  Lock lock;
  state().loseDevice = k & 0xffffffff;
  state().loseCard = static_cast<int>(k >> 32) - 1;
}

/// LATE, EAGER, or a seed.
FOR_TESTS void simulated_cuda_set_order(unsigned long long order) {
  Lock lock;
  state().order = order;
}

FOR_TESTS void simulated_cuda_set_devices(long long count) {
  Lock lock;
  state().devices = static_cast<int>(count);
}

FOR_TESTS void simulated_cuda_set_memory(long long bytes) {
  Lock lock;
  state().capacity = bytes;
}

/// A device as new, but for what is still allocated.
FOR_TESTS void simulated_cuda_reset() {
  Lock lock;
  State& s = state();
  s.faults = 0;
  s.messages.clear();
  memset(s.sticky, 0, sizeof s.sticky);
  s.loseCard = -1;
  s.failAllocation = s.failLaunch = s.loseDevice = 0;
  s.capacity = 1LL << 30;
  s.order = LATE;
  s.allocations = s.frees = s.toDevice = s.toDeviceBytes = s.toHost = s.toHostBytes = s.launches = 0;
}
