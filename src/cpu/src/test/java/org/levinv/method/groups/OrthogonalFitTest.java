package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.cpu.CpuDevice;

class OrthogonalFitTest {

  private static HostMatrix gaussian(int m, int p, long seed) {
    Random random = new Random(seed);
    HostMatrix M = HostMatrix.zeros(m, p);
    Arrays.setAll(M.entries(), k -> random.nextGaussian());
    return M;
  }

  /** M^T (M z - y) + damping z. */
  private static double[] gradient(HostMatrix M, double[] y, double[] z, double damping) {
    double[] rest = M.times(z);
    for (int i = 0; i < rest.length; i++) {
      rest[i] -= y[i];
    }
    double[] g = M.transposeTimes(rest);
    for (int j = 0; j < g.length; j++) {
      g[j] += damping * z[j];
    }
    return g;
  }

  @Test
  void gradientVanishes() {
    HostMatrix M = gaussian(30, 4, 1);
    double[] y = gaussian(30, 1, 2).entries();
    try (Device device = new CpuDevice(1)) {
      double[] z = OrthogonalFit.solve(M, y, device, Effort.unbounded());
      assertArrayEquals(new double[4], gradient(M, y, z, 0), 1e-13);
      double[] damped = OrthogonalFit.of(M, y, device, Effort.unbounded()).solve(3);
      assertArrayEquals(new double[4], gradient(M, y, damped, 3), 1e-13);
    }
  }

  @Test
  void anotherRightSideHasTheSameTriangle() {
    HostMatrix M = gaussian(30, 4, 5);
    double[] y = gaussian(30, 1, 6).entries();
    double[] first = gaussian(30, 1, 7).entries();
    try (Device device = new CpuDevice(1)) {
      OrthogonalFit fit = OrthogonalFit.of(M, first, device, Effort.unbounded());
      OrthogonalFit other = fit.to(M.transposeTimes(y));
      double[] z = other.solve(0);
      assertArrayEquals(new double[4], gradient(M, y, z, 0), 1e-12);
      double[] damped = other.solve(3);
      assertArrayEquals(new double[4], gradient(M, y, damped, 3), 1e-12);
      assertEquals(gained(M, y, z, 1), other.gain(), 1e-12);
      assertEquals(gained(M, y, damped, 0.7), other.gain(damped, 0.7), 1e-12);
    }
  }

  /** ||y||^2 - ||M (part z) - y||^2. */
  private static double gained(HostMatrix M, double[] y, double[] z, double part) {
    double[] rest = M.times(z);
    for (int i = 0; i < rest.length; i++) {
      rest[i] = part * rest[i] - y[i];
    }
    return GroupProblem.squares(y) - GroupProblem.squares(rest);
  }

  @Test
  void aColumnOfOtherUnitsIsAsGood() {
    HostMatrix M = gaussian(30, 3, 3).scaledColumns(new double[] {1e-150, 1, 1e150});
    double[] y = M.times(new double[] {2e150, -1, 3e-150});
    try (Device device = new CpuDevice(1)) {
      double[] z = OrthogonalFit.solve(M, y, device, Effort.unbounded());
      assertEquals(2, z[0] * 1e-150, 1e-13);
      assertEquals(-1, z[1], 1e-13);
      assertEquals(3, z[2] * 1e150, 1e-13);
    }
  }

  @Test
  void aDependentColumnGetsNoShare() {
    HostMatrix M = gaussian(30, 2, 4);
    double[] twice = new double[30];
    Arrays.setAll(twice, i -> 2 * M.get(i, 0));
    double[] y = M.times(new double[] {1, 1});
    try (Device device = new CpuDevice(1)) {
      double[] z = OrthogonalFit.solve(M.withColumn(twice), y, device, Effort.unbounded());
      assertArrayEquals(new double[] {1, 1, 0}, z, 1e-13);
    }
  }
}
