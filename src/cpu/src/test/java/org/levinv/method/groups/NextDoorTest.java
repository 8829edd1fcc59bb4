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
}
