package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Digests of files, computed by a thread of their own while these are worked on: the system has
 * them in memory then.
 */
public final class Digests implements AutoCloseable {

  /** Bytes that are read at once (64 KiB), which stay in a core's cache on their way. */
  private static final int PIECE = 1 << 16;

  private final Map<String, Path> files;
  private final Map<String, FutureTask<String>> tasks = new LinkedHashMap<>();
  private volatile boolean closed;

  private Digests(Map<String, Path> files) {
    this.files = files;
  }

  /**
   * Begins.
   *
   * @param files as {@link Inputs} takes them, by what they are read for
   */
  public static Digests of(Map<String, Path> files) {
    Digests digests = new Digests(files);
    files.forEach(
        (use, path) ->
            digests.tasks.put(use, new FutureTask<>(() -> digests.sha256(Inputs.file(path)))));
    Thread thread = new Thread(() -> digests.tasks.values().forEach(Runnable::run), "digests");
    thread.setDaemon(true);
    thread.start();
    return digests;
  }

  /**
   * The files with their digests.
   *
   * @param wait for those that are not there yet, which have none otherwise
   */
  public Map<String, FileDigest> take(boolean wait) {
    Map<String, FileDigest> found = new LinkedHashMap<>();
    files.forEach(
        (use, path) -> found.put(use, new FileDigest(path.toString(), size(path), get(use, wait))));
    return found;
  }

  private String get(String use, boolean wait) {
    FutureTask<String> task = tasks.get(use);
    try {
      return wait || task.isDone() ? task.get() : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // who interrupts does not want to wait
      return null;
    } catch (ExecutionException e) {
      return null; // a file that cannot be read is reported by who needs its numbers
    }
  }

  private static long size(Path path) {
    try {
      return Files.size(Inputs.file(path));
    } catch (IOException e) {
      return -1;
    }
  }

  private String sha256(Path file) throws IOException {
    MessageDigest digest = algorithm();
    ByteBuffer piece = ByteBuffer.allocate(PIECE);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(piece) >= 0) {
        if (closed) {
          return null;
        }
        digest.update(piece.flip());
        piece.clear();
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest algorithm() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
