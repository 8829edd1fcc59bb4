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
 * temporary files, where it may find libraries of others. In a folder that the user names it is one
 * of levinv's, since libraries there are renamed.
 */
final class NativeFolder {
  private static final String OPTION = "org.bytedeco.javacpp.cachedir";

  private NativeFolder() {}

  /** What loads libraries from a folder. */
  @FunctionalInterface
  interface Loading {
    void from(Path folder) throws IOException;
  }

  /**
   * Runs what loads a native library for the first time.
   *
   * @param name of the folder among others, each for libraries that go together
   * @throws DeviceException if it cannot be loaded
   */
  static void load(String name, Loading loading) {
    String given = System.getProperty(OPTION);
    Path folder = null;
    try {
      folder = given == null ? choose(name) : Path.of(given, "levinv", name);
      System.setProperty(OPTION, folder.toString());
      loading.from(folder);
    } catch (IOException | LinkageError e) {
      throw new DeviceException(failure(folder, e), e);
    } finally {
      // it is of no other library's concern
      if (given == null) {
        System.clearProperty(OPTION);
      } else {
        System.setProperty(OPTION, given);
      }
    }
  }

  /** As the loader of Linux says it. */
  private static final Pattern NEWER_SYSTEM =
      Pattern.compile("version [`'\"]GLIBC_([0-9.]+)' not found");

  private static Path choose(String name) throws IOException {
    Path caches = PrivateFolder.open(PrivateFolder.usual());
    Path kept = caches == null ? null : PrivateFolder.open(caches.resolve(name));
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
      // so was the bridge between Java and any BLAS: another one would not help
      return "cpu: OpenBLAS cannot be loaded, since its bridge to Java was built for glibc "
          + newer.group(1)
          + " or later and this system's is older";
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
