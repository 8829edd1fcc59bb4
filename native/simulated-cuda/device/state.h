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

struct Stream {
  bool nonBlocking = false;
  std::deque<Operation> queue;
  uint64_t executed = 0;
  std::vector<std::pair<Stream*, uint64_t>> waits;  // for the next operation

  uint64_t last() const { return executed + queue.size(); }
};

struct Event {
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
  const KernelFile* file;
  std::map<std::string, Function*> functions;
};

struct State {
  std::recursive_mutex mutex;
  bool initialised = false;
  int retained = 0;
  int sticky = 0;

  long long faults = 0;
  std::vector<std::string> messages;

  std::map<char*, Allocation> live;   // by start
  std::map<char*, Allocation> freed;  // by region: kept out of use for a while
  std::deque<char*> freedOrder;
  long long numbers = 0;
  long long bytesUsed = 0;
  long long hostBytes = 0;

  Stream nullStream;
  std::set<Stream*> streams;
  std::set<Event*> events;
  std::set<Module*> modules;
  std::map<void*, const char*> handles;

  long long capacity, failAllocation, failLaunch, loseDevice;
  long long allocationCalls = 0, allocations = 0, frees = 0, launches = 0;
  long long toDevice = 0, toDeviceBytes = 0, toHost = 0, toHostBytes = 0;

  State();
};

State& state();
extern thread_local std::vector<void*> contexts;
void counters(long long out[8]);
void reportLeaks(const char* when);
int runEvent(Event* event);

}  // namespace simulated
