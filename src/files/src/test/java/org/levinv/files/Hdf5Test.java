package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/** Datasets that h5py wrote; they are read as they were written, so comparisons are exact. */
class Hdf5Test {
  private static final double[] BY_ROWS = {1, 2, 3, 4, 5, 6};

  /** 40 x 30. */
  private static final double[] WIDE = IntStream.range(0, 1200).mapToDouble(k -> k / 7.0).toArray();

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"together,false", "single,true", "big,false", "half,true", "integers,true"})
  void readsEveryType(String name, boolean single) {
    for (String path : new String[] {name, "/" + name}) {
      try (RowSource A = Inputs.matrix(Resources.member("numbers.h5", path))) {
        assertEquals(single, A.isSingle());
        double[] all = new double[6];
        A.read(0, 3, all);
        assertArrayEquals(BY_ROWS, all);
        double[] row = new double[2];
        A.read(1, 1, row);
        assertArrayEquals(new double[] {3, 4}, row);
      }
    }
    assertArrayEquals(new double[] {1, 0}, vector("flags"));
    assertArrayEquals(new double[] {0, 0x1p63 + 2048}, vector("unsigned"));
    assertArrayEquals(new double[] {1, 2, 3}, vector("/group/vector"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "lzf"})
  void readsChunks(String name) {
    try (RowSource A = Inputs.matrix(Resources.member("numbers.h5", name))) {
      double[] all = new double[WIDE.length];
      A.read(0, 40, all);
      assertArrayEquals(WIDE, all);
    }
  }

  /** Numbers that repeat themselves: long copies, some of which overlap. */
  @Test
  void unpacksRuns() {
    try (RowSource A = Inputs.matrix(Resources.member("numbers.h5", "lzf_runs"))) {
      double[] all = new double[WIDE.length];
      A.read(0, 40, all);
      assertArrayEquals(Arrays.stream(WIDE).map(v -> Math.floor(v / 50)).toArray(), all);
    }
  }

  @Test
  void readsChunksOfOtherShapes() {
    try (RowSource A = Inputs.matrix(Resources.member("numbers.h5", "sums"))) {
      assertTrue(A.isSingle());
      double[] all = new double[WIDE.length];
      A.read(0, 40, all);
      assertArrayEquals(Arrays.stream(WIDE).map(v -> (float) v).toArray(), all);
    }
    double[] column = IntStream.range(0, 40).mapToDouble(i -> 30 * i / 7.0).toArray();
    assertArrayEquals(column, vector("growing"));
  }

  @Test
  void aFileOfOneNeedsNoPath() {
    try (RowSource A = Inputs.matrix(Resources.file("one.hdf5"))) {
      double[] all = new double[6];
      A.read(0, 3, all);
      assertArrayEquals(BY_ROWS, all);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "missing      | , got 'missing'",
        "group        | expected FILE:/PATH with one of the datasets /",
        "words        | expected real numbers of at most 64 bits, got VariableLength",
        "complex      | expected real numbers of at most 64 bits, got CompoundDataType",
        "unwritten    | expected numbers, but none were written",
        "holes        | rows from 10 on: expected numbers, but none were written",
        "group/vector | expected a matrix, that is shape (rows, columns), got shape (3,)",
      })
  void saysWhatIsWrong(String name, String expected) {
    Path path = Resources.member("numbers.h5", name);
    String message =
        assertThrows(InvalidInputException.class, () -> Inputs.matrix(path)).getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.startsWith(Resources.file("numbers.h5").toString()), message);
  }

  @Test
  void refusesWhatIsNoHdf5() throws IOException {
    Path text = Files.writeString(directory.resolve("a.h5"), "no such file, just a text");
    String message =
        assertThrows(InvalidInputException.class, () -> Inputs.matrix(text)).getMessage();
    assertEquals(text + ": expected a file of HDF5, got one without its signature", message);
    byte[] whole = Files.readAllBytes(Resources.file("one.hdf5"));
    Path cut = Files.write(directory.resolve("cut.h5"), Arrays.copyOf(whole, whole.length / 4));
    message = assertThrows(InvalidInputException.class, () -> Inputs.matrix(cut)).getMessage();
    assertEquals(
        cut + ": the file is damaged or truncated: the tables of HDF5 do not hold together",
        message);
  }

  /** A prefix may still hold all of a small dataset; what is read is then right. */
  @Test
  void everyTruncationIsAMessage() throws IOException {
    byte[] whole = Files.readAllBytes(Resources.file("numbers.h5"));
    Path file = directory.resolve("cut.h5");
    for (int length = 1; length < whole.length; length += 997) {
      Files.write(file, Arrays.copyOf(whole, length));
      for (String name : new String[] {"together", "gzip"}) {
        try (RowSource A = Inputs.matrix(Path.of(file + ":" + name))) {
          double[] row = new double[A.columns()];
          A.read(0, 1, row);
          assertEquals(name.equals("gzip") ? 0 : 1, row[0]);
        } catch (InvalidInputException e) {
          assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        }
      }
    }
  }

  /** Whatever a byte becomes: it is read, or it is a message and not a bug. */
  @Test
  void everyDamageIsAMessage() throws IOException {
    byte[] whole = Files.readAllBytes(Resources.file("one.hdf5"));
    Path file = directory.resolve("damaged.h5");
    int refused = 0;
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x55;
      Files.write(file, damaged);
      try (RowSource A = Inputs.matrix(file)) {
        A.read(0, 1, new double[A.columns()]);
      } catch (InvalidInputException e) {
        refused++;
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
      }
    }
    assertTrue(refused > 100, refused + " of " + whole.length + " refused");
  }

  /** The library logs; that no one listens is not said either. In a process where it is new. */
  @Test
  void printsNothing() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Alone.class.getName())
            .redirectErrorStream(true)
            .start();
    assertEquals("1.0", new String(process.getInputStream().readAllBytes()).strip());
    assertEquals(0, process.waitFor());
  }

  /** Reads a dataset and prints its first number. */
  static final class Alone {
    public static void main(String[] args) {
      System.out.println(vector("flags")[0]);
    }
  }

  private static double[] vector(String path) {
    return Inputs.vector(Resources.member("numbers.h5", path));
  }
}
