package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class WeightedBasisTest {
  private final Device device = new CpuDevice(1);
  private final Workspace space = new Workspace(device);
  private final Random random = new Random(1);
  private final HostMatrix A = gaussian(40, 6);
  private final WeightedBasis basis = new WeightedBasis(A, space, Effort.unbounded());

  @AfterEach
  void close() {
    space.close();
    device.close();
  }

  private HostMatrix gaussian(int m, int d) {
    HostMatrix M = HostMatrix.zeros(m, d);
    Arrays.setAll(M.entries(), k -> random.nextGaussian());
    return M;
  }

  private double[] spread(double range) {
    double[] w = new double[A.rows()];
    Arrays.setAll(w, i -> Math.exp(range * (random.nextDouble() - 0.5)));
    return w;
  }

  private static double[] inverse(double[] w) {
    double[] s = new double[w.length];
    Arrays.setAll(s, i -> 1 / w[i]);
    return s;
  }

  private void requireScores(double[] w) {
    double[] expected = PlainScores.of(A, inverse(w));
    double[] found = basis.scores();
    for (int i = 0; i < found.length; i++) {
      // two orthogonalizations agree to rounding of sqrt(score); factors e^+-5 cost two digits
      assertEquals(expected[i], found[i], 1e-13 * Math.sqrt(expected[i]) + 1e-15);
    }
  }

  @Test
  void scoresAreThoseOfTheWeightedRows() {
    double[] w = spread(10);
    assertTrue(basis.of(w));
    requireScores(w);
  }

  @Test
  void factorsChangeTheWeights() {
    double[] w = spread(4);
    assertTrue(basis.of(w));
    for (double range : new double[] {0.1, 2, 10}) {
      double[] f = spread(range);
      assertTrue(basis.tryFactors(f));
      basis.accept();
      Arrays.setAll(w, i -> w[i] * f[i]);
      requireScores(w);
    }
  }

  @Test
  void coordinatesMakeTheBasis() {
    double[] w = spread(2);
    assertTrue(basis.of(w));
    double[] y = {1, 2, 3, -1, -2, -3};
    double[] expected = basis.host().times(y);
    double[] found = A.times(basis.toCoordinates(y));
    for (int i = 0; i < A.rows(); i++) {
      assertEquals(expected[i], w[i] * found[i], 1e-12);
    }
  }

  @Test
  void logDeterminantGrowsByTheFactors() {
    assertTrue(basis.of(spread(2)));
    double[] e = new double[A.rows()];
    Arrays.fill(e, Math.E);
    assertTrue(basis.tryFactors(e));
    // 0.5 logdet of d columns, all rows times e; rounding of logarithms
    assertEquals(6, basis.trialLogDeterminant() - basis.logDeterminant(), 1e-12);
  }

  @Test
  void hadamardProductIsThatOfTheProjection() {
    assertTrue(basis.of(spread(2)));
    HostMatrix Q = basis.host();
    double[] u = new double[A.rows()];
    Arrays.setAll(u, i -> random.nextGaussian());
    double[] found = basis.hadamardTimes(u);
    for (int i = 0; i < u.length; i++) {
      double sum = 0;
      for (int j = 0; j < u.length; j++) {
        double p = 0;
        for (int k = 0; k < 6; k++) {
          p += Q.get(i, k) * Q.get(j, k);
        }
        sum += p * p * u[j];
      }
      assertEquals(sum, found[i], 1e-13);
    }
  }

  @Test
  void onesAreInTheRangeWhereAllSlacksAre() {
    double[] s = A.times(new double[] {1, 0, 2, 0, 0, 1});
    assertTrue(basis.of(inverse(s)));
    assertTrue(basis.distanceOfOnes() < 1e-12);
    assertTrue(basis.of(spread(2)));
    assertTrue(basis.distanceOfOnes() > 0.1);
  }

  @Test
  void singularRowsAreSeen() {
    HostMatrix twice = gaussian(9, 2).withColumn(new double[9]);
    WeightedBasis singular = new WeightedBasis(twice, space, Effort.unbounded());
    double[] one = new double[9];
    Arrays.fill(one, 1);
    assertFalse(singular.of(one));
  }
}
