package org.levinv.device.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcusolver.JCusolver;
import jcuda.nvrtc.JNvrtc;
import org.levinv.device.DeviceException;
import org.levinv.device.InvalidDeviceException;

/**
 * Loads the native half of JCuda. JCuda by itself unpacks it to fixed names in the shared temporary
 * folder, where it may find files of others; so it is shown a private folder meanwhile, which is
 * gone once all is loaded.
 */
final class NativeLibraries {
  private static final List<String> PARTS =
      List.of("JCudaDriver", "JCublas2", "JCusolver", "JNvrtc");

  private static final String TEMPORARY = "java.io.tmpdir";

  /** What the system's loader says of a library that is not there, or not as it should be. */
  private static final Pattern MISSING =
      Pattern.compile(
          "(lib[\\w.+-]+\\.so[\\w.]*): (cannot open shared object file|version [`'](\\S+)' not found)");

  private static boolean loaded;
  private static String reason;
  private static boolean hasDriver = true;

  private NativeLibraries() {}

  /**
   * Loads all parts, once for the whole process.
   *
   * @throws InvalidDeviceException if there is no driver, and so no card
   * @throws DeviceException that names every library that is missing
   */
  static synchronized void load() {
    if (!loaded && reason == null) {
      reason = tryToLoad();
      loaded = reason == null;
    }
    if (!hasDriver) {
      throw new InvalidDeviceException("cuda: " + reason);
    }
    if (!loaded) {
      throw new DeviceException("cuda: " + reason);
    }
  }

  private static String tryToLoad() {
    Path folder = null;
    String shared = System.getProperty(TEMPORARY);
    try {
      folder = Files.createTempDirectory("levinv-cuda-");
      List<String> reasons = new ArrayList<>();
      for (String part : PARTS) {
        String failure = loadPart(folder, part);
        if (failure != null) {
          reasons.add(failure);
          if (part.equals(PARTS.get(0))) {
            hasDriver = false;
            break; // the rest says nothing new
          }
        }
      }
      if (!reasons.isEmpty()) {
        return String.join("; ", reasons) + help(reasons);
      }
      System.setProperty(TEMPORARY, folder.toString());
      JCudaDriver.setExceptionsEnabled(true);
      JCublas2.setExceptionsEnabled(true);
      JCusolver.setExceptionsEnabled(true);
      JNvrtc.setExceptionsEnabled(true);
      return null;
    } catch (IOException e) {
      return "the native libraries of JCuda cannot be unpacked: " + e;
    } catch (LinkageError | RuntimeException e) {
      return "JCuda cannot be loaded: " + firstLine(e);
    } finally {
      System.setProperty(TEMPORARY, shared);
      delete(folder);
    }
  }

  /** The reason why not, or null. */
  private static String loadPart(Path folder, String part) throws IOException {
    String name =
        LibUtils.createLibraryFileName(
            LibUtils.createPlatformLibraryName(part + "-" + JCudaVersion.get()));
    Path file = folder.resolve(name);
    try (InputStream in = LibUtils.class.getResourceAsStream("/lib/" + name)) {
      if (in == null) {
        return "JCuda has no native library for this platform (" + name + ")";
      }
      Files.copy(in, file);
    }
    try {
      System.load(file.toString());
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
    }
  }

  private static String help(List<String> reasons) {
    String all = reasons.toString().toLowerCase(Locale.ROOT);
    if (all.contains("libcuda.so")) {
      return " (the driver of an NVIDIA card)";
    }
    return " (expected the libraries of CUDA 12 on the library path; with CUDA 13 alone, the forwarding"
        + " libraries of native/cuda13-bridge; with a driver alone, those of org.bytedeco:cuda:12.6,"
        + " classifier linux-x86_64-redist)";
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
