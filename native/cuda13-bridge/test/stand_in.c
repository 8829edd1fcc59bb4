/* Two functions of CUDA 13's cuBLAS, with arguments in registers and on the stack, whole and floating. */
int cublasGetVersion_v2(void *handle, int *version) {
  *version = handle == 0 ? 130000 : -1;
  return 0;
}

int cublasDsyrkx_64(void *handle, int uplo, int trans, long long n, long long k, const double *alpha,
                    const double *A, long long lda, const double *B, long long ldb, const double *beta, double *C,
                    long long ldc) {
  C[0] = uplo + 2 * trans + 3 * n + 4 * k + 5 * *alpha + 6 * A[0] + 7 * lda + 8 * B[0] + 9 * ldb + 10 * *beta +
         11 * ldc + (handle == 0 ? 0 : 1e9);
  return 7;
}
