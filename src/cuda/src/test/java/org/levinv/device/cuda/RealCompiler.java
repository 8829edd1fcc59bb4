package org.levinv.device.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compiles the kernels as the device does, by whatever NVRTC is on the library path; NVIDIA's own
 * needs no card. Arguments: architectures such as 90, and {@code to=FOLDER} for the cubins. Ends
 * with 1 where a kernel does not compile, spills registers or makes the compiler say more than what
 * it used.
 */
public final class RealCompiler {
  private static final Pattern SPILLS =
      Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");

  /** What the compiler reports of each kernel when it is asked to. */
  private static final Pattern REPORT = Pattern.compile("ptxas info\\s*:.*|ptxas\\s*\\.\\s.*|");

  private RealCompiler() {}

  public static void main(String[] args) throws IOException {
    NativeLibraries.load();
    boolean failed = false;
    Path folder = null;
    for (String argument : args) {
      if (argument.startsWith("to=")) {
        folder = Files.createDirectories(Path.of(argument.substring(3)));
        continue;
      }
      int card = Integer.parseInt(argument);
      String target = CudaKernels.target(card);
      for (String file : CudaKernels.files(card)) {
        failed |= !compiles(file, target, folder);
      }
    }
    System.exit(failed ? 1 : 0);
  }

  /**
   * @param folder for the cubin, or null
   */
  private static boolean compiles(String file, String target, Path folder) throws IOException {
    long start = System.nanoTime();
    Map<String, String> headers = CudaKernels.headers();
    CudaKernels.Compiled compiled;
    try {
      String[] options = CudaKernels.options(target, "--ptxas-options=-v");
      compiled = CudaKernels.compile(file, CudaKernels.source(file), headers, options);
    } catch (RuntimeException e) {
      System.out.printf("%-12s %-12s FAILED: %s%n", target, file, e.getMessage());
      return false;
    }
    if (folder != null) {
      Files.write(folder.resolve(file.replace(".cu", "." + target)), compiled.image());
    }
    boolean ptx = target.startsWith("compute_"); // which nobody has given registers yet
    String trouble = ptx ? compiled.log() : trouble(compiled.log());
    System.out.printf(
        Locale.ROOT,
        "%-12s %-12s %7d bytes, %.1f s%s%n",
        target,
        file,
        compiled.image().length,
        1e-9 * (System.nanoTime() - start),
        trouble.isEmpty() ? "" : ", FAILED: " + trouble);
    return trouble.isEmpty();
  }

  private static String trouble(String log) {
    if (!log.contains("ptxas info")) {
      return "the compiler reports nothing";
    }
    for (String line : log.split("\\s*\\|\\s*")) {
      Matcher spills = SPILLS.matcher(line);
      if (spills.find() && !(spills.group(1) + spills.group(2)).equals("00")) {
        return line;
      }
      if (!REPORT.matcher(line).matches()) {
        return line;
      }
    }
    return "";
  }
}
