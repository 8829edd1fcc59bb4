// What the parts of libcuda know and the other libraries do not.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "device.h"

namespace simulated {

struct Operation {
  std::function<void()> work;
  std::vector<std::pair<Stream*, uint64_t>> after;  // positions that other streams must have reached
};

const int MOST_DEVICES = 16;

struct Stream {
  int device = 0;
  bool nonBlocking = false;
  std::deque<Operation> queue;
  uint64_t executed = 0;
  std::vector<std::pair<Stream*, uint64_t>> waits;  // for the next operation

  uint64_t last() const { return executed + queue.size(); }
};

struct Event {
  int device = 0;
  bool timed = true;
  Stream* stream = nullptr;  // null: never recorded
  uint64_t position = 0;
  double seconds = 0;
  int polls = 0;
};

struct Function {
  const Kernel* kernel;
  size_t dynamicShared = 48 * 1024;
};

struct Module {
  int device;
  const KernelFile* file;
  std::map<std::string, Function*> functions;
};

struct State {
  std::recursive_mutex mutex;
  bool initialised = false;
  int retained[MOST_DEVICES] = {};
  int sticky[MOST_DEVICES] = {};  // the error of a device that is lost
  int running = -1;               // the device whose work runs in this moment

  long long faults = 0;
  std::vector<std::string> messages;

  std::map<char*, Allocation> live;   // by start
  std::map<char*, Allocation> freed;  // by region: kept out of use for a while
  std::deque<char*> freedOrder;
  long long numbers = 0;
  long long bytesUsed[MOST_DEVICES] = {};
  long long hostBytes = 0;

  Stream nullStream;
  std::set<Stream*> streams;
  std::set<Event*> events;
  std::set<Module*> modules;
  struct Handle {
    const char* kind;
    int device;  // -1: of none
  };
  std::map<void*, Handle> handles;

  long long capacity, failAllocation, failLaunch, loseDevice;
  int devices, capability, failInit;
  int failCard = -1, failCardWith = 0;
  int loseCard = -1;  // whose launches loseDevice counts; -1: those of all
  /// When queued work runs: LATE is as late as possible, EAGER at once, and else at random from this seed.
  uint64_t order;
  long long allocationCalls = 0, allocations = 0, frees = 0, launches = 0;
  long long toDevice = 0, toDeviceBytes = 0, toHost = 0, toHostBytes = 0;

  State();
};

constexpr uint64_t LATE = 0, EAGER = 1;

State& state();
extern int contextOfDevice[MOST_DEVICES];  // their addresses are the contexts' handles
extern thread_local std::vector<void*> contexts;
void counters(long long out[8]);
/// What is left on a device; -1: on any.
void reportLeaks(const char* when, int device);
/// The device whose context is current in this thread, or -1.
int currentDevice();
bool isContext(const void* context);
int runEvent(Event* event);

}  // namespace simulated
