package org.levinv.device;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A folder for what can be made again, which belongs to the user and which no one else can write:
 * what lies in it is as trustworthy as the user's own files.
 */
public final class PrivateFolder {
  private PrivateFolder() {}

  /** {@code levinv} below XDG_CACHE_HOME or ~/.cache; null where there is no home. */
  public static Path usual() {
    try {
      String named = System.getenv("XDG_CACHE_HOME");
      Path caches =
          named != null && Path.of(named).isAbsolute()
              ? Path.of(named)
              : Path.of(System.getProperty("user.home"), ".cache");
      return caches.resolve("levinv");
    } catch (RuntimeException e) {
      return null; // no home
    }
  }

  /**
   * Makes a folder where it is missing.
   *
   * @return the folder, or null where it cannot be made or written, belongs to another user, or can
   *     be written by others
   */
  public static Path open(Path folder) {
    try {
      return folder != null && isOurs(folder) ? folder : null;
    } catch (IOException | RuntimeException e) {
      return null; // a system without owners and permissions among them
    }
  }

  private static boolean isOurs(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      // by an earlier run, or by another one just now
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)
        || !Files.isDirectory(folder)) {
      return false;
    }
    Path own = Files.createTempFile(folder, "new-", ".tmp"); // shows whose files we make
    try {
      return Files.getOwner(own).equals(Files.getOwner(folder));
    } finally {
      Files.deleteIfExists(own);
    }
  }
}
