package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        "\uFEFF1,2\n3,-4e-3\n5,.5\n",
        "x,\n 1 , +2.0 \n\n3,-0.004\n\"5\",0.5\n\n"
      })
  void readsMatrices(String text) throws IOException {
    RowSource A = Csv.matrix(write(text));
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
    assertArrayEquals(new double[] {1, 2, 3}, Csv.vector(write(text)));
  }

  @Test
  void readsAcrossItsChunks() throws IOException {
    int n = 700_000;
    Path file =
        write(IntStream.range(0, n).mapToObj(String::valueOf).collect(Collectors.joining("\n")));
    double[] v = Csv.vector(file);
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
    double[] v = Csv.vector(file);
    assertEquals(n, v.length);
    assertEquals(n - 1, v[n - 1]);
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
        "a,b           |: expected lines of numbers, got none",
        ";;            |: expected lines of numbers, got none",
      })
  void saysWhereNumbersAreWrong(String lines, String expected) throws IOException {
    Path file = write(lines.strip().replace(';', '\n'));
    assertEquals(file + expected, refusal(() -> Csv.matrix(file)));
  }

  @Test
  void refusesMatricesAsVectors() throws IOException {
    Path file = write("1,2\n3,4\n");
    assertEquals(
        file + ": expected a vector, that is one column or one row, got 2 x 2",
        refusal(() -> Csv.vector(file)));
  }

  private static String refusal(Runnable action) {
    return assertThrows(InvalidInputException.class, action::run).getMessage();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("A.csv"), text);
  }
}
