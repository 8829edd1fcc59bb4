// Whatever a card would punish is reported, and what is asked to fail fails.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "harness.h"

static const int LAUNCH_FAILED = 719, ILLEGAL_ADDRESS = 700, OUT_OF_MEMORY = 2;

TEST(writingPastTheEndIsReported) {
  Card card;
  Array<double> X(std::vector<double>(1000, 1.0)), Y(1000);
  // 1000 doubles end at a page: the next entry cannot be touched
  EXPECT(launch(card.function("testBeyond"), 1, 1, 64, 0, card.stream, 1000, 0, 1, X.at, Y.at) == 0);
  EXPECT(cuStreamSynchronize(card.stream) == ILLEGAL_ADDRESS);
  EXPECT(cuCtxSynchronize() == ILLEGAL_ADDRESS);  // from now on
  expectFault("touched memory that is not its own");
}

TEST(writingInTheGuardZoneIsReported) {
  Card card;
  Array<double> X(std::vector<double>(1001, 1.0)), Y(1001);
  EXPECT(launch(card.function("testBeyond"), 1, 1, 64, 0, card.stream, 1001, 0, 1, X.at, Y.at) == 0);
  card.wait();
  expectFault("was written past its end");
  EXPECT(launch(card.function("testBeyond"), 1, 1, 64, 0, card.stream, 1001, -1, 0, X.at, Y.at) == 0);
  card.wait();
  expectFault("was written before its start");
}

TEST(readingPastTheEndIsReported) {
  Card card;
  Array<double> X(std::vector<double>(1000, 1.0)), odd(std::vector<double>(1001, 1.0)), Y(1);
  EXPECT(launch(card.function("testReadBeyond"), 1, 1, 32, 0, card.stream, 1001, odd.at, Y.at) == 0);
  Y.host(card.stream);
  expectFault("reads memory that nobody wrote");
  EXPECT(launch(card.function("testReadBeyond"), 1, 1, 32, 0, card.stream, 1000, X.at, Y.at) == 0);
  EXPECT(cuStreamSynchronize(card.stream) == ILLEGAL_ADDRESS);
  expectFault("touched memory that is not its own");
}

TEST(addingInTheGuardZoneIsReported) {
  Card card;
  Array<double> X(std::vector<double>(1001, 1.0)), Y(std::vector<double>(1001, 1.0));
  EXPECT(launch(card.function("testAddBeyond"), 1, 1, 64, 0, card.stream, 1001, X.at, Y.at) == 0);
  card.wait();
  expectFault("was written past its end");
}

TEST(pairsAreAlignedAndInside) {
  Card card;
  Array<double> X(std::vector<double>(101, 1.0)), Y(std::vector<double>(101, 1.0));
  void* pairs = card.function("testPairs");
  EXPECT(launch(pairs, 1, 1, 64, 0, card.stream, 50, X.at, Y.at) == 0);
  auto y = Y.host(card.stream);
  EXPECT(y[99] == 2 && y[100] == 1);
  EXPECT(launch(pairs, 1, 1, 64, 0, card.stream, 51, X.at, Y.at) == 0);
  card.wait();
  expectFault("loads two numbers, one of them outside");
  for (int which : {0, 1}) {
    EXPECT(launch(pairs, 1, 1, 64, 0, card.stream, 50, X.at + which, Y.at + 1 - which) == 0);
    EXPECT(cuStreamSynchronize(card.stream) == LAUNCH_FAILED);
    expectFault("not a multiple of their size");
  }
}

TEST(unwrittenTailIsReported) {
  Card card;
  Array<double> X(std::vector<double>(1000, 1.0)), Y(1000);
  EXPECT(launch(card.function("testCube"), 2, 1, 64, 0, card.stream, 999LL, X.at, Y.at) == 0);
  Y.host(card.stream);
  expectFault("reads memory that nobody wrote, 7992 bytes on");
}

TEST(poisonPassesThroughArithmetic) {
  Card card;
  Array<double> X(100), Y(100);
  EXPECT(launch(card.function("testCube"), 1, 1, 64, 0, card.stream, 100LL, X.at, Y.at) == 0);
  Y.host(card.stream);
  expectFault("reads memory that nobody wrote");
}

