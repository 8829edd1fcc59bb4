package org.levinv.device.cuda;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * Compiled kernels in a private folder of the user, below XDG_CACHE_HOME or ~/.cache. A file is
 * written under a temporary name and renamed, so readers see all of it or nothing. Where the folder
 * cannot be used, nothing is kept, and that is all.
 */
final class KernelCache {
  private final Path folder;

  KernelCache() {
    folder = openFolder();
  }

  /** Null where there is none that only this user can write. */
  private static Path openFolder() {
    try {
      String named = System.getenv("XDG_CACHE_HOME");
      Path caches =
          named != null && Path.of(named).isAbsolute()
              ? Path.of(named)
              : Path.of(System.getProperty("user.home"), ".cache");
      Path folder = caches.resolve("levinv");
      if (Files.notExists(folder)) {
        Files.createDirectories(caches);
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
      boolean isPrivate =
          !permissions.contains(PosixFilePermission.GROUP_WRITE)
              && !permissions.contains(PosixFilePermission.OTHERS_WRITE);
      return isPrivate && Files.isWritable(folder) ? folder : null;
    } catch (IOException | RuntimeException e) {
      return null; // no home, no such permissions: compiled anew each time
    }
  }

  /** A name that changes with everything that the compiled kernels depend on. */
  static String key(String... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** Null where it is not there. */
  byte[] read(String key) {
    try {
      return folder == null ? null : Files.readAllBytes(folder.resolve(key));
    } catch (IOException e) {
      return null;
    }
  }

  void write(String key, byte[] compiled) {
    if (folder == null) {
      return;
    }
    Path temporary = null;
    try {
      temporary = Files.createTempFile(folder, "new-", ".tmp");
      Files.write(temporary, compiled);
      Files.move(temporary, folder.resolve(key), ATOMIC_MOVE);
    } catch (IOException e) {
      deleteQuietly(temporary);
    }
  }

  /** For a file that the card does not take. */
  void forget(String key) {
    if (folder != null) {
      deleteQuietly(folder.resolve(key));
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // a file too many does no harm
    }
  }
}
