package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

class NpyTest {
  /** Rows (1, 2), (3, 4), (5, 6). */
  private static final double[] BY_ROWS = {1, 2, 3, 4, 5, 6};

  private static final double[] BY_COLUMNS = {1, 3, 5, 2, 4, 6};

  @TempDir Path directory;

  static Stream<Arguments> variants() {
    return Stream.of(1, 2, 3)
        .flatMap(
            version ->
                Stream.of("<f8", "<f4", "f8", "f4")
                    .flatMap(
                        descr ->
                            Stream.of(
                                Arguments.of(version, descr, false),
                                Arguments.of(version, descr, true))));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void readsMatricesOfEveryVariant(int version, String descr, boolean fortran) {
    double[] stored = fortran ? BY_COLUMNS : BY_ROWS;
    byte[] data = descr.endsWith("8") ? NpyFiles.doubles(stored) : NpyFiles.floats(stored);
    byte[] header = NpyFiles.header(version, NpyFiles.dict(descr, fortran, "(3, 2)"));
    try (RowSource A = Inputs.matrix(NpyFiles.write(file(), header, data))) {
      assertEquals(3, A.rows());
      assertEquals(2, A.columns());
      assertEquals(file().toString(), A.name());
      double[] all = new double[6];
      A.read(0, 3, all);
      assertArrayEquals(BY_ROWS, all);
      double[] again = new double[6];
      A.read(1, 2, again);
      assertArrayEquals(new double[] {3, 4, 5, 6, 0, 0}, again);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(3,)", "(3, 1)", "(1, 3)", "(3L,)", "(3,1)", "( 1 , 3 , )"})
  void readsVectorsOfEveryShape(String shape) {
    for (boolean fortran : new boolean[] {false, true}) {
      byte[] header = NpyFiles.header(1, NpyFiles.dict("<f8", fortran, shape));
      Path v = NpyFiles.write(file(), header, NpyFiles.doubles(7, -8, 9));
      assertArrayEquals(new double[] {7, -8, 9}, Inputs.vector(v));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsBlocksAcrossItsBuffers(boolean fortran) {
    int rows = 35_000;
    int columns = 11;
    double[] stored = new double[rows * columns];
    for (int k = 0; k < stored.length; k++) {
      stored[k] = fortran ? entry(k % rows, k / rows) : entry(k / columns, k % columns);
    }
    byte[] header =
        NpyFiles.header(1, NpyFiles.dict("<f8", fortran, "(" + rows + ", " + columns + ")"));
    try (RowSource A = Inputs.matrix(NpyFiles.write(file(), header, NpyFiles.doubles(stored)))) {
      for (int[] block : new int[][] {{0, rows}, {15_990, 20}, {100, 32_001}, {rows - 1, 1}}) {
        assertBlock(A, block[0], block[1]);
      }
    }
  }

  private static void assertBlock(RowSource A, int first, int count) {
    double[] block = new double[count * A.columns()];
    A.read(first, count, block);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < A.columns(); j++) {
        assertEquals(entry(first + i, j), block[i * A.columns() + j]);
      }
    }
  }

  private static double entry(int i, int j) {
    return 100.0 * i + j;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsFilesBeyondTwoGibibytes(boolean fortran) throws IOException {
    long rows = 40_000_000;
    int columns = 8;
    byte[] header =
        NpyFiles.header(2, NpyFiles.dict("<f8", fortran, "(" + rows + ", " + columns + ")"));
    Path file = NpyFiles.write(file(), header);
    long row = 39_999_998;
    // All but these numbers is a hole of zeros that takes no room on the disk.
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int j = 0; j < columns; j++) {
        long item = fortran ? j * rows + row : row * columns + j;
        channel.write(ByteBuffer.wrap(NpyFiles.doubles(j + 0.5)), header.length + 8 * item);
      }
      channel.write(ByteBuffer.allocate(1), header.length + 8 * rows * columns - 1);
    }
    try (RowSource A = Inputs.matrix(file)) {
      double[] block = new double[3 * columns];
      A.read(row - 1, 3, block);
      double[] expected = new double[3 * columns];
      for (int j = 0; j < columns; j++) {
        expected[columns + j] = j + 0.5;
      }
      assertArrayEquals(expected, block);
      A.read(0, 3, block);
      assertArrayEquals(new double[3 * columns], block);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void writesWhatNumPyWrites() throws IOException {
    write(out -> Npy.write(out, new double[] {1, -2}));
    byte[] expected =
        ("\u0093NUMPY\u0001\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }"
                + " ".repeat(60)
                + "\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] written = Files.readAllBytes(file());
    assertEquals(128, expected.length);
    assertArrayEquals(expected, Arrays.copyOf(written, 128));
    assertArrayEquals(NpyFiles.doubles(1, -2), Arrays.copyOfRange(written, 128, written.length));
  }

  @Test
  void readsBackWhatItWrites() throws IOException {
    double[] v = new double[300_001];
    for (int i = 0; i < v.length; i++) {
      v[i] = 1.0 / (i + 1);
    }
    write(out -> Npy.write(out, v));
    assertArrayEquals(v, Inputs.vector(file()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 200_000})
  void readsBackTheMatricesItWrites(int columns) throws IOException {
    int rows = 600_000 / columns;
    write(out -> Npy.write(out, new Counted(rows, columns)));
    try (RowSource A = Inputs.matrix(file())) {
      assertEquals(rows, A.rows());
      assertEquals(columns, A.columns());
      double[] all = new double[rows * columns];
      A.read(0, rows, all);
      for (int k = 0; k < all.length; k++) {
        assertEquals(k, all[k]);
      }
    }
  }

  /** Its entries are 0, 1, 2, ... row by row. */
  private record Counted(long rows, int columns) implements RowSource {
    @Override
    public String name() {
      return "counted";
    }

    @Override
    public void read(long first, int count, double[] into) {
      for (int k = 0; k < count * columns; k++) {
        into[k] = first * columns + k;
      }
    }
  }

  static Stream<Arguments> badHeaders() {
    String ok = "'descr': '<f8', 'fortran_order': False, ";
    return Stream.of(
        Arguments.of("{'descr': '<c16', 'fortran_order': False, 'shape': (3, 2)}", "'<c16'"),
        Arguments.of("{'descr': '<f16', 'fortran_order': False, 'shape': (3, 2)}", "'<f16'"),
        Arguments.of("{'descr': '!f8', 'fortran_order': False, 'shape': (3, 2)}", "'!f8'"),
        Arguments.of("{'descr': '', 'fortran_order': False, 'shape': (3, 2)}", "type ''"),
        Arguments.of(
            "{'descr': '|O', 'fortran_order': False, 'shape': (3, 2)}",
            "got type '|O'; numpy.save(file, array.astype('f8')) writes such"),
        Arguments.of("{'descr': True, 'fortran_order': False, 'shape': (3, 2)}", "'true'"),
        Arguments.of(
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3, 2)}", "structured"),
        Arguments.of("{'descr': '<f8', 'fortran_order': 0, 'shape': (3, 2)}", "got '0'"),
        Arguments.of("{'descr': '<f8', 'fortran_order': 'no', 'shape': (3, 2)}", "got no"),
        Arguments.of("{'descr': '<f8', 'fortran_order': Falsy, 'shape': (3, 2)}", "False"),
        Arguments.of("{'descr': '<f8', 'shape': (3, 2)}", "keys"),
        Arguments.of("{" + ok + "'shape': (3, 2), 'more': True}", "keys"),
        Arguments.of("{" + ok + "'descr': '<f8', 'shape': (3, 2)}", "twice"),
        Arguments.of("{" + ok + "'shape': 'x'}", "expected a tuple"),
        Arguments.of("{" + ok + "'shape': (3 2)}", "got '2'"),
        Arguments.of("{" + ok + "'shape': (6)}", "tuple of one"),
        Arguments.of("{" + ok + "'shape': (-3, -2)}", "negative"),
        Arguments.of("{" + ok + "'shape': (-, 2)}", "an integer"),
        Arguments.of("{" + ok + "'shape': (4294967296, 4294967296)}", "a file can hold"),
        Arguments.of("{" + ok + "'shape': (99999999999999999999, 2)}", "64 bits"),
        Arguments.of("{" + ok + "'shape': (3, 2)} + {}", "the end of the header"),
        Arguments.of("{" + ok + "'shape': (3, 2)", "got the end of the header"),
        Arguments.of("{" + ok + "'shape", "closing"),
        Arguments.of("{" + ok + "'sh\\x61pe': (3, 2)}", "escape"),
        Arguments.of("", "expected '{'"),
        Arguments.of("{" + ok + "'shape': (3, 2, 1)}", "shape (3, 2, 1)"),
        Arguments.of("{" + ok + "'shape': (6,)}", "expected a matrix"),
        Arguments.of("{" + ok + "'shape': (4, 2)}", "the file is truncated"),
        Arguments.of("{" + ok + "'shape': (2, 2)}", "data after its end"));
  }

  @ParameterizedTest
  @MethodSource("badHeaders")
  void refusesBadHeaders(String dict, String expected) {
    NpyFiles.write(file(), NpyFiles.header(1, dict), NpyFiles.doubles(BY_ROWS));
    assertRefused(expected, () -> Inputs.matrix(file()));
  }

  @Test
  void saysWhatIsMissing() {
    byte[] header = NpyFiles.header(1, NpyFiles.dict("<f8", false, "(3, 2)"));
    NpyFiles.write(file(), header, NpyFiles.doubles(1, 2, 3));
    String message = assertRefused("", () -> Inputs.matrix(file()));
    assertEquals(
        file() + ": expected 176 bytes for shape (3, 2), got 152: the file is truncated", message);
  }

  @Test
  void refusesEveryTruncation() {
    byte[] header = NpyFiles.header(1, NpyFiles.dict("<f8", false, "(3, 2)"));
    byte[] whole = Arrays.copyOf(header, header.length + 48);
    for (int length = 0; length < whole.length; length++) {
      NpyFiles.write(file(), Arrays.copyOf(whole, length));
      assertRefused("", () -> Inputs.matrix(file()));
    }
  }

  @Test
  void refusesForeignFilesAndVersions() {
    NpyFiles.write(file(), "PK\u0003\u0004 a zip archive".getBytes(StandardCharsets.US_ASCII));
    assertRefused("start of a .npy file", () -> Inputs.matrix(file()));
    byte[] header = NpyFiles.header(1, NpyFiles.dict("<f8", false, "(0, 2)"));
    header[6] = 4;
    NpyFiles.write(file(), header);
    assertRefused("got 4.0", () -> Inputs.matrix(file()));
    byte[] long2 = NpyFiles.header(2, NpyFiles.dict("<f8", false, "(3, 2)"));
    long2[11] = (byte) 0xff;
    NpyFiles.write(file(), long2);
    assertRefused("at most 65536 bytes", () -> Inputs.matrix(file()));
  }

  @Test
  void refusesShapesThatAreNoVector() {
    NpyFiles.write(file(), "(3, 2)", BY_ROWS);
    assertRefused("expected a vector", () -> Inputs.vector(file()));
    NpyFiles.write(file(), "()", 1);
    assertRefused("got shape ()", () -> Inputs.vector(file()));
    NpyFiles.write(file(), "(0,)");
    assertRefused("got shape (0,)", () -> Inputs.vector(file()));
    NpyFiles.write(file(), "(0, 2)");
    assertRefused("got shape (0, 2)", () -> Inputs.matrix(file()));
  }

  @Test
  void reportsNumbersThatAreNotFinite() {
    NpyFiles.write(file(), "(3, 2)", 1, 2, 3, 4, Double.NaN, 6);
    try (RowSource A = Inputs.matrix(file())) {
      A.read(0, 2, new double[4]);
      String message = assertRefused("", () -> A.read(1, 2, new double[4]));
      assertEquals(file() + ", row 2, column 0: expected a finite number, got NaN", message);
    }
    NpyFiles.write(file(), "(2,)", 1, Double.NEGATIVE_INFINITY);
    String message = assertRefused("", () -> Inputs.vector(file()));
    assertEquals(file() + ", row 1: expected a finite number, got -Infinity", message);
  }

  @Test
  void reportsFilesThatShrinkWhileRead() throws IOException {
    NpyFiles.write(file(), "(3, 2)", BY_ROWS);
    try (RowSource A = Inputs.matrix(file())) {
      try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
        channel.truncate(150);
      }
      assertRefused("the file ended at byte 150", () -> A.read(0, 3, new double[6]));
    }
  }

  private String assertRefused(String expected, Executable action) {
    String message = assertThrows(InvalidInputException.class, action).getMessage();
    assertTrue(message.startsWith(file().toString()), message);
    assertTrue(message.contains(expected), message);
    assertFalse(message.contains("\n"), message);
    return message;
  }

  private void write(ResultFiles.Content content) throws IOException {
    try (FileChannel out =
        FileChannel.open(file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      content.writeTo(out);
    }
  }

  private Path file() {
    return directory.resolve("A.npy");
  }
}
