package org.levinv.device.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.levinv.device.DeviceException;
import org.levinv.device.PrivateFolder;

/**
 * Where native libraries are unpacked to: a private folder of the user, or one that is gone with
 * the process where there is none. JavaCPP by itself falls back to a folder of a fixed name among
 * temporary files, where it may find libraries of others. A folder that the user names is taken as
 * it is.
 */
final class NativeFolder {
  private static final String OPTION = "org.bytedeco.javacpp.cachedir";

  private NativeFolder() {}

  /**
   * Runs what loads a native library for the first time.
   *
   * @throws DeviceException if it cannot be loaded
   */
  static void load(Runnable loading) {
    String given = System.getProperty(OPTION);
    Path folder = null;
    try {
      folder = given == null ? choose() : Path.of(given);
      System.setProperty(OPTION, folder.toString());
      loading.run();
    } catch (IOException | LinkageError e) {
      throw new DeviceException(failure(folder, e), e);
    } finally {
      if (given == null) {
        System.clearProperty(OPTION); // it is of no other library's concern
      }
    }
  }

  /** As the loader of Linux says it. */
  private static final Pattern NEWER_SYSTEM =
      Pattern.compile("version [`'\"]GLIBC_([0-9.]+)' not found");

  private static Path choose() throws IOException {
    Path caches = PrivateFolder.open(PrivateFolder.usual());
    Path kept = caches == null ? null : PrivateFolder.open(caches.resolve("native"));
    return kept != null ? kept : forThisProcess();
  }

  /** For its user alone, as the system makes temporary folders. */
  private static Path forThisProcess() throws IOException {
    Path folder = Files.createTempDirectory("levinv-native-");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
    return folder;
  }

  static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // what is left is the system's to clear
    }
  }

  /** What went wrong at the bottom, where, and what helps. */
  static String failure(Path folder, Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String reason = String.valueOf(cause.getMessage() == null ? cause : cause.getMessage());
    Matcher newer = NEWER_SYSTEM.matcher(reason);
    if (newer.find()) {
      return "cpu: OpenBLAS cannot be loaded, since it was built for glibc "
          + newer.group(1)
          + " or later and this system's is older; "
          + "-Dorg.bytedeco.openblas.load=NAME in LEVINV_JAVA_OPTIONS takes another BLAS";
    }
    return "cpu: OpenBLAS cannot be loaded from "
        + (folder == null ? "a temporary folder" : folder)
        + ": "
        + reason
        + "; -D"
        + OPTION
        + "=DIR in LEVINV_JAVA_OPTIONS names another folder, which may hold programs";
  }
}
