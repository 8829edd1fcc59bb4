package org.levinv.device.cpu;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/**
 * The OpenBLAS that comes along, under a name that no other library has.
 *
 * <p>Linux's loader takes libraries of one name for one library: what needs {@code
 * libopenblas.so.0} gets the first of that name in the process. Where a system's BLAS is an
 * OpenBLAS of another version (as that of Debian, which Spark's netlib opens), the second library
 * of the two would work with the internals of the first, and end the process.
 */
final class OwnName {
  private static final String COMMON = "libopenblas.so.0";
  static final String OWN = "levopenblas.so.0";

  /** Resources of JavaCPP's jar, the library first; those after # are what JavaCPP calls them. */
  private static final List<String> FILES =
      List.of(
          "libopenblas.so.0",
          "libopenblas.so.0#libopenblas_nolapack.so.0",
          "libjniopenblas_nolapack.so",
          "libjniopenblas.so",
          "libjniopenblas_full.so");

  private OwnName() {}

  /**
   * Unpacks the library and what needs it, and renames it, before it is loaded. Nothing is done
   * where JavaCPP unpacks to another folder than this, which is then not ours alone, nor on other
   * systems than Linux, which tell libraries apart by their folders.
   */
  static void give(Path folder) throws IOException {
    if (!Loader.getPlatform().startsWith("linux-")
        || !Files.isDirectory(folder)
        || !Files.isSameFile(folder, Loader.getCacheDir().toPath())) {
      return;
    }
    for (String name : FILES) {
      String[] fileAndAlias = name.split("#");
      URL resource =
          Loader.findResource(openblas.class, Loader.getPlatform() + "/" + fileAndAlias[0]);
      if (resource != null) { // without it, loading fails with a message
        File file =
            Loader.cacheResource(
                fileAndAlias.length == 1 ? resource : new URL(resource + "#" + fileAndAlias[1]));
        ElfNames.replace(file.toPath(), COMMON, OWN);
      }
    }
  }
}
