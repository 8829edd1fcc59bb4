// Runs every test in a process of its own: test-simulated-cuda [NAME...]
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "harness.h"

std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

void* Card::function(const char* name) {
  if (module == nullptr) {
    std::ifstream in(TEST_KERNELS);
    std::stringstream source;
    source << in.rdbuf();
    void* program;
    EXPECT(nvrtcCreateProgram(&program, source.str().c_str(), "test_kernels.cu", 0, nullptr, nullptr) == 0);
    EXPECT(nvrtcCompileProgram(program, 0, nullptr) == 0);
    size_t size;
    EXPECT(nvrtcGetCUBINSize(program, &size) == 0);
    std::vector<char> image(size);
    EXPECT(nvrtcGetCUBIN(program, image.data()) == 0);
    EXPECT(nvrtcDestroyProgram(&program) == 0);
    EXPECT(cuModuleLoadData(&module, image.data()) == 0);
  }
  void* found;
  EXPECT(cuModuleGetFunction(&found, module, name) == 0);
  return found;
}

int main(int count, char** arguments) {
  unsetenv("SIMULATED_CUDA_REPORT");  // of others
  int failures = 0, runs = 0;
  for (const Test& test : tests()) {
    bool wanted = count < 2;
    for (int k = 1; k < count; k++) {
      wanted = wanted || std::string(test.name) == arguments[k];
    }
    if (!wanted) {
      continue;
    }
    runs++;
    fflush(nullptr);
    pid_t child = fork();
    if (child == 0) {
      alarm(120);
      test.run();
      int left = faults();
      if (left > 0) {
        fprintf(stderr, "left at the end: %s\n", report().c_str());
      }
      exit(left > 0 ? 4 : 0);
    }
    int status;
    waitpid(child, &status, 0);
    if (status != 0) {
      failures++;
      fprintf(stderr, "simulated-cuda: %s FAILED (status %x)\n", test.name, status);
    }
  }
  if (runs == 0) {
    fprintf(stderr, "simulated-cuda: no such test\n");
    return 1;
  }
  if (failures > 0) {
    fprintf(stderr, "simulated-cuda: %d of %d tests failed\n", failures, runs);
  }
  return failures > 0 ? 1 : 0;
}
