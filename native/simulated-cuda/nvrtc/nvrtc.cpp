// libnvrtc.so.12: nothing is compiled. A program is accepted if its text, and that of the headers it includes, is what the
// host compiler built into libcuda; its cubin is the name of the file and a hash.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <regex>
#include <string>

#include "../device/device.h"

using namespace simulated;

namespace {

enum Result {
  OK = 0,
  BAD_INPUT = 3,
  BAD_PROGRAM = 4,
  BAD_OPTION = 5,
  NOT_COMPILED = 6,
};

struct Program {
  std::string name, source, log, image, ptx;
  std::map<std::string, std::string> headers;
};

/// What it says it can compile for.
const int architectures[] = {75, 80, 86, 89, 90};

const char* const KIND = "NVRTC program";

const KernelFile* builtIn(const std::string& name) {
  for (const KernelFile& file : kernelFiles()) {
    if (name == file.name) {
      return &file;
    }
  }
  return nullptr;
}

/// What keeps this text from being the file of that name that was built in; empty if nothing.
std::string difference(Program& program, const std::string& name, const std::string& text, int depth) {
  const KernelFile* file = builtIn(name);
  if (file == nullptr) {
    return name + " was not built into the simulated device";
  }
  if (file->hash != hashOf(text.data(), text.size())) {
    return name + " differs from what was built into the simulated device: build it again (native/build)";
  }
  std::regex include("(^|\n)[ \t]*#[ \t]*include[ \t]*[\"<]([^\">]*)[\">]");
  for (std::sregex_iterator k(text.begin(), text.end(), include), end; k != end && depth < 10; ++k) {
    auto header = program.headers.find((*k)[2]);
    if (header == program.headers.end()) {
      return name + " includes " + (*k)[2].str() + ", which the program was not given";
    }
    std::string problem = difference(program, header->first, header->second, depth + 1);
    if (!problem.empty()) {
      return problem;
    }
  }
  return "";
}

}  // namespace

#define CALL(name) extern "C" __attribute__((visibility("default"))) int name

CALL(nvrtcVersion)(int* major, int* minor) {
  *major = 12;
  *minor = 6;
  return OK;
}

CALL(nvrtcGetNumSupportedArchs)(int* count) {
  *count = sizeof architectures / sizeof *architectures;
  return OK;
}

CALL(nvrtcGetSupportedArchs)(int* to) {
  std::copy(std::begin(architectures), std::end(architectures), to);
  return OK;
}

CALL(nvrtcCreateProgram)(void** to, const char* source, const char* name, int count, const char* const* headers,
                         const char* const* names) {
  Lock lock;
  if (source == nullptr) {
    return BAD_INPUT;
  }
  Program* program = new Program();
  program->source = source;
  program->name = name == nullptr ? "default_program" : name;
  for (int k = 0; k < count; k++) {
    program->headers[names[k]] = headers[k];
  }
  addHandle(program, KIND);
  *to = program;
  return OK;
}

#define PROGRAM(function)                        \
  Lock lock;                                     \
  if (!isHandle(p, KIND, function)) {            \
    return BAD_PROGRAM;                          \
  }                                              \
  Program& program = *static_cast<Program*>(p);

CALL(nvrtcCompileProgram)(void* p, int count, const char* const* options) {
  PROGRAM("nvrtcCompileProgram");
  int architecture = capability();
  bool ptx = false;
  for (int k = 0; k < count; k++) {
    std::string option = options[k];
    size_t at = option.find("-arch");
    if (at != std::string::npos) {
      ptx = option.find("=compute_", at) != std::string::npos;
      size_t number = option.find('_');
      architecture = number == std::string::npos ? 0 : atoi(option.c_str() + number + 1);
      if (std::find(std::begin(architectures), std::end(architectures), architecture) == std::end(architectures)) {
        program.log = "invalid value for --gpu-architecture: " + option + "\n";
        return BAD_OPTION;
      }
    }
  }
  std::string problem = difference(program, program.name, program.source, 0);
  if (!problem.empty()) {
    program.log = program.name + "(1): error: " + problem + "\n";
    return NOT_COMPILED;
  }
  program.log.clear();
  char image[256] = {};
  snprintf(image, sizeof image, "simulated %s\n%s %llx %d\n", ptx ? "ptx" : "cubin", program.name.c_str(),
           static_cast<unsigned long long>(builtIn(program.name)->hash), architecture);
  (ptx ? program.ptx : program.image).assign(image, ptx ? strlen(image) : sizeof image);
  return OK;
}

CALL(nvrtcDestroyProgram)(void** p) {
  Lock lock;
  if (!removeHandle(*p, KIND, "nvrtcDestroyProgram")) {
    return BAD_PROGRAM;
  }
  *p = nullptr;
  return OK;
}

#define TEXT(name, field, extra)            \
  CALL(name##Size)(void* p, size_t* size) { \
    PROGRAM(#name "Size");                  \
    *size = program.field.size() + extra;   \
    return OK;                              \
  }                                         \
  CALL(name)(void* p, char* to) {           \
    PROGRAM(#name);                         \
    memcpy(to, program.field.c_str(), program.field.size() + extra); \
    return OK;                              \
  }

TEXT(nvrtcGetCUBIN, image, 0)
TEXT(nvrtcGetPTX, ptx, 1)
TEXT(nvrtcGetProgramLog, log, 1)

extern "C" __attribute__((visibility("default"))) const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case OK: return "NVRTC_SUCCESS";
    case BAD_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
    case BAD_PROGRAM: return "NVRTC_ERROR_INVALID_PROGRAM";
    case BAD_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case NOT_COMPILED: return "NVRTC_ERROR_COMPILATION";
    default: return "NVRTC_ERROR unknown";
  }
}
