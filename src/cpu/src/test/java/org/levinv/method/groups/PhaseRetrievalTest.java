package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class PhaseRetrievalTest {

  private static final int ROWS = 60;

  private static PhaseRetrieval.Found find(Planted problem, double[] t, HostMatrix U) {
    double[] one = new double[ROWS];
    Arrays.fill(one, 1);
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      PhaseRetrieval retrieval =
          new PhaseRetrieval(
              CellRefinementTest.group(problem, one), t, U, one, space, Effort.unbounded());
      SplittableRandom random = new SplittableRandom(1);
      PhaseRetrieval.Found best = null;
      for (int start = 0; start < 10; start++) {
        PhaseRetrieval.Found found = retrieval.run(random, start == 0);
        best = best == null || found.residual() < best.residual() ? found : best;
      }
      return best;
    }
  }

  private static double[] magnitudes(Planted problem) {
    double[] t = Planted.slacks(problem.A(), problem.b(), problem.x());
    Arrays.setAll(t, i -> -Math.log(Math.abs(t[i])));
    return t;
  }

  @Test
  void exactMagnitudesGiveTheSigns() {
    Planted problem = Planted.gaussian(ROWS, 8, 1, 2);
    PhaseRetrieval.Found found = find(problem, magnitudes(problem), WeakDirections.constant(ROWS));
    assertArrayEquals(problem.signs(), found.signs(), 0);
    // nothing is left but rounding, squared
    assertTrue(found.residual() < 1e-20, "residual " + found.residual());
  }

  @Test
  void factorsOfWeakDirectionsAreFitted() {
    Planted problem = Planted.gaussian(ROWS, 8, 1, 2);
    HostMatrix U = HostMatrix.zeros(ROWS, 2);
    double[] t = magnitudes(problem);
    for (int i = 0; i < ROWS; i++) {
      U.set(i, 0, 1);
      U.set(i, 1, i < 15 ? 1 : 0);
      t[i] += 0.4 * U.get(i, 1);
    }
    PhaseRetrieval.Found without = find(problem, t, WeakDirections.constant(ROWS));
    PhaseRetrieval.Found found = find(problem, t, U);
    assertTrue(found.residual() < 0.2 * without.residual(), "residual " + found.residual());
    double moved = found.t()[0] - t[0] - (found.t()[59] - t[59]);
    // the fit of the factor converges by half a digit or so a round, eight rounds at most
    assertEquals(-0.4, moved, 0.1);
  }
}
