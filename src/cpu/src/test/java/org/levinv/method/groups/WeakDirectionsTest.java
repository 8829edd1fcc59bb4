package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class WeakDirectionsTest {

  /** Two blocks of three columns, coupled by entries of the size eps. */
  private static HostMatrix blocks(int rows, double eps) {
    Random random = new Random(1);
    HostMatrix A = HostMatrix.zeros(2 * rows, 6);
    for (int i = 0; i < 2 * rows; i++) {
      for (int j = 0; j < 6; j++) {
        boolean inside = i < rows == j < 3;
        A.set(i, j, random.nextGaussian() * (inside ? 1 : eps));
      }
    }
    return A;
  }

  private static HostMatrix directions(HostMatrix A, double mu) {
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(A, space, Effort.unbounded());
      double[] one = new double[A.rows()];
      Arrays.fill(one, 1);
      assertTrue(basis.of(one));
      return new WeakDirections(basis, device, Effort.unbounded()).of(mu);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 60}) // all eigenvectors; the coarse space
  void nearlyDecoupledBlocksHaveAFactorEach(int rows) {
    HostMatrix U = directions(blocks(rows, 1e-5), 0);
    assertEquals(2, U.columns());
    double first = U.get(0, 1);
    double second = U.get(rows, 1);
    for (int i = 0; i < rows; i++) {
      assertEquals(1, U.get(i, 0), 0);
      // a weak direction is constant on a block up to its eigenvalue of about 1e-10
      assertEquals(first, U.get(i, 1), 1e-6 * Math.abs(first));
      assertEquals(second, U.get(rows + i, 1), 1e-6 * Math.abs(second));
    }
  }

  @Test
  void uncertaintyMakesMoreDirectionsWeak() {
    assertEquals(1, directions(blocks(12, 1e-2), 0).columns());
    assertEquals(2, directions(blocks(12, 1e-2), 1e-3).columns());
  }

  @Test
  void uncertainScoresLeaveEachNarrowPairItsFactor() {
    Planted problem = Planted.pairs(120, 8, 3, 1e-5, 2).rounded(5);
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(problem.A(), space, Effort.unbounded());
      double[] one = new double[120];
      Arrays.fill(one, 1);
      assertTrue(basis.of(one));
      LogWeightsNewton newton =
          new LogWeightsNewton(
              basis, problem.target(), problem.delta(), device, Effort.unbounded());
      newton.run();
      // magnitudes that the guess holds couple pairs by about the uncertainty, not by their widths
      HostMatrix U = new WeakDirections(basis, device, Effort.unbounded()).of(newton.mu());
      assertEquals(4, U.columns());
    }
  }
}
