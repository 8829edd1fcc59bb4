package org.levinv.files;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.levinv.Audit;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.ScaleResult;
import org.levinv.TylerResult;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/**
 * Files that appear in a directory together, whole, or not at all. Each is written under a
 * temporary name beside its place and forced to the disk; {@link #commit()} gives all of them their
 * names. Whatever was not committed is gone after {@link #close()}, and so is a directory that was
 * made for it.
 *
 * <p>A result.json says that what lies beside it belongs together: the old one goes before anything
 * changes, and the new one comes last.
 */
public final class ResultFiles implements AutoCloseable {

  /** Writes one file. */
  @FunctionalInterface
  public interface Content {
    void writeTo(WritableByteChannel out) throws IOException;
  }

  /** Enough to notice a full disk before the work; results of a solve are seldom larger. */
  private static final int PROBE_BYTES = 1 << 16;

  /** Says what became of a search; without it, what lies beside it is no result. */
  public static final String RESULT = "result.json";

  /** The x that was found. */
  public static final String ANSWER = "x.npy";

  static final String ANSWER_TEXT = "x.csv";

  /** What solve writes; of a result without an x the last alone is there. */
  public static final List<String> NAMES = List.of(ANSWER, ANSWER_TEXT, RESULT);

  private final Path directory;
  private final Deque<Path> created = new ArrayDeque<>();
  private final Map<Path, Path> temporaries = new LinkedHashMap<>();
  private final List<Path> removed = new ArrayList<>();
  private final List<FileSink> sinks = new ArrayList<>();

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
   * Finds out before long work whether the files of a solve can be written, as {@link #check} does.
   *
   * @param more files that are written beside x.npy, x.csv and result.json
   */
  public static void checkResult(Path directory, Collection<Path> inputs, String... more) {
    List<String> names = new ArrayList<>(NAMES);
    names.addAll(List.of(more));
    check(directory, inputs, names.toArray(String[]::new));
  }

  /**
   * Finds out before long work whether files of these names can be written; leaves no trace. None
   * of them may be an input, and an x.npy is replaced only where a result.json beside it says that
   * it is a result, by another result.
   *
   * @param inputs files that the work reads
   * @throws OutputException if they cannot or must not be written
   */
  public static void check(Path directory, Collection<Path> inputs, String... names) {
    for (String name : names) {
      requireNoInput(directory.resolve(name), inputs);
    }
    Path answer = directory.resolve(ANSWER);
    boolean replaces = Arrays.asList(names).contains(ANSWER) && Files.isRegularFile(answer);
    boolean isResult =
        Arrays.asList(names).contains(RESULT) && Files.exists(directory.resolve(RESULT));
    if (replaces && !isResult) {
      throw new OutputException(
          answer
              + ": expected a result.json beside it: without one it is no result of levinv, but may"
              + " be the x of a generated problem; name another folder");
    }
    checkPlace(directory, names);
  }

  /**
   * Likewise for a generated problem, which may replace an older one but not the answer of a solve.
   *
   * @throws OutputException if they cannot or must not be written
   */
  public static void checkProblem(Path directory, String... names) {
    Path result = directory.resolve(RESULT);
    if (Files.exists(result)) {
      throw new OutputException(
          result + ": expected a folder without results, whose x.npy would be lost; name another");
    }
    checkPlace(directory, names);
  }

  private static void checkPlace(Path directory, String... names) {
    try (ResultFiles files = in(directory)) {
      for (String name : names) {
        files.target(name);
      }
      files.stage(names[0], out -> writeAll(out, ByteBuffer.allocate(PROBE_BYTES)));
    }
  }

  private static void requireNoInput(Path target, Collection<Path> inputs) {
    for (Path input : inputs) {
      try {
        if (Files.exists(target) && Files.isSameFile(target, Inputs.file(input))) {
          throw new OutputException(target + ": expected another place: this file is an input");
        }
      } catch (IOException e) {
        // an input that is not there is reported by who reads it
      }
    }
  }

  /**
   * Writes x.npy, x.csv and result.json. A result without an x, or with one that is not finite, has
   * result.json alone; what an earlier result left goes.
   *
   * @param columnNames of the matrix, or null
   * @param provenance where it comes from
   * @param rows what was asked for of every row at the answer, or null where nothing was
   */
  public void stage(
      Result result,
      Options options,
      List<String> columnNames,
      Provenance provenance,
      RowsAtAnswer rows) {
    removeRowsOfEarlierResult();
    double[] x = result.x();
    if (isFinite(x)) {
      stage(ANSWER, x);
      stage(ANSWER_TEXT, out -> Csv.writeRow(out, columnNames, x));
    } else {
      remove(ANSWER);
      remove(ANSWER_TEXT);
    }
    stage(RESULT, out -> ResultJson.write(out, result, options, provenance, rows));
  }

  /** Whether there is an answer that is written: d finite numbers. */
  public static boolean isFinite(double[] x) {
    return x != null && StoredVector.notFinite(x, 0, x.length) < 0;
  }

  /** Files of these names may be the user's own, unless the result.json beside them says not. */
  private void removeRowsOfEarlierResult() {
    if (!Files.isRegularFile(directory.resolve(RESULT))) {
      return;
    }
    try {
      Object earlier = ResultFolder.read(directory).object(ResultJson.EVALUATION).get("files");
      ResultFolder.texts(earlier).stream()
          .filter(RowsAtAnswer.NAMES::contains)
          .filter(name -> !temporaries.containsKey(directory.resolve(name)))
          .forEach(this::remove);
    } catch (InvalidInputException e) {
      // not one that names files
    }
  }

  /** Writes result.json of a search for weights, which have a file of their own. */
  public void stage(ScaleResult result, Options options, Provenance provenance) {
    stage(RESULT, out -> ResultJson.write(out, result, options, provenance));
  }

  /** The same of Tyler's estimator. */
  public void stage(TylerResult result, Options options, Provenance provenance) {
    stage(RESULT, out -> ResultJson.write(out, result, options, provenance));
  }

  /** Writes what an audit found as JSON. */
  public void stage(String name, Audit audit, Provenance provenance) {
    stage(name, out -> ResultJson.write(out, audit, provenance));
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
    try (SteadyFile file = create(target)) {
      content.writeTo(new Appending(file));
      file.force();
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /** Writes a vector as a .npy file, likewise. */
  public void stage(String name, double[] v) {
    stage(name, out -> Npy.write(out, v));
  }

  /** Writes a vector as a .npy file, likewise, some numbers at a time. */
  public void stage(String name, VectorSource v) {
    checkRoom(directory, name, v.length());
    stage(name, out -> Npy.write(out, v));
  }

  /** Writes a matrix as a .npy file, likewise, some rows at a time. */
  public void stage(String name, RowSource A) {
    checkRoom(directory, name, (double) A.rows() * A.columns());
    stage(name, out -> Npy.write(out, A));
  }

  /**
   * A file of n numbers that come piece by piece, in any order, by several threads at once: text of
   * n lines where the name ends in .csv, else .npy. All of them must have come when the files are
   * committed.
   *
   * @throws OutputException if it cannot be made; the sink's IOException names the file
   */
  public VectorSink stage(String name, long n) {
    Path target = target(name);
    boolean isText = name.toLowerCase(Locale.ROOT).endsWith(".csv");
    if (!isText) {
      checkRoom(directory, name, n);
    }
    try {
      SteadyFile file = create(target);
      if (isText) {
        CsvSink sink = new CsvSink(target, file, temporary(target), n);
        sinks.add(sink);
        return sink;
      }
      NpySink sink = new NpySink(target, file, n);
      sinks.add(sink);
      sink.begin();
      return sink;
    } catch (IOException e) {
      throw failure(target, e);
    }
  }

  /**
   * Finds out before long work whether a .npy file of so many numbers can find room: what cannot is
   * not begun, since a full disk is met by all who use it.
   *
   * @throws OutputException if its disk says that it has less
   */
  public static void checkRoom(Path directory, String name, double numbers) {
    Deque<Path> missing = missing(directory);
    Path there = missing.isEmpty() ? directory : missing.peek().getParent();
    double bytes = Double.BYTES * numbers;
    long free;
    try {
      free = Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      return; // writing will tell
    }
    if (free > 0 && bytes > free) { // a file system that does not know says 0
      throw new OutputException(
          String.format(
              Locale.ROOT,
              "%s: cannot be written: it needs %.0f bytes, and its disk has %d left",
              directory.resolve(name),
              bytes,
              free));
    }
  }

  /** Lets a file go that was staged, such as a vector that did not come as a whole. */
  public void drop(String name) {
    Path target = target(name);
    sinks.stream().filter(sink -> sink.isFor(target)).forEach(FileSink::close);
    sinks.removeIf(sink -> sink.isFor(target));
    Path temporary = temporaries.remove(target);
    if (temporary != null) {
      delete(temporary);
    }
  }

  /** Lets a file go when the others get their names. */
  public void remove(String name) {
    removed.add(target(name));
  }

  /**
   * Gives the files their names, replacing others; in the order in which they were staged, but
   * result.json last.
   *
   * @throws OutputException if that fails; then none of them remains
   */
  public void commit() {
    Path result = directory.resolve(RESULT);
    List<Path> order = new ArrayList<>(temporaries.keySet());
    if (order.remove(result)) {
      order.add(result);
      removed.add(0, result);
    }
    List<Path> renamed = new ArrayList<>();
    Path current = directory;
    try {
      for (FileSink sink : sinks) {
        sink.end();
      }
      for (Path path : removed) {
        current = path;
        Files.deleteIfExists(path);
      }
      for (Path path : order) {
        current = path;
        Files.move(temporaries.get(path), path, ATOMIC_MOVE);
        renamed.add(path);
      }
    } catch (IOException e) {
      renamed.forEach(ResultFiles::delete);
      throw failure(current, e);
    }
    temporaries.clear();
    created.clear();
    forceDirectory();
  }

  @Override
  public void close() {
    sinks.forEach(FileSink::close);
    temporaries.values().forEach(ResultFiles::delete);
    created.forEach(ResultFiles::delete);
  }

  /** createTempFile would hide the file from other users for good. */
  private SteadyFile create(Path target) throws IOException {
    Path temporary = temporary(target);
    SteadyFile file = SteadyFile.create(temporary);
    temporaries.put(target, temporary);
    temporary.toFile().deleteOnExit(); // for an interrupt from the keyboard
    return file;
  }

  private Path temporary(Path target) {
    return directory.resolve("." + target.getFileName() + "." + Temporary.suffix());
  }

  /** The folders on the way to this one that are not there, the outermost first; it is the last. */
  private static Deque<Path> missing(Path directory) {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path p = directory.toAbsolutePath(); !Files.exists(p) && hasParent(p); p = p.getParent()) {
      missing.push(p);
    }
    return missing;
  }

  private static boolean hasParent(Path p) {
    return p.getParent() != null; // a root is there, or nothing is
  }

  private void createDirectory() throws IOException {
    for (Path p : missing(directory)) {
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
