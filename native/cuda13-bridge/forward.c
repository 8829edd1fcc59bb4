/*
 * A library with the name of CUDA 12 that hands every call to the library of CUDA 13: the functions' names and
 * arguments are the same, only the file name and the symbols' version changed.
 *
 * FUNCTIONS is a list of FORWARD(name) lines, LIBRARY the file to forward to, ABSENT the status that a function
 * returns where LIBRARY has not got it. Where the bridge also links LIBRARY and that, or what it needs, is not found,
 * the bridge is not loaded either, and the loader's message names the missing file.
 */
#include <dlfcn.h>
#include <stddef.h>

#define HIDDEN __attribute__((visibility("hidden")))

#define FORWARD(name) HIDDEN void *target_##name;
#include FUNCTIONS
#undef FORWARD

static const struct {
  const char *name;
  void **target;
} forwards[] = {
#define FORWARD(name) {#name, &target_##name},
#include FUNCTIONS
#undef FORWARD
};

static int absent(void) { return ABSENT; }

__attribute__((constructor)) static void resolve(void) {
  void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
  for (size_t k = 0; k < sizeof forwards / sizeof *forwards; k++) {
    void *found = library == NULL ? NULL : dlsym(library, forwards[k].name);
    *forwards[k].target = found == NULL ? (void *)absent : found;
  }
}
