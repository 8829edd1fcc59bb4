// Runs the threads of a block as fibers, in the order that SIMULATED_CUDA_ORDER asks for.
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include <pthread.h>
#include <sys/mman.h>

#include "emulation.h"

#ifndef __x86_64__
#error "the simulated CUDA device switches fibers on x86-64 only, as JCuda's natives are for that alone"
#endif

// Saves the registers that a function must keep, and goes on where another stack left off.
extern "C" void simulated_switch(void** from, void* to);
asm(R"(
.text
.type simulated_switch, @function
.hidden simulated_switch
.globl simulated_switch
simulated_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size simulated_switch, .-simulated_switch
)");

namespace simulated {

dim3 indexOfThread, indexOfBlock, sizeOfBlock, sizeOfGrid;

namespace {

const int LANES = 32;
const int MOST_THREADS = 1024;
const size_t STACK = 128 * 1024;
const size_t STATIC_SHARED = 48 * 1024;
const size_t MOST_SHARED = 227 * 1024;
const size_t GAP = 64;
const size_t PAGE = 4096;

enum Where { NEW, READY, BARRIER, SHUFFLE, DONE };

struct Thread {
  Where where;
  void* stack;
  void* place;     // the stack pointer while it does not run
  uint64_t bits;   // offered, then received
  int source;
};

struct Runner {
  Thread threads[MOST_THREADS];
  int count = 0;
  Thread* current = nullptr;
  void* scheduler = nullptr;
  void (*body)(void*) = nullptr;
  void* arguments = nullptr;
  const Kernel* kernel = nullptr;
  std::vector<void*> stacks;      // free ones
  std::vector<int> threadOrder, warpOrder;
  uint64_t block = 0;             // number of the block, over all launches
  char* shared = nullptr;         // static arrays, with gaps
  size_t sharedUsed = 0;
  size_t sharedDeclared = 0;
  std::vector<std::pair<const char*, char*>> gaps;
  char* dynamic = nullptr;
  char* dynamicEnd = nullptr;
  size_t dynamicSize = 0;
  const char* trouble = nullptr;  // why the launch ends here
  int signal = 0;
  void* address = nullptr;
};

Runner* runner = nullptr;
thread_local bool running = false;  // this thread runs a kernel
struct sigaction before[32];

char* guarded(size_t size) {
  char* region = static_cast<char*>(
      mmap(nullptr, size + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  if (region == MAP_FAILED || mprotect(region + PAGE, size, PROT_READ | PROT_WRITE) != 0) {
    abort();
  }
  return region + PAGE;
}

/// Leaves the kernel where it did what a card would punish; all others go where they went before.
void onSignal(int signal, siginfo_t* info, void* context) {
  if (running && runner->current != nullptr) {
    runner->trouble = signal == SIGFPE ? "divided by zero" : "touched memory that is not its own";
    runner->signal = signal;
    runner->address = info->si_addr;
    pthread_sigmask(SIG_SETMASK, &static_cast<ucontext_t*>(context)->uc_sigmask, nullptr);
    simulated_switch(&runner->current->place, runner->scheduler);
  }
  struct sigaction& old = before[signal];
  if (old.sa_flags & SA_SIGINFO) {
    old.sa_sigaction(signal, info, context);
  } else if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) {
    old.sa_handler(signal);
  } else {
    sigaction(signal, &old, nullptr);
  }
}

void catchSignals() {
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE}) {
    struct sigaction now;
    sigaction(signal, nullptr, &now);
    if (now.sa_sigaction == onSignal) {
      continue;
    }
    before[signal] = now;
    struct sigaction own = {};
    own.sa_sigaction = onSignal;
    own.sa_flags = SA_SIGINFO | SA_RESTART | (now.sa_flags & SA_ONSTACK);
    sigfillset(&own.sa_mask);
    sigaction(signal, &own, nullptr);
  }
}

void leave(Where where) {
  Thread* thread = runner->current;
  thread->where = where;
  simulated_switch(&thread->place, runner->scheduler);
}

void stop(const char* trouble) {
  runner->trouble = trouble;
  leave(DONE);
}

extern "C" void simulated_thread() {
  runner->body(runner->arguments);
  leave(DONE);
  __builtin_unreachable();
}

void resume(int index) {
  Runner& r = *runner;
  Thread& t = r.threads[index];
  if (t.where == NEW) {
    if (r.stacks.empty()) {
      r.stacks.push_back(guarded(STACK));
    }
    t.stack = r.stacks.back();
    r.stacks.pop_back();
    void** top = reinterpret_cast<void**>(static_cast<char*>(t.stack) + STACK);
    *--top = nullptr;  // where simulated_thread would return to; keeps its stack aligned as after a call
    *--top = reinterpret_cast<void*>(&simulated_thread);
    top -= 6;
    t.place = top;
  }
  indexOfThread.x = index % sizeOfBlock.x;
  indexOfThread.y = index / sizeOfBlock.x % sizeOfBlock.y;
  indexOfThread.z = index / sizeOfBlock.x / sizeOfBlock.y;
  t.where = READY;
  r.current = &t;
  simulated_switch(&r.scheduler, t.place);
  r.current = nullptr;
  if (t.where == DONE || r.trouble != nullptr) {
    r.stacks.push_back(t.stack);
    t.stack = nullptr;
  }
}

/// Until all threads of the warp are at the barrier or at their end.
void runWarp(int warp) {
  Runner& r = *runner;
  int first = warp * LANES;
  int lanes = std::min(LANES, r.count - first);
  while (true) {
    int shuffles = 0;
    for (int k = 0; k < LANES; k++) {
      int lane = r.threadOrder[k];
      if (lane >= lanes) {
        continue;
      }
      Thread& t = r.threads[first + lane];
      if (t.where == NEW || t.where == READY) {
        resume(first + lane);
        if (r.trouble != nullptr) {
          return;
        }
      }
      shuffles += t.where == SHUFFLE;
    }
    if (shuffles == 0) {
      return;
    }
    if (shuffles != lanes) {
      r.trouble = "has a warp of which only some threads reach a shuffle or __syncwarp";
      return;
    }
    uint64_t bits[LANES];
    for (int lane = 0; lane < lanes; lane++) {
      bits[lane] = r.threads[first + lane].bits;
    }
    for (int lane = 0; lane < lanes; lane++) {
      Thread& t = r.threads[first + lane];
      if (t.source < 0 || t.source >= lanes) {
        r.trouble = "shuffles from a lane that is not there";
        return;
      }
      t.bits = bits[t.source];
      t.where = READY;
    }
  }
}

void runBlock() {
  Runner& r = *runner;
  r.block++;
  fillPoison(r.shared, r.sharedUsed);
  r.sharedUsed = r.sharedDeclared = 0;
  r.gaps.clear();
  size_t dynamic = (r.dynamicSize + 15) / 16 * 16;
  r.dynamic = r.dynamicEnd - dynamic;
  fillPoison(r.dynamic - GAP, dynamic + GAP);
  for (int k = 0; k < r.count; k++) {
    r.threads[k].where = NEW;
  }
  int warps = (r.count + LANES - 1) / LANES;
  while (r.trouble == nullptr) {
    int waiting = 0;
    for (int k = 0; k < warps && r.trouble == nullptr; k++) {
      runWarp(r.warpOrder[k]);
    }
    if (r.trouble != nullptr) {
      break;
    }
    for (int k = 0; k < r.count; k++) {
      waiting += r.threads[k].where == BARRIER;
    }
    if (waiting == 0) {
      break;
    }
    if (waiting != r.count) {
      r.trouble = "has a barrier that not all threads of the block reach";
      break;
    }
    for (int k = 0; k < r.count; k++) {
      r.threads[k].where = READY;
    }
  }
  for (int k = 0; k < r.count; k++) {
    if (r.threads[k].stack != nullptr) {
      r.stacks.push_back(r.threads[k].stack);
      r.threads[k].stack = nullptr;
    }
  }
  for (auto& gap : r.gaps) {
    if (findPoison(gap.second, GAP, 0, 1, 4) != 0 || !isPoison(gap.second + 8, 8)) {
      fault("kernel %s: wrote past its shared array %s", r.kernel->name, gap.first);
      return;
    }
  }
  if (!isPoison(r.dynamic - 8, 8)) {
    fault("kernel %s: wrote before its dynamic shared memory", r.kernel->name);
  }
}

/// A deterministic permutation.
void order(std::vector<int>& to, int count, const char* how, uint64_t& seed) {
  to.resize(count);
  std::iota(to.begin(), to.end(), 0);
  if (how == nullptr || *how == 0 || strcmp(how, "forward") == 0) {
    return;
  }
  if (strcmp(how, "reverse") == 0) {
    for (int k = 0; k < count; k++) {
      to[k] = count - 1 - k;
    }
    return;
  }
  for (int k = count - 1; k > 0; k--) {
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    std::swap(to[k], to[(seed >> 33) % (k + 1)]);
  }
}

}  // namespace