TEST(missingBarrierGivesOtherNumbers) {
  std::vector<double> x(1024);
  for (int k = 0; k < 1024; k++) {
    x[k] = k;
  }
  for (int barriers : {3, 2, 1}) {
    for (const char* order : {"forward", "reverse", "7"}) {
      setenv("SIMULATED_CUDA_ORDER", order, 1);
      Card card;
      Array<double> X(x), Y(1024);
      EXPECT(launch(card.function("testReverse"), 1, 1, 256, 0, card.stream, barriers, 4, X.at, Y.at) == 0);
      auto y = Y.host(card.stream);
      int wrong = 0;
      for (int t = 0; t < 1024; t++) {
        wrong += y[t] != x[t / 256 * 256 + 255 - t % 256];
      }
      EXPECT((wrong == 0) == (barriers == 3));
      if (barriers == 2) {
        expectFault("reads memory that nobody wrote");
      }
    }
  }
}

TEST(divergenceIsReported) {
  for (int how : {1, 2}) {
    Card card;
    EXPECT(launch(card.function("testDivergent"), 1, 1, 128, 0, card.stream, how) == 0);
    EXPECT(cuStreamSynchronize(card.stream) == LAUNCH_FAILED);
    expectFault("has a barrier that not all threads of the block reach");
  }
  Card card;
  Array<double> Y(64);
  EXPECT(launch(card.function("testDivergent"), 1, 1, 128, 0, card.stream, 0) == 0);
  card.wait();
  EXPECT(launch(card.function("testDivergentShuffle"), 1, 1, 64, 0, card.stream, Y.at) == 0);
  EXPECT(cuStreamSynchronize(card.stream) == LAUNCH_FAILED);
  expectFault("only some threads reach a shuffle");
}

TEST(sharedMemoryIsGuarded) {
  Card card;
  Array<double> Y(7000);
  EXPECT(launch(card.function("testShared"), 1, 1, 8, 0, card.stream, 8, Y.at) == 0);
  card.wait();
  expectFault("wrote past its shared array first");
  EXPECT(launch(card.function("testTooMuchShared"), 1, 1, 32, 0, card.stream, Y.at) == 0);
  EXPECT(cuStreamSynchronize(card.stream) == LAUNCH_FAILED);
  expectFault("more shared memory than there is");
}

TEST(wrongLaunchShapesAreRefused) {
  Card card;
  Array<double> X(std::vector<double>(10, 1.0)), Y(10);
  void* cube = card.function("testCube");
  EXPECT(launch(cube, 0, 1, 64, 0, card.stream, 10LL, X.at, Y.at) != 0);
  expectFault("a grid of 0 x 1");
  EXPECT(launch(cube, 1, 1, 1025, 0, card.stream, 10LL, X.at, Y.at) != 0);
  expectFault("1025 x 1 x 1 threads");
  EXPECT(launch(cube, 1, 1, 512, 0, card.stream, 10LL, X.at, Y.at) != 0);
  expectFault("512 threads a block, built for 256");
  EXPECT(launch(cube, 1, 65536, 64, 0, card.stream, 10LL, X.at, Y.at) != 0);
  expectFault("1 x 65536");
  EXPECT(launch(cube, 1, 1, 64, 49153, card.stream, 10LL, X.at, Y.at) != 0);
  expectFault("49153 bytes of shared memory");
}

TEST(addressesOutsideAreRefused) {
  Card card;
  Array<double> X(std::vector<double>(10, 1.0)), Y(10);
  double host[10];
  EXPECT(cuMemcpyDtoH_v2(host, X.at + 1, 80) != 0);
  expectFault("cuMemcpyDtoH: source");
  EXPECT(cuMemcpyHtoD_v2(X.at - 1, host, 80) != 0);
  expectFault("cuMemcpyHtoD: destination");
  EXPECT(cuMemsetD8Async(X.at, 0, 81, card.stream) != 0);
  expectFault("cuMemsetD8Async: destination");
  EXPECT(cuMemcpyDtoDAsync_v2(Y.at, Y.at + 1, 16, card.stream) != 0);
  expectFault("overlap");
  EXPECT(launch(card.function("testCube"), 1, 1, 64, 0, card.stream, 10LL, host, Y.at) == 0);
  EXPECT(cuStreamSynchronize(card.stream) == ILLEGAL_ADDRESS);
  expectFault("argument 2: address");
}

