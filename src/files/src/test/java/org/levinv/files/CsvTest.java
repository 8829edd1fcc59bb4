package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

class CsvTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1,2\n3,-4e-3\n5,.5\n",
        "1,2\r\n3,-4e-3\r\n5,.5",
        "first,second\n1,2\n3,-4e-3\n5,.5\n",
        "# made by hand\nfirst,second\n1,2\n# a third, and a fourth\n3,-4e-3\n5,.5\n",
        "#,,,\n1,2\n3,-4e-3\n#,\n#\n5,.5\n",
        "\uFEFF1,2\n3,-4e-3\n5,.5\n",
        "\nx,\n\n 1 , +2.0 \n3,-0.004\n\"5\",0.5\n\n\n",
        "0,1\n1,2\n3,-4e-3\n5,.5\n",
        "1;2\n3;-4e-3\n5;.5\n",
        "one name;another, longer\n1;2\n3;-4e-3\n5;.5\n",
        "1\t2\n3\t-4e-3\n5\t.5\n",
        "a b\tc\n1\t2\n3\t -4e-3\n5\t.5\n",
        "1 2\n3 -4e-3\n5 .5\n",
        "  1   2  \r\n 3  -4e-3\n5 .5",
        "\"p\" \"q r\"\n1 2\n3 -4e-3\n5 .5\n",
        "# 1.0\n\n   1.0000e+00  2E0\n 3 -4e-3\n # more\n5 .5\n",
      })
  void readsMatrices(String text) throws IOException {
    RowSource A = Inputs.matrix(write(text));
    assertEquals(3, A.rows());
    assertEquals(2, A.columns());
    double[] all = new double[6];
    A.read(0, 3, all);
    assertArrayEquals(new double[] {1, 2, 3, -0.004, 5, 0.5}, all);
    double[] last = new double[2];
    A.read(2, 1, last);
    assertArrayEquals(new double[] {5, 0.5}, last);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\n2\n3\n", "1,2,3\n", "sigma\n1\n2\n3", "a,b,c\n1,2,3\n"})
  void readsVectors(String text) throws IOException {
    assertArrayEquals(new double[] {1, 2, 3}, Inputs.vector(write(text)));
  }

  @Test
  void readsAcrossItsChunks() throws IOException {
    int n = 700_000;
    Path file =
        write(IntStream.range(0, n).mapToObj(String::valueOf).collect(Collectors.joining("\n")));
    double[] v = Inputs.vector(file);
    assertEquals(n, v.length);
    for (int i = 0; i < n; i++) {
      assertEquals(i, v[i]);
    }
  }

  @Test
  void readsWideRows() throws IOException {
    int n = 50_000;
    Path file =
        write(IntStream.range(0, n).mapToObj(String::valueOf).collect(Collectors.joining(",")));
    double[] v = Inputs.vector(file);
    assertEquals(n, v.length);
    assertEquals(n - 1, v[n - 1]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,b;1,2;3,4                | a/b",
        "'\"a, b\",\"say \"\"c\"\"\";1,2' | a, b/say \"c\"",
        "0,1;1,2                    | 0/1",
        ",b;0.5,1;2,3               | /b",
        "Überschrift,NA;1,2         | Überschrift/NA",
        "a,NA,NA;1,2,3              | a/NA/NA",
        "1,2;3,4                    | none",
        "0,1                        | none",
        "0;1                        | none",
        "0;0.5                      | 0",
        "'x,y z;1 2'                | x,y/z",
      })
  void keepsTheNames(String lines, String names) throws IOException {
    try (RowSource A = Inputs.matrix(write(lines.replace(';', '\n')))) {
      List<String> expected = names.equals("none") ? null : List.of(names.split("/", -1));
      assertEquals(expected, Inputs.columnNames(A));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-8"})
  void readsEncodingsWithAMark(String charset) throws IOException {
    Path file = directory.resolve("A.csv");
    Files.write(file, "\uFEFFä,b\n1,2\n".getBytes(charset));
    try (RowSource A = Inputs.matrix(file)) {
      assertEquals(List.of("ä", "b"), Inputs.columnNames(A));
      assertEquals(1, A.rows());
    }
  }

  @Test
  void namesInOtherEncodingsDoNoHarm() throws IOException {
    Path file = directory.resolve("A.csv");
    Files.write(file, "größe,b\n1,2\n".getBytes(StandardCharsets.ISO_8859_1));
    try (RowSource A = Inputs.matrix(file)) {
      assertEquals(2, A.columns());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,2;3,4,5     |, line 2: expected 2 fields as in line 1, got 3",
        "a,b;;1,2;3    |, line 4: expected 2 fields as in line 1, got 1",
        "1,2;3,four    |, line 2, column 2: expected a number, got 'four'",
        "1,2;3,        |, line 2, column 2: expected a number, got an empty field",
        "1,2;3,4d      |, line 2, column 2: expected a number, got '4d'",
        "1,2;3,0x1p3   |, line 2, column 2: expected a number, got '0x1p3'",
        "1,2;3,1.2.3   |, line 2, column 2: expected a number, got '1.2.3'",
        "1,nan;3,4     |, line 1, column 2: expected a finite number, got 'nan'",
        "1,2;-Inf,4    |, line 2, column 1: expected a finite number, got '-Inf'",
        "1,2;3,1e999   |, line 2, column 2: expected a finite number, got '1e999'",
        "#;1,2;#;3,4,5 |, line 4: expected 2 fields as in line 2, got 3",
        "1,2;3,4f      |, line 2, column 2: expected a number, got '4f'",
        "1,2;3,Infinity |, line 2, column 2: expected a finite number, got 'Infinity'",
        "1,NA;3,4      |, line 1, column 2: expected a number, got 'NA'",
        "x;1;;;2       |, line 3: expected a number, got an empty line",
        "1,2;;3,4      |, line 2: expected numbers, got an empty line",
        "a,b;;1,2;3,4;;;5,6 |, line 5: expected numbers, got an empty line",
        "#N/A,2;3,4    |, line 1, column 1: expected a number, got '#N/A'",
        "1,2;# x;#DIV/0!,4 |, line 3, column 1: expected a number, got '#DIV/0!'",
        "NA,NA;3,4     |, line 1, column 1: expected a number, got 'NA'",
        ",;3,4         |, line 1, column 1: expected a number, got an empty field",
        "a,2;3,4       |, line 1, column 1: expected a number, got 'a'",
        "1,2;a,b       |, line 2, column 1: expected a number, got 'a'",
        "a,b,a;1,2,3   |, line 1: expected a name of its own for each column, got 'a' for columns 1 and 3",
        "a,b           |: expected lines of numbers, got names alone: 'a,b'",
        "<html>        |: expected lines of numbers, got names alone: '<html>'",
        "x,\"y;1,2;3,4 |: expected lines of numbers, got names alone: 'x,y 1,2 3,4'",
        ";;            |: expected lines of numbers, got none",
      })
  void saysWhereNumbersAreWrong(String lines, String expected) throws IOException {
    Path file = write(lines.strip().replace(';', '\n'));
    assertEquals(file + expected, refusal(() -> Inputs.matrix(file)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ",0,1/0,1,2/1,3,4/2,5,6   |, column 1: expected a column of the matrix, got the row numbers 0, 1",
        ",a/1,5/2,6               |, column 1: expected a column of the matrix, got the row numbers 1, 2",
        ",0/0,0.5                 |, column 1: expected a column of the matrix, got the row numbers 0,",
        ",a/17,5/4,6/4,3          |, column 1: expected a column of the matrix, got the row numbers 17, 4,",
        ",a/-3.0,5/12.0,6         |, column 1: expected a column of the matrix, got the row numbers -3, 12",
        "Unnamed: 0,a/0,5/1,6     |, column 1: expected a column of the matrix, got the row numbers 0, 1,"
            + " ... under 'Unnamed: 0'",
        "'\"\";x/\"a\";5'          |, line 2, column 1 (fields separated by ';'): expected a number, got 'a' under"
            + " a blank heading, as if the lines had names",
        "'\"x\" \"y\"/\"1\" 5 6'   |, line 2 (fields separated by blanks): expected 2 fields as in line 1, got 3,"
            + " as if the lines had names",
      })
  void refusesIndexes(String lines, String expected) throws IOException {
    Path file = write(lines.strip().replace('/', '\n'));
    String message = refusal(() -> Inputs.matrix(file));
    assertTrue(message.startsWith(file + expected), message);
    assertTrue(message.endsWith("(pandas: index=False, R: row.names=FALSE)"), message);
  }

  @Test
  void anIndexIsSeenEarly() throws IOException {
    String numbers =
        IntStream.range(0, 200).mapToObj(i -> i + "," + i).collect(Collectors.joining("\n"));
    Path file = write(",a\n" + numbers + "\n1000,much\n");
    assertTrue(refusal(() -> Inputs.matrix(file)).contains("index"));
    Path measured = write(",a\n" + numbers.replaceFirst("98,", "98.5,") + "\n");
    try (RowSource A = Inputs.matrix(measured)) {
      assertEquals(2, A.columns()); // 0, 1, 2, ... up to 97 and then 98.5: no label of a row
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1\t2/3\tx  |, line 2, column 2 (fields separated by tabs): expected a number, got 'x'",
        "1;2/3;1,5  |, line 2, column 2 (fields separated by ';'): expected a number, got '1,5';"
            + " write decimals with a point",
        "1 2/3 x    |, line 2, column 2 (fields separated by blanks): expected a number, got 'x'",
        "1;2/3      |, line 2 (fields separated by ';'): expected 2 fields as in line 1, got 1",
        "1,2/\"3\"x,4 |, line 2: expected fields separated by commas, each without quotes or"
            + " with one at both of its ends",
      })
  void namesTheSeparator(String lines, String expected) throws IOException {
    Path file = write(lines.strip().replace("\\t", "\t").replace('/', '\n'));
    assertEquals(file + expected, refusal(() -> Inputs.matrix(file)));
  }

  /** What the mark would say cannot be guessed; binary files have such characters, too. */
  @Test
  void textWithoutItsMark_isRefusedAsSuch() throws IOException {
    String expected =
        ": expected text in UTF-8, or in UTF-16 with a byte order mark, got a NUL character";
    Path file = directory.resolve("A.csv");
    List<Charset> charsets =
        List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, Charset.forName("UTF-32"));
    for (Charset charset : charsets) {
      Files.write(file, "1,2\n3,4\n".getBytes(charset));
      assertEquals(file + ", line 1" + expected, refusal(() -> Inputs.matrix(file)));
    }
    Files.writeString(file, "1,2\n\0003,4\n");
    assertEquals(file + ", line 2" + expected, refusal(() -> Inputs.matrix(file)));
    Files.writeString(file, "1,2\n".repeat(40_000) + "\0003,4\n"); // beyond what is looked at
    assertEquals(
        file + ", line 40001, column 1: expected a number, got ' 3'",
        refusal(() -> Inputs.matrix(file)));
  }

  @Test
  void writesARowThatItReads() throws IOException {
    double[] x = {1.0 / 3, -2e-300, 0};
    List<String> names = List.of("a, b", "\"c\"", "# d");
    for (List<String> header : Arrays.asList(names, null)) {
      Path file = directory.resolve("x.csv");
      try (FileChannel out =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        Csv.writeRow(out, header, x);
      }
      assertArrayEquals(x, Inputs.vector(file));
      try (RowSource row = Inputs.matrix(file)) {
        assertEquals(header, Inputs.columnNames(row));
      }
    }
  }

  @Test
  void refusesMatricesAsVectors() throws IOException {
    Path file = write("1,2\n3,4\n");
    assertEquals(
        file + ": expected a vector, that is one column or one row, got 2 x 2",
        refusal(() -> Inputs.vector(file)));
  }

  private static String refusal(Runnable action) {
    return assertThrows(InvalidInputException.class, action::run).getMessage();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("A.csv"), text);
  }
}
