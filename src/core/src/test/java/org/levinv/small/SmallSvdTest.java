package org.levinv.small;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.tall.PlainProblem;

class SmallSvdTest {

  @Test
  void singularValuesByHand() {
    double[] values = new SmallSvd(new double[][] {{3, 0}, {4, 5}}).values();
    Arrays.sort(values);
    assertArrayEquals(new double[] {Math.sqrt(5), 3 * Math.sqrt(5)}, values, 1e-14);
  }

  @Test
  void smallSingularValuesAreAccurate() {
    double[][] M = {{1, 1e-9, 0}, {0, 1e-12, 1e-9}, {0, 0, 1e-15}};
    double product = Arrays.stream(new SmallSvd(M).values()).reduce(1, (a, b) -> a * b);
    assertEquals(1e-27, product, 1e-39);
  }

  @Test
  void solvesAndCutsOff() {
    Random random = new Random(81);
    double[][] M = new double[6][];
    Arrays.setAll(M, i -> PlainProblem.normals(6, random));
    double[] z = PlainProblem.normals(6, random);
    double[] y = PlainProblem.times(M, z);
    assertArrayEquals(z, new SmallSvd(M).leastSquares(y, 1e-12), 1e-11);

    double[][] twins = {{1, 1}, {1, 1}};
    assertArrayEquals(
        new double[] {1, 1}, new SmallSvd(twins).leastSquares(new double[] {2, 2}, 1e-12), 1e-14);
    assertArrayEquals(
        new double[] {0, 0},
        new SmallSvd(new double[2][2]).leastSquares(new double[] {2, 2}, 1e-12));
  }
}