TEST(useAfterFreeIsReported) {
  Card card;
  double* x;
  EXPECT(cuMemAlloc_v2(reinterpret_cast<void**>(&x), 800) == 0);
  Array<double> Y(100);
  EXPECT(cuMemFree_v2(x) == 0);
  EXPECT(cuMemFree_v2(x) != 0);
  expectFault("cuMemFree: address");
  double host[100];
  EXPECT(cuMemcpyDtoH_v2(host, x, 800) != 0);
  expectFault("which was freed");
  EXPECT(launch(card.function("testCube"), 1, 1, 64, 0, card.stream, 100LL, x, Y.at) == 0);
  EXPECT(cuStreamSynchronize(card.stream) == ILLEGAL_ADDRESS);
  expectFault("which was freed");
}

/// What a process says of itself when it ends.
static std::string endOf(void (*run)()) {
  char file[] = "/tmp/simulated-cuda-XXXXXX";
  int made = mkstemp(file);
  EXPECT(made >= 0);
  close(made);
  fflush(nullptr);
  pid_t child = fork();
  if (child == 0) {
    setenv("SIMULATED_CUDA_REPORT", file, 1);
    EXPECT(freopen("/dev/null", "w", stderr) != nullptr);
    run();
    exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  EXPECT(status == 0);
  std::string text(65536, 0);
  FILE* in = fopen(file, "r");
  EXPECT(in != nullptr);
  text.resize(fread(&text[0], 1, text.size(), in));
  fclose(in);
  unlink(file);
  return text;
}

static void leaking() {
  Card card;
  void *memory, *host, *stream, *event, *blas, *solver;
  card.function("testCube");
  card.module = nullptr;
  EXPECT(cuMemAlloc_v2(&memory, 123) == 0);
  EXPECT(cuMemHostAlloc(&host, 456, 3) == 0);
  EXPECT(cuStreamCreate(&stream, 1) == 0);
  EXPECT(cuEventCreate(&event, 2) == 0);
  EXPECT(cublasCreate_v2(&blas) == 0);
  EXPECT(cusolverDnCreate(&solver) == 0);
}

static void retaining() { new Card(); }

static void orderly() {
  Card card;
  Array<double> X(10);
}

TEST(leaksAreReported) {
  std::string text = endOf(leaking);
  for (const char* words : {"of 123 bytes", "of 456 bytes (host)", "a stream", "an event", "a module",
                            "a cuBLAS handle", "a cuSOLVER handle"}) {
    EXPECT(text.find(words) != std::string::npos);
  }
  EXPECT(text.find("faults 7\n") == 0);
  EXPECT(endOf(retaining).find("the context is still retained") != std::string::npos);
  text = endOf(orderly);
  EXPECT(text.find("clean\nallocations 1\nfrees 1\nbytes_live 0\n") == 0);
}

TEST(unpinnedMemoryThatChangesIsReported) {
  Card card;
  Array<double> X(100);
  std::vector<double> x(100, 1.0);
  EXPECT(cuMemcpyHtoDAsync_v2(X.at, x.data(), 800, card.stream) == 0);
  card.wait();
  EXPECT(faults() == 0);
  EXPECT(cuMemcpyHtoDAsync_v2(X.at, x.data(), 800, card.stream) == 0);
  x[50] = 2;
  card.wait();
  expectFault("changed before the stream was synchronised");
}

TEST(pinnedMemoryIsReadLateAndWrittenLate) {
  Card card;
  Array<double> X(100);
  double* host;
  EXPECT(cuMemHostAlloc(reinterpret_cast<void**>(&host), 1600, 3) == 0);
  host[0] = 1;
  std::fill(host, host + 100, 1.0);
  EXPECT(cuMemcpyHtoDAsync_v2(X.at, host, 800, card.stream) == 0);
  host[0] = 2;  // too early: the card sees it
  EXPECT(cuMemcpyDtoHAsync_v2(host + 100, X.at, 800, card.stream) == 0);
  EXPECT(host[100] != 2);  // too early: nothing there yet
  card.wait();
  EXPECT(host[100] == 2 && host[101] == 1);
  EXPECT(cuMemFreeHost(host) == 0);
}

TEST(hostMemoryServesKernels) {
  Card card;
  double *x, *y, *mapped;
  EXPECT(cuMemHostAlloc(reinterpret_cast<void**>(&x), 80, 3) == 0);
  EXPECT(cuMemHostAlloc(reinterpret_cast<void**>(&y), 80, 3) == 0);
  EXPECT(cuMemHostGetDevicePointer_v2(reinterpret_cast<void**>(&mapped), x, 0) == 0);
  std::fill(x, x + 10, 2.0);
  EXPECT(launch(card.function("testCube"), 1, 1, 64, 0, card.stream, 10LL, mapped, y) == 0);
  card.wait();
  EXPECT(y[9] == 8);
  EXPECT(cuMemFreeHost(x) == 0 && cuMemFreeHost(y) == 0);
}

TEST(pageableMemoryArrivesInTheOrderOfTheNullStream) {
  Card card;
  Array<double> X(std::vector<double>(10, 2.0)), Y(10);
  std::vector<double> x(10, 3.0);
  EXPECT(cuMemcpyHtoD_v2(X.at, x.data(), 80) == 0);
  std::fill(x.begin(), x.end(), 4.0);  // the driver has its bytes
  EXPECT(launch(card.function("testCube"), 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == 0);
  EXPECT(Y.host(card.stream)[3] == 8);  // the stream does not wait for the null stream: old numbers
  EXPECT(cuCtxSynchronize() == 0);
  EXPECT(launch(card.function("testCube"), 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == 0);
  EXPECT(Y.host(card.stream)[3] == 27);
}

/// A kernel reads what a copy in another stream writes, without a wait, and the other way round: each order of the streams
/// shows one of the two.
static bool missesTheWait(const char* order, bool copyFirst) {
  setenv("SIMULATED_CUDA_STREAMS", order, 1);
  Card card;
  void *other, *cube = card.function("testCube");
  double* host;
  EXPECT(cuStreamCreate(&other, 1) == 0);
  EXPECT(cuMemHostAlloc(reinterpret_cast<void**>(&host), 80, 3) == 0);
  std::fill(host, host + 10, 3.0);
  Array<double> X(std::vector<double>(10, 2.0)), Y(10);
  auto copy = [&] { EXPECT(cuMemcpyHtoDAsync_v2(X.at, host, 80, other) == 0); };
  if (copyFirst) {
    copy();
  }
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == 0);
  if (!copyFirst) {
    copy();
    EXPECT(cuStreamSynchronize(other) == 0);
  }
  bool misses = Y.host(card.stream)[3] != (copyFirst ? 27 : 8);
  EXPECT(cuStreamDestroy_v2(other) == 0 && cuMemFreeHost(host) == 0);
  return misses;
}

TEST(lateStreamsShowACopyThatNobodyWaitsFor) { EXPECT(missesTheWait("late", true)); }
TEST(lateStreamsShowACopyThatComesTooEarly) { EXPECT(missesTheWait("late", false)); }
TEST(eagerStreamsRunWorkAtOnce) { EXPECT(!missesTheWait("eager", true)); }

TEST(cardsAreCountedAndFailOnPurpose) {
  setenv("SIMULATED_CUDA_DEVICES", "3", 1);
  setenv("SIMULATED_CUDA_FAIL_CARD", "1:46", 1);
  setenv("SIMULATED_CUDA_MEMORY", "4096", 1);
  int count;
  void *first, *second, *third, *x, *y;
  size_t available, total;
  EXPECT(cuInit(0) == 0 && cuDeviceGetCount(&count) == 0 && count == 3);
  EXPECT(cuDevicePrimaryCtxRetain(&second, 1) == 46);
  EXPECT(cuDevicePrimaryCtxRetain(&first, 0) == 0 && cuDevicePrimaryCtxRetain(&third, 2) == 0 && first != third);
  EXPECT(cuCtxSetCurrent(first) == 0 && cuMemAlloc_v2(&x, 4000) == 0);
  EXPECT(cuCtxSetCurrent(third) == 0 && cuMemAlloc_v2(&y, 3000) == 0);  // each has its own memory
  EXPECT(cuMemGetInfo_v2(&available, &total) == 0 && available == 1096 && total == 4096);
  EXPECT(cuMemFree_v2(x) == 0);
  EXPECT(cuDevicePrimaryCtxRelease_v2(0) == 0);
  EXPECT(faults() == 0);
  EXPECT(cuCtxSetCurrent(third) == 0 && cuDevicePrimaryCtxRelease_v2(2) == 0);
  expectFault("leak when the context was released: allocation 2 of 3000 bytes");
}

TEST(aDriverMayFail) {
  setenv("SIMULATED_CUDA_FAIL_INIT", "803", 1);
  EXPECT(cuInit(0) == 803);
}

TEST(thereMayBeNoCard) {
  setenv("SIMULATED_CUDA_DEVICES", "0", 1);
  EXPECT(cuInit(0) == 100);
}

/// NVRTC 13 asks the driver for it, and goes on without.
TEST(thereIsNoExportTable) {
  const void* table;
  EXPECT(cuGetExportTable(&table, "whatever 16 byte") == 500);
}

/// Compiles the test kernels for an architecture and loads them: the code of the driver.
static int loaded(const char* option, bool ptx) {
  std::ifstream in(TEST_KERNELS);
  std::stringstream source;
  source << in.rdbuf();
  void *program, *module;
  EXPECT(nvrtcCreateProgram(&program, source.str().c_str(), "test_kernels.cu", 0, nullptr, nullptr) == 0);
  EXPECT(nvrtcCompileProgram(program, 1, &option) == 0);
  size_t size;
  EXPECT((ptx ? nvrtcGetPTXSize : nvrtcGetCUBINSize)(program, &size) == 0);
  std::vector<char> image(size);
  EXPECT((ptx ? nvrtcGetPTX : nvrtcGetCUBIN)(program, image.data()) == 0);
  EXPECT(nvrtcDestroyProgram(&program) == 0);
  int code = cuModuleLoadData(&module, image.data());
  EXPECT(code != 0 || cuModuleUnload(module) == 0);
  return code;
}

TEST(aNewerCardTakesPtxAlone) {
  setenv("SIMULATED_CUDA_CAPABILITY", "100", 1);
  Card card;
  int count, major;
  EXPECT(nvrtcGetNumSupportedArchs(&count) == 0);
  std::vector<int> all(count);
  EXPECT(nvrtcGetSupportedArchs(all.data()) == 0 && all.back() == 90);
  EXPECT(cuDeviceGetAttribute(&major, 75, 0) == 0 && major == 10);
  EXPECT(loaded("--gpu-architecture=sm_90", false) == 209);
  EXPECT(loaded("--gpu-architecture=compute_90", true) == 0);
}

TEST(missingWaitForAnEventGivesOldNumbers) {
  Card card;
  void *other, *event;
  EXPECT(cuStreamCreate(&other, 1) == 0);
  EXPECT(cuEventCreate(&event, 2) == 0);
  Array<double> X(std::vector<double>(10, 2.0)), Y(std::vector<double>(10, 0.0)), Z(10);
  void* cube = card.function("testCube");
  for (bool waits : {true, false}) {
    EXPECT(cuMemsetD8Async(Y.at, 0, 80, card.stream) == 0);
    card.wait();
    EXPECT(launch(cube, 1, 1, 64, 0, other, 10LL, X.at, Y.at) == 0);
    EXPECT(cuEventRecord(event, other) == 0);
    EXPECT(cuEventQuery(event) == 600);
    if (waits) {
      EXPECT(cuStreamWaitEvent(card.stream, event, 0) == 0);
    }
    EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, Y.at, Z.at) == 0);
    EXPECT(Z.host(card.stream)[3] == (waits ? 512 : 0));
    EXPECT(cuEventSynchronize(event) == 0);
    EXPECT(cuEventQuery(event) == 0);
  }
  EXPECT(cuEventDestroy_v2(event) == 0);
  EXPECT(cuStreamDestroy_v2(other) == 0);
}

