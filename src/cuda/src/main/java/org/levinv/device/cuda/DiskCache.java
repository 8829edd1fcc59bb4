package org.levinv.device.cuda;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.levinv.device.PrivateFolder;

/**
 * What was found out about a card, in a private folder of the user, below XDG_CACHE_HOME or
 * ~/.cache. A file is written under a temporary name and then given its own, so readers see all of
 * it or nothing; it starts with a digest of the rest, and one that does not fit counts as missing.
 * Where the folder cannot be used, nothing is kept, and that is all.
 */
final class DiskCache {
  private static final int DIGEST_BYTES = 32;

  private final Path folder;

  DiskCache() {
    this(PrivateFolder.usual());
  }

  /**
   * @param folder made where it is missing; null, or one that others can write, is not used
   */
  DiskCache(Path folder) {
    this.folder = PrivateFolder.open(folder);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** A name that changes with everything that the content depends on. */
  static String key(String... parts) {
    MessageDigest digest = digest();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Whether anything can be kept. */
  boolean isUsable() {
    return folder != null;
  }

  /** Null where it is not there, or not what was written. */
  byte[] read(String key) {
    try {
      byte[] all = folder == null ? new byte[0] : Files.readAllBytes(folder.resolve(key));
      if (all.length < DIGEST_BYTES) {
        return null;
      }
      byte[] content = Arrays.copyOfRange(all, DIGEST_BYTES, all.length);
      byte[] expected = Arrays.copyOf(all, DIGEST_BYTES);
      return MessageDigest.isEqual(expected, digest().digest(content)) ? content : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** Replaces what is there. */
  void write(String key, byte[] content) {
    store(key, content, (from, to) -> Files.move(from, to, ATOMIC_MOVE));
  }

  /** Leaves what is there, so that processes that decide at the same time end with one decision. */
  void writeOnce(String key, byte[] content) {
    if (read(key) == null) {
      forget(key);
      store(key, content, DiskCache::nameOnce);
    }
  }

  /** Fails where another process was first; without links, the last of those that meet wins. */
  private static void nameOnce(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
      Files.delete(from);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) { // a file system without links
      Files.move(from, to, ATOMIC_MOVE);
    }
  }

  /** Gives a file its name. */
  @FunctionalInterface
  private interface Naming {
    void run(Path from, Path to) throws IOException;
  }

  private void store(String key, byte[] content, Naming naming) {
    if (folder == null) {
      return;
    }
    Path temporary = null;
    try {
      temporary = Files.createTempFile(folder, "new-", ".tmp");
      byte[] all = Arrays.copyOf(digest().digest(content), DIGEST_BYTES + content.length);
      System.arraycopy(content, 0, all, DIGEST_BYTES, content.length);
      Files.write(temporary, all);
      naming.run(temporary, folder.resolve(key));
    } catch (IOException | UnsupportedOperationException e) {
      deleteQuietly(temporary);
    }
  }

  /** For a file that is of no use. */
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
