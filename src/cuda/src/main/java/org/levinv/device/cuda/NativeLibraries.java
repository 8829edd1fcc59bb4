package org.levinv.device.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jcuda.CudaException;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcusolver.JCusolver;
import jcuda.nvrtc.JNvrtc;
import org.levinv.device.InvalidDeviceException;

/**
 * Loads the native half of JCuda. JCuda by itself unpacks it to fixed names in the shared temporary
 * folder, where it may find files of others; so it is shown a private folder meanwhile, which is
 * gone once all is loaded.
 */
final class NativeLibraries {
  /** What JCuda has a native library of its own for. */
  private enum Part {
    DRIVER("JCudaDriver", on -> JCudaDriver.setExceptionsEnabled(on)),
    BLAS("JCublas2", on -> JCublas2.setExceptionsEnabled(on)),
    SOLVER("JCusolver", on -> JCusolver.setExceptionsEnabled(on)),
    COMPILER("JNvrtc", on -> JNvrtc.setExceptionsEnabled(on));

    private final String library;
    private final Consumer<Boolean> exceptions;

    private boolean tried;

    /** Why it could not be loaded; null where it was. */
    private String reason;

    Part(String library, Consumer<Boolean> exceptions) {
      this.library = library;
      this.exceptions = exceptions;
    }
  }

  private static final String TEMPORARY = "java.io.tmpdir";

  /** The reason of a part that is being loaded. */
  private static final String NOT_LOADED = "not loaded";

  /** What the system's loader says of a library that is not there, or not as it should be. */
  private static final Pattern MISSING =
      Pattern.compile(
          "(lib[\\w.+-]+\\.so[\\w.]*): (cannot open shared object file|version [`'](\\S+)' not found)");

  private NativeLibraries() {}

  /**
   * Loads the driver alone, once for the whole process: whether there is a card can be asked then.
   *
   * @throws InvalidDeviceException if there is no driver, and so no card
   */
  static synchronized void loadDriver() {
    tryToLoad(List.of(Part.DRIVER));
    if (Part.DRIVER.reason != null) {
      throw new InvalidDeviceException("cuda: " + Part.DRIVER.reason + help());
    }
  }

  /**
   * Loads all parts, once for the whole process.
   *
   * @throws InvalidDeviceException if there is no driver, or which names every library that is
   *     missing
   */
  static synchronized void load() {
    loadDriver();
    tryToLoad(List.of(Part.values()));
    String reasons = reasons();
    if (!reasons.isEmpty()) {
      throw new InvalidDeviceException("cuda: " + reasons + help());
    }
  }

  /** What is missing, or empty. */
  private static String reasons() {
    return Arrays.stream(Part.values())
        .map(part -> part.reason)
        .filter(Objects::nonNull)
        .collect(Collectors.joining("; "));
  }

  /**
   * The libraries that are found with their versions, and what is missing; for machines without a
   * card too.
   */
  static synchronized String found() {
    tryToLoad(List.of(Part.values()));
    List<String> found = new ArrayList<>();
    version(Part.DRIVER, () -> "driver for CUDA " + CudaContext.driverVersion(), found);
    version(Part.BLAS, CudaLibraries::blasVersion, found);
    version(Part.SOLVER, CudaLibraries::solverVersion, found);
    version(Part.COMPILER, () -> "NVRTC " + CudaKernels.nvrtc(), found);
    String missing = reasons();
    return (found.isEmpty() ? "none" : String.join(", ", found))
        + (missing.isEmpty() ? "" : "; " + missing);
  }

  private static void version(Part part, Supplier<String> version, List<String> to) {
    if (part.reason != null) {
      return;
    }
    try {
      to.add(version.get());
    } catch (CudaException | LinkageError e) {
      to.add(part.library + " (" + e.getMessage() + ")");
    }
  }

  private static void tryToLoad(List<Part> parts) {
    Path folder = null;
    String shared = System.getProperty(TEMPORARY);
    try {
      for (Part part : parts) {
        if (!part.tried) {
          part.tried = true;
          part.reason = NOT_LOADED; // unless all goes well
          folder = folder == null ? Files.createTempDirectory("levinv-cuda-") : folder;
          System.setProperty(TEMPORARY, folder.toString()); // where JCuda's class finds it
          part.reason = loadPart(folder, part);
        }
      }
    } catch (IOException e) {
      for (Part part : parts) {
        if (!part.tried || NOT_LOADED.equals(part.reason)) { // others are what they were
          part.reason = "the native libraries of JCuda cannot be unpacked: " + e;
        }
      }
    } finally {
      System.setProperty(TEMPORARY, shared);
      delete(folder);
    }
  }

  /** The reason why not, or null. */
  private static String loadPart(Path folder, Part part) throws IOException {
    String name =
        LibUtils.createLibraryFileName(
            LibUtils.createPlatformLibraryName(part.library + "-" + JCudaVersion.get()));
    Path file = folder.resolve(name);
    try (InputStream in = LibUtils.class.getClassLoader().getResourceAsStream("lib/" + name)) {
      if (in == null) {
        return "JCuda has no native library for this platform (" + name + ")";
      }
      Files.copy(in, file);
    }
    try {
      System.load(file.toString());
      part.exceptions.accept(true);
      return null;
    } catch (UnsatisfiedLinkError e) {
      Matcher missing = MISSING.matcher(String.valueOf(e.getMessage()));
      if (!missing.find()) {
        return firstLine(e);
      }
      return missing.group(3) == null
          ? missing.group(1) + " was not found"
          : missing.group(1)
              + " is not of CUDA 12 (its version "
              + missing.group(3)
              + " is missing)";
    } catch (LinkageError | RuntimeException e) {
      return "JCuda cannot be loaded: " + firstLine(e);
    }
  }

  private static String help() {
    if (Part.DRIVER.reason != null) {
      return " (the driver of an NVIDIA card)";
    }
    return " (expected the libraries of CUDA 12 on the library path; with CUDA 13 alone, those of CUDA 13"
        + " behind the forwarding libraries of native/cuda13-bridge; with a driver alone, those of"
        + " org.bytedeco:cuda:12.6, classifier linux-x86_64-redist)";
  }

  private static String firstLine(Throwable e) {
    String text = String.valueOf(e.getMessage());
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  /**
   * The libraries stay in memory; where files in use cannot be deleted, they go with the process.
   */
  private static void delete(Path folder) {
    if (folder == null) {
      return;
    }
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        deleteNowOrLater(file);
      }
    } catch (IOException e) {
      // nothing to delete
    }
    deleteNowOrLater(folder);
  }

  private static void deleteNowOrLater(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      path.toFile().deleteOnExit();
    }
  }
}