TEST(contextMustBeCurrent) {
  Card card;
  void* blas;
  EXPECT(cublasCreate_v2(&blas) == 0);
  EXPECT(cuCtxSetCurrent(nullptr) == 0);
  void* memory;
  EXPECT(cuMemAlloc_v2(&memory, 8) == 201);
  expectFault("cuMemAlloc: the context is not current");
  EXPECT(cublasSetStream_v2(blas, nullptr) == 1);
  expectFault("cublasSetStream: the context is not current");
  EXPECT(cuCtxSetCurrent(card.context) == 0);
  EXPECT(cublasDestroy_v2(blas) == 0);
  EXPECT(cublasDestroy_v2(blas) != 0);
  expectFault("no such cuBLAS handle");
  void* stream;
  EXPECT(cuStreamCreate(&stream, 0) == 0);
  EXPECT(cuStreamDestroy_v2(stream) == 0);
  EXPECT(cuStreamSynchronize(stream) != 0);
  expectFault("no such stream");
}

TEST(allocationsFailOnPurpose) {
  Card card;
  void *a, *b;
  simulated_cuda_fail_allocation(2);
  EXPECT(cuMemAlloc_v2(&a, 8) == 0);
  EXPECT(cuMemHostAlloc(&b, 8, 3) == OUT_OF_MEMORY);
  EXPECT(cuMemHostAlloc(&b, 8, 3) == 0);
  EXPECT(cuMemFree_v2(a) == 0 && cuMemFreeHost(b) == 0);
  simulated_cuda_set_memory(1000);
  size_t available, total;
  EXPECT(cuMemAlloc_v2(&a, 600) == 0);
  EXPECT(cuMemGetInfo_v2(&available, &total) == 0 && available == 400 && total == 1000);
  EXPECT(cuMemAlloc_v2(&b, 401) == OUT_OF_MEMORY);
  EXPECT(cuMemFree_v2(a) == 0);
  EXPECT(faults() == 0);
}

