package org.levinv.device.cuda;

import java.util.Map;
import jcuda.CudaException;

/** What a code of CUDA usually means, for a user who cannot ask a debugger. */
final class CudaErrors {
  static final String NO_DEVICE = "CUDA_ERROR_NO_DEVICE";
  static final String OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY";

  private static final String LIBRARY_NOT_INITIALIZED =
      "usually a full card, or a driver older than the library";

  private static final String LIBRARY_NOT_SUPPORTED =
      "not in this version of the library, or the library behind the bridge to CUDA 13 has not got it";

  /** From the manual of the driver API and from what users of other projects found. */
  private static final Map<String, String> HINTS =
      Map.ofEntries(
          Map.entry(
              NO_DEVICE,
              "the driver sees no card: CUDA_VISIBLE_DEVICES may be empty, or the container was"
                  + " started without its card"),
          Map.entry(OUT_OF_MEMORY, "nvidia-smi lists what else is on the card"),
          Map.entry(
              "CUDA_ERROR_DEVICE_UNAVAILABLE",
              "the card is in exclusive mode and another process has it, or in prohibited mode;"
                  + " nvidia-smi -q -d COMPUTE tells"),
          Map.entry(
              "CUDA_ERROR_NO_BINARY_FOR_GPU",
              "the kernels were compiled for another card; levinv's cache folder may be deleted"),
          Map.entry("CUDA_ERROR_ECC_UNCORRECTABLE", "the card's memory is damaged; reset it"),
          Map.entry(
              "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
              "NVRTC is newer than the driver and does not know the card: update the driver, or"
                  + " take the libraries that came with it"),
          Map.entry(
              "CUDA_ERROR_SYSTEM_NOT_READY",
              "code 802: NVSwitch cards need the service nvidia-fabricmanager, of the driver's"
                  + " version, to run"),
          Map.entry(
              "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
              "code 803: libcuda.so.1 is not of the version of the kernel module, as after an"
                  + " upgrade without a reboot, or another libcuda comes first on the library path"),
          Map.entry(
              "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
              "code 804: a compat folder of CUDA is on the library path, which this card does not"
                  + " allow: take it off"),
          Map.entry(
              "CUDA_ERROR_MPS_CONNECTION_FAILED",
              "the MPS server does not answer; CUDA_MPS_PIPE_DIRECTORY must be that of its daemon"),
          Map.entry("CUDA_ERROR_MPS_SERVER_NOT_READY", "the MPS server starts or recovers; retry"),
          Map.entry("CUDA_ERROR_MPS_MAX_CLIENTS_REACHED", "the MPS server takes no more clients"),
          Map.entry(
              "CUDA_ERROR_UNKNOWN",
              "code 999: often /dev/nvidia* that is missing in the container or may not be opened,"
                  + " or a kernel module that is not loaded (nvidia-modprobe)"),
          Map.entry("CUBLAS_STATUS_NOT_INITIALIZED", LIBRARY_NOT_INITIALIZED),
          Map.entry("CUSOLVER_STATUS_NOT_INITIALIZED", LIBRARY_NOT_INITIALIZED),
          Map.entry("CUBLAS_STATUS_ALLOC_FAILED", LIBRARY_NOT_INITIALIZED),
          Map.entry("CUSOLVER_STATUS_ALLOC_FAILED", LIBRARY_NOT_INITIALIZED),
          Map.entry("CUBLAS_STATUS_NOT_SUPPORTED", LIBRARY_NOT_SUPPORTED),
          Map.entry("CUSOLVER_STATUS_NOT_SUPPORTED", LIBRARY_NOT_SUPPORTED),
          Map.entry("CUBLAS_STATUS_ARCH_MISMATCH", "this version of cuBLAS does not know the card"),
          Map.entry(
              "CUSOLVER_STATUS_ARCH_MISMATCH", "this version of cuSOLVER does not know the card"));

  private CudaErrors() {}

  /** Such as "cublasCreate: CUBLAS_STATUS_NOT_INITIALIZED (usually a full card, ...)". */
  static String words(CudaException e) {
    String hint = HINTS.get(e.getMessage());
    return call(e) + e.getMessage() + (hint == null ? "" : " (" + hint + ")");
  }

  /** The call that failed: the outermost one of JCuda's. */
  private static String call(CudaException e) {
    String call = "";
    for (StackTraceElement frame : e.getStackTrace()) {
      if (!frame.getClassName().startsWith("jcuda.")) {
        break;
      }
      call = frame.getMethodName() + ": ";
    }
    return call;
  }
}