void barrier() { leave(BARRIER); }

uint64_t exchange(unsigned mask, uint64_t bits, int source) {
  Thread* thread = runner->current;
  int index = thread - runner->threads;
  int lanes = std::min(LANES, runner->count - index / LANES * LANES);
  unsigned all = lanes == LANES ? 0xffffffffu : (1u << lanes) - 1;
  if ((mask & all) != all) {
    stop("shuffles with a mask that leaves threads of the warp out, which is not simulated");
  }
  thread->bits = bits;
  thread->source = source;
  leave(SHUFFLE);
  return thread->bits;
}

const Fragments& offer(double a, double b) {
  // two in turn: who offers again has been through an exchange after which all lanes have read
  static Fragments fragments[2][MOST_THREADS / LANES];
  static unsigned char turns[MOST_THREADS];
  static uint64_t block = 0;
  if (block != runner->block) {
    block = runner->block;
    memset(turns, 0, sizeof turns);
  }
  int index = static_cast<int>(runner->current - runner->threads);
  if (runner->count % LANES != 0) {
    stop("uses the matrix units in a block whose last warp is not full");
  }
  Fragments& mine = fragments[turns[index] ^= 1][index / LANES];
  mine.a[index % LANES] = a;
  mine.b[index % LANES] = b;
  exchange(0xffffffffu, 0, laneOfThread());
  return mine;
}