TEST(launchesFailOnPurpose) {
  Card card;
  Array<double> X(std::vector<double>(10, 1.0)), Y(10);
  void* cube = card.function("testCube");
  simulated_cuda_fail_launch(2);
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == 0);
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == LAUNCH_FAILED);
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == 0);
  card.wait();
  EXPECT(faults() == 0);
}

static void losing() {
  setenv("SIMULATED_CUDA_LOSE_DEVICE", "2", 1);  // read already: the function has to be called
  Card card;
  simulated_cuda_lose_device(2);
  Array<double> X(std::vector<double>(10, 1.0)), Y(10);
  void* cube = card.function("testCube");
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == 0);
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == ILLEGAL_ADDRESS);
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == ILLEGAL_ADDRESS);
  double host[10];
  EXPECT(cuMemcpyDtoH_v2(host, X.at, 80) == ILLEGAL_ADDRESS);
  void* more;
  EXPECT(cuMemAlloc_v2(&more, 8) == ILLEGAL_ADDRESS);
  EXPECT(cuStreamSynchronize(card.stream) == ILLEGAL_ADDRESS);
}

static void losingOne() {
  setenv("SIMULATED_CUDA_DEVICES", "2", 1);
  Card card;
  simulated_cuda_lose_device(1LL | 2LL << 32);  // the first launch of card 1
  void* other;
  EXPECT(cuDevicePrimaryCtxRetain(&other, 1) == 0);
  Array<double> X(std::vector<double>(10, 1.0)), Y(10);
  void* cube = card.function("testCube");
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == 0);
  EXPECT(cuCtxSetCurrent(other) == 0);
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == ILLEGAL_ADDRESS);
  void* more;
  EXPECT(cuMemAlloc_v2(&more, 8) == ILLEGAL_ADDRESS);
  EXPECT(cuCtxSetCurrent(card.context) == 0);
  EXPECT(launch(cube, 1, 1, 64, 0, card.stream, 10LL, X.at, Y.at) == 0);
  card.wait();
  EXPECT(cuDevicePrimaryCtxRelease_v2(1) == ILLEGAL_ADDRESS);
}

TEST(theOtherCardGoesOn) {
  EXPECT(endOf(losingOne).find("clean\n") == 0);
}

TEST(lostDeviceStaysLostAndWhatIsFreedIsNoLeak) {
  EXPECT(endOf(losing).find("clean\n") == 0);
}

TEST(staleSourcesDoNotCompile) {
  Card card;
  for (const char* name : {"test_kernels.cu", "other.cu"}) {
    void* program;
    EXPECT(nvrtcCreateProgram(&program, "extern \"C\" __global__ void f() {}", name, 0, nullptr, nullptr) == 0);
    EXPECT(nvrtcCompileProgram(program, 0, nullptr) == 6);
    size_t size;
    EXPECT(nvrtcGetProgramLogSize(program, &size) == 0);
    std::vector<char> log(size);
    EXPECT(nvrtcGetProgramLog(program, log.data()) == 0);
    EXPECT(strstr(log.data(), name[0] == 't' ? "differs from what was built" : "was not built") != nullptr);
    EXPECT(nvrtcDestroyProgram(&program) == 0);
  }
  void* module;
  EXPECT(cuModuleLoadData(&module, "simulated cubin\ntest_kernels.cu 1234 90\n") == 200);
  expectFault("not what was built");
}
