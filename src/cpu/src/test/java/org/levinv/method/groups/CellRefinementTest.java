package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class CellRefinementTest {

  static GroupProblem group(Planted problem, double[] root) {
    int m = problem.target().length;
    double[] delta = new double[m];
    double[] target = problem.target();
    Arrays.setAll(delta, i -> 1e-12 * Math.sqrt(target[i]));
    return new GroupProblem(
        problem.A(), problem.b(), target, delta, root, problem.signs(), x -> Double.NaN);
  }

  private static double[] ones(int m) {
    double[] one = new double[m];
    Arrays.fill(one, 1);
    return one;
  }

  @Test
  void arrivesWithoutCrossingAWall() {
    Planted problem = Planted.gaussian(40, 5, 1, 3);
    GroupProblem group = group(problem, ones(40));
    double[] start = problem.x().clone();
    double[] s = group.slacks(start);
    double least = Arrays.stream(s).map(Math::abs).min().orElseThrow();
    start[0] += 0.1 * least;
    start[3] -= 0.1 * least;
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      CellRefinement refinement = new CellRefinement(group, space, Effort.unbounded());
      Settled settled = refinement.run(start);
      assertTrue(settled.misfit() < 1, "misfit " + settled.misfit());
      assertTrue(group.contains(group.slacks(settled.x())));
      assertTrue(problem.slackError(settled.x()) < 1e-9);
      assertFalse(refinement.atInfinity());
    }
  }

  @Test
  void countsAreThoseOfRepeatedRows() {
    Planted few = Planted.gaussian(30, 4, 1, 4);
    HostMatrix twice = HostMatrix.zeros(35, 4);
    double[] b = new double[35];
    for (int i = 0; i < 35; i++) {
      System.arraycopy(few.A().entries(), i % 30 * 4, twice.entries(), i * 4, 4);
      b[i] = few.b()[i % 30];
    }
    Planted whole = Planted.at("whole", twice, b, few.x());
    double[] target = new double[30];
    double[] root = new double[30];
    for (int i = 0; i < 30; i++) {
      target[i] = (i < 5 ? 2 : 1) * whole.target()[i];
      root[i] = Math.sqrt(i < 5 ? 2 : 1);
    }
    Planted counted =
        new Planted("", few.A(), few.b(), target, few.x(), few.signs(), new double[30]);
    double[] start = few.x().clone();
    start[1] += 1e-5;
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      CellRefinement refinement =
          new CellRefinement(group(counted, root), space, Effort.unbounded());
      Settled settled = refinement.run(start);
      assertTrue(settled.misfit() < 1, "misfit " + settled.misfit());
      assertTrue(few.slackError(settled.x()) < 1e-9);
    }
  }

  @Test
  void infinityIsSeen() {
    Planted problem = Planted.gaussian(40, 5, 1, 6);
    double[] far = new double[5];
    Arrays.setAll(far, j -> 1e9 * (j + 1));
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      CellRefinement refinement =
          new CellRefinement(group(problem, ones(40)), space, Effort.unbounded());
      refinement.search(far, 0);
      assertTrue(refinement.atInfinity());
    }
  }

  @Test
  void aSlackOfZeroIsNoStart() {
    Planted problem = Planted.oneHot(8, 2, false, 1);
    double[] at = {problem.b()[0], problem.b()[1]};
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      assertNull(new CellRefinement(group(problem, ones(8)), space, Effort.unbounded()).run(at));
    }
  }

  @Test
  void medianOfAnEvenNumberIsTheMean() {
    assertEquals(2.5, CellRefinement.median(new double[] {4, 1, 3, 2}), 0);
    assertEquals(2, CellRefinement.median(new double[] {4, 1, 2}), 0);
  }
}
