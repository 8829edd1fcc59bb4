package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class NextDoorTest {

  @Test
  void aHairlineRowIsPutOnItsSide() {
    Planted planted = Planted.gaussian(60, 6, 1, 5);
    double[] b = planted.b().clone();
    b[7] = planted.A().dot(7, planted.x()) - 1e-3; // the hairline
    Planted problem = Planted.at("", planted.A(), b, planted.x()).rounded(6);
    double[] one = new double[60];
    Arrays.fill(one, 1);
    GroupProblem group =
        new GroupProblem(
            problem.A(), b, problem.target(), problem.delta(), one, null, x -> Double.NaN);
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      CellRefinement refinement = new CellRefinement(group, space, Effort.unbounded());
      double[] wrong = problem.x().clone();
      double square = problem.A().length(7) * problem.A().length(7);
      for (int j = 0; j < 6; j++) {
        wrong[j] -= 2e-3 * problem.A().get(7, j) / square;
      }
      Settled behind = refinement.run(wrong);
      assertTrue(behind.misfit() > GroupProblem.EXPLAINED, "misfit " + behind.misfit());
      Settled settled = NextDoor.visit(group, behind, refinement, Effort.unbounded());
      assertTrue(settled.misfit() < GroupProblem.EXPLAINED, "misfit " + settled.misfit());
    }
  }

  @Test
  void narrowPairsPassTheirWallsTogether() {
    int pairs = 4;
    Planted problem = Planted.pairs(120, 10, pairs, 1e-4, 3).rounded(7);
    double[] one = new double[120];
    Arrays.fill(one, 1);
    GroupProblem group =
        new GroupProblem(
            problem.A(), problem.b(), problem.target(), problem.delta(), one, null, x -> 0);
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      Effort effort = Effort.unbounded();
      CellRefinement refinement = new CellRefinement(group, space, effort);
      double[] s = Planted.slacks(problem.A(), problem.b(), problem.x());
      double[] wrong = problem.x();
      for (int k = 0; k < pairs; k++) { // -a / b = p / q beyond the wall that is nearer
        double p = s[2 * k];
        double q = s[2 * k + 1];
        wrong = moved(problem.A(), pairs, wrong, k, -p - p * (p + q) / (q - p));
      }
      Settled settled = refinement.search(wrong);
      double jacobian = 3.0 * 10 * problem.unit();
      assertTrue(effort.flops() < 2.5 * jacobian, "Jacobians " + effort.flops() / jacobian);
      double[] reached = group.slacks(settled.x());
      for (int k = 0; k < pairs; k++) {
        assertTrue(reached[2 * k] < 0, "pair " + k + " is at its other place");
      }
      assertTrue(settled.misfit() > 10, "misfit " + settled.misfit());
      double[] through = NextDoor.through(group, settled, refinement, Effort.unbounded());
      Settled after = refinement.search(through);
      assertTrue(after.misfit() < GroupProblem.EXPLAINED, "misfit " + after.misfit());
    }
  }

  /** x moved so that row 2 k moves by a way, and the first rows of the other pairs do not. */
  private static double[] moved(HostMatrix A, int pairs, double[] x, int k, double way) {
    double[] direction = new double[x.length];
    A.addRow(2 * k, 1, direction);
    for (int round = 0; round < 1000; round++) { // alternating projections
      for (int l = 0; l < pairs; l++) {
        double rest = A.dot(2 * l, direction) - (l == k ? 1 : 0);
        A.addRow(2 * l, -rest / (A.length(2 * l) * A.length(2 * l)), direction);
      }
    }
    double[] there = x.clone();
    Arrays.setAll(there, j -> x[j] + way * direction[j]);
    return there;
  }
}
