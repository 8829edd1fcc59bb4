package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

class MatrixMarketTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "array real general;% by hand;;3 2;1;3;5;2;4;6            | 1 2 3 4 5 6",
        "array integer general;3 2;1;3;5;2;4;6                    | 1 2 3 4 5 6",
        "coordinate real general;3 2 3;1 1 1;3 2 6.5;2 1 -3e0     | 1 0 -3 0 0 6.5",
        "coordinate real general;2 2 3;1 1 1;2 2 4;1 1 2          | 3 0 0 4",
        "coordinate pattern general;2 2 2;1 2;2 1                 | 0 1 1 0",
        "coordinate real symmetric;2 2 2;1 1 5;2 1 3              | 5 3 3 0",
        "coordinate integer skew-symmetric;2 2 1;2 1 3            | 0 -3 3 0",
        "array real symmetric;2 2;5;3;4                           | 5 3 3 4",
        "array real skew-symmetric;2 2;3                          | 0 -3 3 0",
        "Coordinate Real General;1 2 1;1 2 7                      | 0 7",
      })
  void readsMatrices(String lines, String expected) throws IOException {
    try (RowSource A = Inputs.matrix(write(lines))) {
      double[] values =
          Arrays.stream(expected.split(" ")).mapToDouble(Double::parseDouble).toArray();
      double[] all = new double[(int) A.rows() * A.columns()];
      A.read(0, (int) A.rows(), all);
      assertArrayEquals(values, all);
    }
  }

  @Test
  void readsVectors() throws IOException {
    assertArrayEquals(new double[] {1, 2}, Inputs.vector(write("array real general;2 1;1;2")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " @ ",
      value = {
        "array complex general;1 1;1 0 @ , line 1: expected %%MatrixMarket matrix array|coordinate"
            + " real|integer|pattern general|symmetric|skew-symmetric, got '%%MatrixMarket matrix"
            + " array complex general'",
        "array real general;0 2 @ , line 2: expected its size: rows columns",
        "array real general;2 2 4 @ , line 2: expected its size: rows columns",
        "coordinate real general;2 2 @ , line 2: expected its size: rows columns entries",
        "coordinate real general;4294967296 4294967296 1;1 1 1"
            + " @ , line 2: expected its size: rows columns entries",
        "array real general;2 1;1 @ , line 4: expected an entry, got the end of the file",
        "array real general;1 1;1;2 @ , line 4: expected no more than the entries that line 2"
            + " announces",
        "array real general;1 1;one @ , line 3: expected a finite number, got 'one'",
        "array real general;1 1;NaN @ , line 3: expected a finite number, got 'NaN'",
        "array real general;2 1;1 2 @ , line 3: expected one number, got 2",
        "array real symmetric;3 2;1 @ , line 2: expected a square matrix where it is"
            + " symmetric, got 3 x 2",
        "coordinate real general;2 2 1;0 1 5 @ , line 3: expected a row from 1 to 2 and a column from"
            + " 1 to 2, got 0 1",
        "coordinate real general;2 2 1;1 3 5 @ , line 3: expected a row from 1 to 2 and a column from"
            + " 1 to 2, got 1 3",
        "coordinate real general;2 2 1;1 1 @ , line 3: expected row column value, got 2 fields",
      })
  void saysWhatIsWrong(String lines, String expected) throws IOException {
    Path file = write(lines);
    assertEquals(
        file + expected,
        assertThrows(InvalidInputException.class, () -> Inputs.matrix(file)).getMessage());
  }

  private Path write(String lines) throws IOException {
    return Files.writeString(
        directory.resolve("A.mtx"),
        "%%MatrixMarket matrix " + lines.strip().replace(';', '\n') + "\n");
  }
}
