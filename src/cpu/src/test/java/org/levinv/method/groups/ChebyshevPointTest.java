package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.cpu.CpuDevice;

class ChebyshevPointTest {

  private static double[] find(HostMatrix A, double[] b, double[] start) {
    double[] one = new double[b.length];
    Arrays.fill(one, 1);
    GroupProblem group = new GroupProblem(A, b, one, one, one, one, x -> Double.NaN);
    try (Device device = new CpuDevice(1)) {
      return new ChebyshevPoint(group, device, Effort.unbounded()).find(start);
    }
  }

  /** Walls of 0 <= x_0 <= width, 0 <= x_1 <= 1. */
  private static final HostMatrix BOX =
      new HostMatrix(new double[] {1, 0, -1, 0, 0, 1, 0, -1}, 4, 2);

  @Test
  void pointIsInsideFromAnyStart() {
    for (double width : new double[] {1, 1e-6}) {
      double[] b = {0, -width, 0, -1};
      for (double[] start : new double[][] {{0.5, 0.5}, {-100, 300}, {1e-9, 0}}) {
        double[] x = find(BOX, b, start);
        // the largest ball has radius width / 2; a fifth of it is far enough from the walls
        assertTrue(x[0] > 0.1 * width && x[0] < 0.9 * width, Arrays.toString(x));
        assertTrue(x[1] > 0.1 * width && x[1] < 1 - 0.1 * width, Arrays.toString(x));
      }
    }
  }

  @Test
  void unboundedCellHasAPoint() {
    HostMatrix corner = new HostMatrix(new double[] {1, 0, 0, 1}, 2, 2);
    double[] x = find(corner, new double[] {5, -7}, new double[] {0, -100});
    assertTrue(x[0] > 5 && x[1] > -7, Arrays.toString(x));
  }

  @Test
  void emptyCellHasNone() {
    assertNull(find(BOX, new double[] {0, 1, 0, -1}, new double[] {0, 0}));
  }
}
