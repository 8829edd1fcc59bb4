/* Calls through the bridge reach the library behind it with every argument in place. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int cublasGetVersion_v2(void *, int *);
int cublasDsyrkx_64(void *, int, int, long long, long long, const double *, const double *, long long, const double *,
                    long long, const double *, double *, long long);
int cublasSasum_v2(void *, int, const float *, int, float *);
int cusolverMgCreate(void **);

static int failures;

static void expect(const char *what, double expected, double got) {
  if (expected != got) {
    fprintf(stderr, "%s: expected %g, got %g\n", what, expected, got);
    failures++;
  }
}

int main(void) {
  int version = 0;
  expect("status of cublasGetVersion", 0, cublasGetVersion_v2(0, &version));
  expect("version", 130000, version);
  double alpha = 13, a = 17, b = 19, beta = 23, c = 0;
  expect("status of cublasDsyrkx_64", 7, cublasDsyrkx_64(0, 1, 2, 3, 1LL << 40, &alpha, &a, 5, &b, 6, &beta, &c, 7));
  expect("sum of the arguments", 1 + 2 * 2 + 3 * 3 + 4.0 * (1LL << 40) + 5 * 13 + 6 * 17 + 7 * 5 + 8 * 19 + 9 * 6 + 10 * 23 + 11 * 7, c);
  float sum = 0;
  expect("status of a function that is not behind the bridge", 15, cublasSasum_v2(0, 0, 0, 0, &sum));
  void *handle;
  expect("status where a library that nobody calls is not there", 9, cusolverMgCreate(&handle));
  void *nvrtc = dlopen("libnvrtc.so.12", RTLD_NOW);
  const char *why = nvrtc == NULL ? dlerror() : "it was loaded";
  if (strstr(why, "libnvrtc.so.13: cannot open shared object file") == NULL) {
    fprintf(stderr, "the missing library is not named: %s\n", why);
    failures++;
  }
  return failures != 0;
}
