package org.levinv.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import java.util.zip.ZipException;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/**
 * Opens matrices and vectors. The end of a file's name says how they are stored: .npy, .npz, .csv,
 * .tsv, .txt, .mtx, .h5 or .hdf5. In archives a name follows: {@code all.npz:A}, {@code
 * all.h5:/train/A}. Text and .npy files may be compressed ({@code A.csv.gz}).
 *
 * <p>.npy files, stored members of .npz files and HDF5 datasets that are not in chunks are read
 * where they lie, as often as needed, by several threads at once. All else is decoded once, when it
 * is opened: into memory off the heap, or a temporary file where that would be more than 64 MiB.
 * Entries are checked when they are read, and so is that the file did not change.
 */
public final class Inputs {
  /** Formats whose files hold several arrays, each with a name. */
  private static final List<String> ARCHIVES = List.of(".npz", ".h5", ".hdf5");

  private static final String GZIP = ".gz";

  private Inputs() {}

  /**
   * A matrix of finite numbers, to be closed.
   *
   * @throws InvalidInputException if the file cannot be read or holds no matrix
   */
  public static RowSource matrix(Path file) {
    return matrix(file, share -> {});
  }

  /**
   * The same; where it has to be decoded, {@code progress} hears what share of that is done, 0 to
   * 1.
   */
  public static RowSource matrix(Path file, DoubleConsumer progress) {
    StoredArray array = open(file, progress);
    try {
      return array.matrix();
    } catch (InvalidInputException e) {
      closeQuietly(array.bytes());
      throw e;
    }
  }

  /**
   * A vector of finite numbers, to be closed; its length is known before an entry is read.
   *
   * @throws InvalidInputException if the file cannot be read or holds no vector
   */
  public static VectorSource vectorSource(Path file) {
    return vectorSource(file, share -> {});
  }

  /** The same; {@code progress} as in {@link #matrix(Path, DoubleConsumer)}. */
  public static VectorSource vectorSource(Path file, DoubleConsumer progress) {
    StoredArray array = open(file, progress);
    try {
      return array.vector();
    } catch (InvalidInputException e) {
      closeQuietly(array.bytes());
      throw e;
    }
  }

  /**
   * A vector of finite numbers in an array.
   *
   * @throws InvalidInputException if the file cannot be read, or holds no vector that fits an array
   */
  public static double[] vector(Path file) {
    try (VectorSource source = vectorSource(file)) {
      return source.toArray();
    }
  }

  /**
   * The matrix of a .npy file that lies elsewhere, such as on another file system; it closes the
   * bytes.
   *
   * @param name of the file, for messages
   * @throws InvalidInputException if they are no matrix
   * @throws IOException if they cannot be read
   */
  public static RowSource npyMatrix(String name, Bytes bytes) throws IOException {
    return Npy.open(name, bytes, 0, bytes.size()).matrix();
  }

  /** The vector of such a file, likewise. */
  public static VectorSource npyVector(String name, Bytes bytes) throws IOException {
    return Npy.open(name, bytes, 0, bytes.size()).vector();
  }

  /** The names of a matrix's columns, d of them, or null where its file has none. */
  public static List<String> columnNames(RowSource A) {
    return A.columnNames();
  }

  /** The file that a path names, without the name of an array in it. */
  public static Path file(Path path) {
    return Location.of(path).file();
  }

  /** What an input is called: its file's name without its ending, or that of the array in it. */
  public static String name(Path path) {
    String member = Location.of(path).member();
    if (member != null) {
      return member.substring(member.lastIndexOf('/') + 1);
    }
    String name = path.getFileName().toString();
    String plain = name.endsWith(GZIP) ? name.substring(0, name.length() - GZIP.length()) : name;
    int dot = plain.lastIndexOf('.');
    return dot > 0 ? plain.substring(0, dot) : plain;
  }

  /** A file, and what is asked for in it. */
  private record Location(Path file, String member) {

    static Location of(Path path) {
      String text = path.toString();
      String lower = text.toLowerCase(Locale.ROOT);
      for (String archive : ARCHIVES) {
        int end = lower.indexOf(archive + ":") + archive.length();
        if (end >= archive.length() && !Files.exists(path)) {
          return new Location(Path.of(text.substring(0, end)), text.substring(end + 1));
        }
      }
      return new Location(path, null);
    }
  }

  /** Whether there is, or may be, the file that a path names, alone or with a member. */
  public static boolean exists(Path path) {
    return !Files.notExists(Location.of(path).file()); // one that is hidden from us says so later
  }

  private static StoredArray open(Path path, DoubleConsumer progress) {
    Location location = Location.of(path);
    checkFile(location.file());
    String file = location.file().toString().toLowerCase(Locale.ROOT);
    boolean compressed = file.endsWith(GZIP);
    String suffix = suffix(compressed ? file.substring(0, file.length() - GZIP.length()) : file);
    Format format = format(suffix);
    if (format == null || compressed && ARCHIVES.contains(suffix)) {
      throw new InvalidInputException(path + ": " + OtherFormats.advice(location.file()));
    }
    SteadyFile bytes = null;
    StoredArray array = null;
    try {
      bytes = SteadyFile.open(location.file());
      Input input =
          new Input(
              path.toString(), location.file(), location.member(), bytes, compressed, progress);
      array = format.open(input);
      return array;
    } catch (ZipException | EOFException e) {
      String why = compressed ? Gzip.reason(e) : Reason.of(e);
      throw new InvalidInputException(path + ": " + why, e);
    } catch (IOException e) {
      throw new InvalidInputException(path + ": " + Reason.of(e), e);
    } finally {
      if (bytes != null && (array == null || array.bytes() != bytes)) {
        closeQuietly(bytes);
      }
    }
  }

  /** A switch, so that a format's library is loaded by those alone who read such a file. */
  private static Format format(String suffix) {
    return switch (suffix) {
      case ".npy" -> Npy::open;
      case ".npz" -> Npz::open;
      case ".csv", ".tsv", ".txt" -> Csv::open;
      case ".mtx" -> MatrixMarket::open;
      case ".h5", ".hdf5" -> Hdf5::open;
      default -> null;
    };
  }

  private static String suffix(String file) {
    int dot = file.lastIndexOf('.');
    return dot < 0 ? "" : file.substring(dot);
  }

  private static void checkFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new InvalidInputException(file + ": expected a file, got a directory");
    }
    try {
      // Sizes are compared with headers and matrices are read again: a pipe offers neither.
      long size = Files.size(file);
      if (!Files.isRegularFile(file)) {
        throw new InvalidInputException(file + ": expected a regular file");
      }
      if (size == 0) {
        throw new InvalidInputException(file + ": expected numbers, got an empty file");
      }
    } catch (IOException e) {
      throw new InvalidInputException(file + ": " + Reason.of(e), e);
    }
  }

  /** After a failure that is reported already, or of what is read no more. */
  private static void closeQuietly(Bytes bytes) {
    try {
      bytes.close();
    } catch (IOException e) {
      // what came before says more
    }
  }
}
