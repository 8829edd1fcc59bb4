package org.levinv.files;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.ScaleResult;
import org.levinv.VectorSink;

/**
 * Files that appear in a directory together, whole, or not at all. Each is written under a
 * temporary name beside its place and forced to the disk; {@link #commit()} gives all of them their
 * names. Whatever was not committed is gone after {@link #close()}, and so is a directory that was
 * made for it.
 */
public final class ResultFiles implements AutoCloseable {

  /** Writes one file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(WritableByteChannel out) throws IOException;
  }

  /** Enough to notice a full disk before the work; results of a solve are seldom larger. */
  private static final int PROBE_BYTES = 1 << 16;

  private final Path directory;
  private final Deque<Path> created = new ArrayDeque<>();
  private final Map<Path, Path> temporaries = new LinkedHashMap<>();
  private final List<NpySink> sinks = new ArrayList<>();

  private ResultFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes the directory where it is missing.
   *
   * @throws OutputException if that is not possible
   */
  public static ResultFiles in(Path directory) {
    ResultFiles files = new ResultFiles(directory);
    try {
      files.createDirectory();
      return files;
    } catch (IOException | OutputException e) {
      files.close();
      throw e instanceof OutputException o ? o : failure(directory, (IOException) e);
    }
  }

  /**
   * Finds out before long work whether files of these names can be written; leaves no trace.
   *
   * @throws OutputException if they cannot
   */
  public static void check(Path directory, String... names) {
    try (ResultFiles files = in(directory)) {
      for (String name : names) {
        files.target(name);
      }
      files.stage(names[0], out -> writeAll(out, ByteBuffer.allocate(PROBE_BYTES)));
    }
  }

  /** Writes x.npy and result.json; {@code version} is that of levinv. */
  public static void writeResult(Path directory, Result result, Options options, String version) {
    try (ResultFiles files = in(directory)) {
      files.stage("x.npy", out -> Npy.write(out, result.x()));
      files.stage("result.json", out -> ResultJson.write(out, result, options, version));
      files.commit();
    }
  }

  /** Writes result.json of a search for weights, which have a file of their own. */
  public void stage(ScaleResult result, Options options, String version) {
    stage("result.json", out -> ResultJson.write(out, result, options, version));
  }

  /** Writes a small matrix as a .npy file. */
  public void stage(String name, double[][] M) {
    stage(name, out -> Npy.write(out, M));
  }

  /**
   * Writes a file under a temporary name.
   *
   * @throws OutputException if that fails
   */
  public void stage(String name, Content content) {
    Path target = target(name);
    Path temporary = temporary(name);
    try (FileChannel out = FileChannel.open(temporary, CREATE_NEW, WRITE)) {
      temporaries.put(target, temporary);
      temporary.toFile().deleteOnExit(); // for an interrupt from the keyboard
      content.writeTo(out);
      out.force(true);
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /**
   * A .npy file of n numbers that come piece by piece, in any order. All of them must have come
   * when the files are committed.
   *
   * @throws OutputException if it cannot be made; and its pieces, if they cannot be written
   */
  public VectorSink stage(String name, long n) {
    Path target = target(name);
    Path temporary = temporary(name);
    try {
      temporaries.put(target, temporary);
      temporary.toFile().deleteOnExit(); // for an interrupt from the keyboard
      NpySink sink = new NpySink(target, temporary, n);
      sinks.add(sink);
      return sink;
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /** createTempFile would hide the file from other users for good. */
  private Path temporary(String name) {
    return directory.resolve(
        "." + name + "." + ProcessHandle.current().pid() + "-" + System.nanoTime() + ".tmp");
  }

  /**
   * Gives the files their names, replacing others; in the order in which they were staged.
   *
   * @throws OutputException if that fails; then none of them remains
   */
  public void commit() {
    for (NpySink sink : sinks) {
      sink.end();
    }
    List<Path> renamed = new ArrayList<>();
    for (Map.Entry<Path, Path> entry : temporaries.entrySet()) {
      try {
        Files.move(entry.getValue(), entry.getKey(), ATOMIC_MOVE);
        renamed.add(entry.getKey());
      } catch (IOException e) {
        renamed.forEach(ResultFiles::delete);
        throw failure(entry.getKey(), e);
      }
    }
    temporaries.clear();
    created.clear();
    forceDirectory();
  }

  @Override
  public void close() {
    sinks.forEach(NpySink::close);
    temporaries.values().forEach(ResultFiles::delete);
    created.forEach(ResultFiles::delete);
  }

  private void createDirectory() throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path p = directory.toAbsolutePath(); p != null && Files.notExists(p); p = p.getParent()) {
      missing.push(p);
    }
    for (Path p : missing) {
      Files.createDirectory(p);
      p.toFile().deleteOnExit(); // an empty one only
      created.push(p);
    }
    if (!Files.isDirectory(directory)) {
      throw new OutputException(directory + ": expected a directory, got something else");
    }
  }

  private Path target(String name) {
    Path target = directory.resolve(name);
    if (Files.isDirectory(target)) {
      throw new OutputException(target + ": expected a file to write, got a directory");
    }
    return target;
  }

  /** On a disk that is nearly full the first write succeeds in part, and the next one fails. */
  static void writeAll(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Makes the names last; not every system can do this, and the files are whole without it. */
  private void forceDirectory() {
    try (FileChannel channel = FileChannel.open(directory, READ)) {
      channel.force(true);
    } catch (IOException e) {
      // the files are there
    }
  }

  /** What cannot be deleted is reported by no one: the failure that led here says more. */
  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // such as a directory that another process filled meanwhile
    }
  }

  static OutputException failure(Path path, IOException e) {
    return new OutputException(path + ": cannot be written: " + Reason.of(e), e);
  }
}