void syncWarp(unsigned mask) { exchange(mask, 0, laneOfThread()); }

int laneOfThread() { return static_cast<int>(runner->current - runner->threads) % LANES; }

void trap() { stop("called __trap"); }

void misaligned() { stop("loads or stores two numbers at an address that is not a multiple of their size"); }

void readsGuard() { fault("kernel %s: loads two numbers, one of them outside of an allocation", runner->kernel->name); }

char* place(Shared& variable, const char* name, size_t size, size_t alignment) {
  Runner& r = *runner;
  if (variable.block == r.block) {
    return variable.place;
  }
  r.sharedDeclared += size;
  size_t start = (r.sharedUsed + alignment - 1) / alignment * alignment;
  if (r.sharedDeclared > STATIC_SHARED || r.sharedDeclared + r.dynamicSize > MOST_SHARED) {
    stop("declares more shared memory than there is");
  }
  variable.block = r.block;
  variable.place = r.shared + start;
  char* end = variable.place + (size + 7) / 8 * 8;
  r.gaps.push_back({name, end});
  r.sharedUsed = end + GAP - r.shared;
  return variable.place;
}

char* dynamicShared() { return runner->dynamic; }

bool checkPointer(const Kernel& kernel, int parameter, const void* value) {
  if (value == nullptr || find(value) != nullptr) {
    return true;
  }
  fault("kernel %s: argument %d: %s", kernel.name, parameter + 1, describe(value).c_str());
  return false;
}

void checkGuardsOf(const Kernel& kernel, const void* value) {
  Allocation* a = value == nullptr ? nullptr : find(value);
  if (a != nullptr) {
    checkGuards(a, (std::string("kernel ") + kernel.name).c_str());
  }
}

void runGrid(const Kernel& kernel, const Shape& shape, void (*body)(void*), void* arguments) {
  if (runner == nullptr) {
    runner = new Runner();
    runner->shared = guarded(64 * PAGE);
    runner->sharedUsed = 64 * PAGE;
    runner->dynamicEnd = guarded(64 * PAGE) + 64 * PAGE;
  }
  catchSignals();
  Runner& r = *runner;
  r.kernel = &kernel;
  r.body = body;
  r.arguments = arguments;
  r.count = shape.block[0] * shape.block[1] * shape.block[2];
  r.dynamicSize = shape.dynamicShared;
  r.trouble = nullptr;
  r.signal = 0;
  sizeOfBlock = {shape.block[0], shape.block[1], shape.block[2]};
  sizeOfGrid = {shape.grid[0], shape.grid[1], shape.grid[2]};
  const char* how = getenv("SIMULATED_CUDA_ORDER");
  uint64_t seed = (how == nullptr ? 0 : strtoull(how, nullptr, 10)) * 1000003 + r.block;
  int blocks = static_cast<int>(std::min<uint64_t>(uint64_t(1) << 30, uint64_t(shape.grid[0]) * shape.grid[1] * shape.grid[2]));
  std::vector<int> blockOrder;
  order(blockOrder, blocks, how, seed);
  running = true;
  for (int k = 0; k < blocks && r.trouble == nullptr; k++) {
    const char* inBlock = how != nullptr && *how != 0 ? how : r.block % 2 == 0 ? "forward" : "reverse";
    order(r.threadOrder, LANES, inBlock, seed);
    order(r.warpOrder, (r.count + LANES - 1) / LANES, inBlock, seed);
    unsigned b = blockOrder[k];
    indexOfBlock = {b % shape.grid[0], b / shape.grid[0] % shape.grid[1], b / shape.grid[0] / shape.grid[1]};
    runBlock();
  }
  running = false;
  if (r.trouble == nullptr) {
    return;
  }
  if (r.signal == SIGSEGV || r.signal == SIGBUS) {
    fault("kernel %s: %s: block %u, thread %u: %s", kernel.name, r.trouble, indexOfBlock.x, indexOfThread.x,
          describe(r.address).c_str());
  } else {
    fault("kernel %s: %s (block %u)", kernel.name, r.trouble, indexOfBlock.x);
  }
  loseDevice(r.signal == 0 ? LAUNCH_FAILED : ILLEGAL_ADDRESS);
}

}  // namespace simulated
