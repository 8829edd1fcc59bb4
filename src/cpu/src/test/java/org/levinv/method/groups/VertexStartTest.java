package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class VertexStartTest {
  private static final int M = 60;
  private static final int D = 6;

  /** Rows 10 to 15 pass x that near, on both sides; rows 0 to 4 count twice. */
  private static GroupProblem group(double near, double error, boolean knowsSigns) {
    Planted gaussian = Planted.gaussian(M, D, 1, 5);
    HostMatrix A = HostMatrix.zeros(M + 5, D);
    double[] b = new double[M + 5];
    double[] s = gaussian.A().times(gaussian.x());
    for (int i = 0; i < M + 5; i++) {
      int row = i % M;
      System.arraycopy(gaussian.A().entries(), row * D, A.entries(), i * D, D);
      double slack = s[row] - gaussian.b()[row];
      b[i] = s[row] - (row >= 10 && row < 10 + D ? near : 1) * slack;
    }
    Planted all = Planted.at("", A, b, gaussian.x());
    double[] target = new double[M];
    double[] root = new double[M];
    double[] delta = new double[M];
    for (int i = 0; i < M; i++) {
      int count = i < 5 ? 2 : 1;
      target[i] = Math.min(count * all.target()[i] * (1 + error * (i % 3 - 1)), 1 - error / 2);
      root[i] = Math.sqrt(count);
      delta[i] = error * target[i];
    }
    HostMatrix once = new HostMatrix(Arrays.copyOf(A.entries(), M * D), M, D);
    double[] signs = knowsSigns ? Arrays.copyOf(all.signs(), M) : null;
    return new GroupProblem(once, Arrays.copyOf(b, M), target, delta, root, signs, x -> Double.NaN);
  }

  private static double[] planted() {
    return Planted.gaussian(M, D, 1, 5).x();
  }

  /** The scores of the rows of the vertex say nothing: all of them are 1 in 7 digits. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void slacksOfTheVertexFollowFromTheOtherRows(boolean knowsSigns) {
    GroupProblem group = group(1e-5, 1e-7, knowsSigns);
    double[] truth = group.slacks(planted());
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      double[] s = group.slacks(VertexStart.of(group, space, Effort.unbounded()));
      for (int i = 0; i < M; i++) {
        assertEquals(1, s[i] / truth[i], 0.05, "row " + i); // and so are the signs
      }
    }
  }

  @Test
  void aStepOrTwoLeadToTheScores() {
    GroupProblem group = group(1e-5, 1e-7, false);
    double[] truth = group.slacks(planted());
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      CellRefinement refinement = new CellRefinement(group, space, Effort.unbounded());
      Settled settled = refinement.search(VertexStart.of(group, space, Effort.unbounded()), 3);
      assertTrue(settled.misfit() < GroupProblem.EXPLAINED, "misfit " + settled.misfit());
      double[] s = group.slacks(settled.x());
      for (int i = 0; i < M; i++) {
        assertEquals(1, s[i] / truth[i], 1e-4, "row " + i);
      }
    }
  }

  /** Of 1 and 0, in so few decimals, half a unit in each of many rows is no other score. */
  @Test
  void zerosOfFewDecimalsAreNoScores() {
    int m = 2000;
    Planted planted = Planted.gaussian(m, D, 1, 5);
    double[] b = planted.b().clone();
    for (int i = 0; i < D; i++) {
      b[i] = planted.A().dot(i, planted.x()) - 1e-6 * (1 + i);
    }
    double[] target = new double[m];
    double[] delta = new double[m];
    double[] root = new double[m];
    Arrays.fill(delta, 1e-4);
    Arrays.fill(root, 1);
    Arrays.setAll(target, i -> i < D ? 1 - 0.5e-4 : 0.5e-4);
    GroupProblem group =
        new GroupProblem(planted.A(), b, target, delta, root, null, x -> Double.NaN);
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      double[] x = VertexStart.of(group, space, Effort.unbounded());
      double[] s = group.slacks(x);
      for (int i = 0; i < D; i++) {
        assertTrue(Math.abs(s[i]) < 0.05, "row " + i + " has the slack " + s[i]);
      }
    }
  }

  @Test
  void elsewhereThereIsNone() {
    GroupProblem group = group(0.3, 1e-7, false);
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      assertNull(VertexStart.of(group, space, Effort.unbounded()));
    }
  }
}
