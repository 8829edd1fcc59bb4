package org.levinv.method.scatter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.rows.Places;

class ColumnStatisticsTest {

  private static RowSource source(double[][] A) {
    return new RowSource() {
      @Override
      public String name() {
        return "A";
      }

      @Override
      public long rows() {
        return A.length;
      }

      @Override
      public int columns() {
        return A[0].length;
      }

      @Override
      public void read(long first, int count, double[] into) {
        for (int i = 0; i < count; i++) {
          System.arraycopy(A[(int) first + i], 0, into, i * A[0].length, A[0].length);
        }
      }
    };
  }

  private static ColumnStatistics of(double[][] A) {
    return new ColumnStatistics(source(A), Places.on(List.of(new ReferenceDevice()), 0));
  }

  /** Ties, both zeros, both signs, and exponents from end to end. */
  private static double[][] numbers(int n) {
    Random random = new Random(n);
    double[][] A = new double[n][4];
    for (double[] a : A) {
      a[0] = random.nextInt(5) - 2;
      a[1] = random.nextGaussian();
      a[2] = Math.scalb(random.nextGaussian(), random.nextInt(2000) - 1000);
      a[3] = random.nextBoolean() ? 0.0 : -0.0;
    }
    return A;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100, 40_000})
  void orderStatisticsAreThoseOfTheSortedColumn(int n) {
    double[][] A = numbers(n);
    double[][] found = of(A).ordered(0, n / 3, n - 1);
    double[] medians = of(A).medians();
    for (int j = 0; j < 4; j++) {
      int column = j;
      double[] sorted = Arrays.stream(A).mapToDouble(a -> a[column]).sorted().toArray();
      assertEquals(sorted[0], found[0][j]);
      assertEquals(sorted[n / 3], found[1][j]);
      assertEquals(sorted[n - 1], found[2][j]);
      assertEquals(0.5 * sorted[(n - 1) / 2] + 0.5 * sorted[n / 2], medians[j]);
    }
  }

  /** Numbers that cancel leave what a plain sum would lose. */
  @Test
  void meansKeepWhatRoundingTakes() {
    double[][] A = {{1e16, 1}, {1, 2}, {-1e16, 3}, {1, 6}};
    assertArrayEquals(new double[] {0.5, 3}, of(A).means());
  }

  @Test
  void aNumberThatIsNoneIsRefusedWithItsPlace() {
    double[][] A = numbers(20);
    A[13][2] = Double.NaN;
    assertEquals(
        "A, row 13, column 2: expected a finite number, got NaN",
        assertThrows(InvalidInputException.class, () -> of(A).means()).getMessage());
  }
}
