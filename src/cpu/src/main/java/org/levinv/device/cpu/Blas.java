package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas_full.openblas_get_config;
import static org.bytedeco.openblas.global.openblas_full.openblas_get_corename;
import static org.bytedeco.openblas.global.openblas_full.openblas_get_num_threads;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.levinv.device.DeviceException;

/**
 * The library behind JavaCPP's functions: OpenBLAS as it comes, or what the user names by {@code
 * -Dorg.bytedeco.openblas.load}. A call of a function that is not there ends the process, so they
 * are looked up before.
 *
 * @param library its name, and the version where it is an OpenBLAS
 * @param kernels for which processor, by OpenBLAS's names; empty where it is another library
 */
record Blas(String library, String kernels) {
  private static final String REPLACED = "org.bytedeco.openblas.load";

  private static boolean loaded;

  /** What {@link CpuDevice} and {@link SingleProducts} call. */
  static final List<String> FUNCTIONS =
      List.of(
          "LAPACKE_dgelqf_work",
          "LAPACKE_dpotrf_work",
          "LAPACKE_dsyevd",
          "LAPACKE_dtrtri_work",
          "cblas_daxpy",
          "cblas_dcopy",
          "cblas_dgemm",
          "cblas_dgemv",
          "cblas_dger",
          "cblas_dnrm2",
          "cblas_dsyrk",
          "cblas_dtrmm",
          "cblas_dtrsm",
          "cblas_dtrsv",
          "cblas_sdot",
          "cblas_sgemm",
          "cblas_ssyrk",
          "cblas_strmm");

  /**
   * Loads it, once for the whole process.
   *
   * @throws DeviceException if it cannot be loaded, or lacks a function
   */
  static synchronized Blas load() {
    if (!loaded) {
      if (System.getProperty(REPLACED, "").isEmpty()) {
        NativeFolder.load("native", Blas::loadOwn);
      } else {
        NativeFolder.load("native-replaced", folder -> Loader.load(openblas.class));
      }
      loaded = true;
    }
    for (String function : FUNCTIONS) {
      if (!has(function)) {
        throw new DeviceException(
            "cpu: expected a BLAS with CBLAS and LAPACKE in -D"
                + REPLACED
                + ", but "
                + System.getProperty(REPLACED)
                + " lacks "
                + function);
      }
    }
    return isOpenBlas()
        ? new Blas("OpenBLAS " + version(), openblas_get_corename().getString())
        : new Blas("BLAS of " + System.getProperty(REPLACED), "");
  }

  private static void loadOwn(Path folder) throws IOException {
    OwnName.give(folder);
    Loader.load(openblas.class);
  }

  /** Such as 0.3.31, of "OpenBLAS 0.3.31 DYNAMIC_ARCH ...". */
  private static String version() {
    String[] words = openblas_get_config().getString().split(" ");
    return words.length > 1 ? words[1] : "";
  }

  /** The threads that it uses by itself. */
  static int threads() {
    return isOpenBlas() ? openblas_get_num_threads() : Runtime.getRuntime().availableProcessors();
  }

  private static boolean isOpenBlas() {
    return has("openblas_get_corename")
        && has("openblas_get_config")
        && has("openblas_get_num_threads");
  }

  private static boolean has(String function) {
    return Loader.addressof(function) != null;
  }

  @Override
  public String toString() {
    return kernels.isEmpty() ? library : library + " for " + kernels;
  }
}
