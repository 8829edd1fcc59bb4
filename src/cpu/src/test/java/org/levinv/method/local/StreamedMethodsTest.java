package org.levinv.method.local;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.method.common.Termination;
import org.levinv.model.Regularizer;
import org.levinv.model.Scores;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/** Local methods whose rows are read again by every pass: the same bits as in memory. */
class StreamedMethodsTest {

  private interface Maker {
    LocalMethod of(RowStore store, RowsLoss here, RowsLoss there, Workspace space);
  }

  private record Run(double[] x, String choice, Termination end) {}

  private static Run run(PlainProblem problem, Maker maker, DrawPlan plan, long memory) {
    double[] target = scores(problem);
    double[] x = problem.x().clone();
    x[0] += 0.01;
    int d = problem.d();
    try (Device device = new CpuDevice(2);
        RowStore store =
            new LeafStore(
                problem.rows(target, null), device, new Partition(problem.n(), 32), memory);
        Workspace space = new Workspace(device)) {
      boolean diagonals = plan != DrawPlan.NONE;
      Regularizer none = Regularizer.none(d, space);
      RowsLoss here = new RowsLoss(store, none, plan, diagonals, space);
      RowsLoss there = new RowsLoss(store, none, plan, diagonals, space);
      LocalMethod method = maker.of(store, here, there, space);
      Vector at = space.upload(x);
      List<Double> residuals = new ArrayList<>();
      LocalMethod.Outcome outcome = method.run(at, (stage, k, r) -> residuals.add(r));
      assertTrue(residuals.size() > 2, method.choice());
      device.download(at, x);
      return new Run(x, method.choice(), outcome.end());
    }
  }

  private static double[] scores(PlainProblem problem) {
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      var scores = new Scores(problem.upload(space), space);
      assertEquals(0, scores.atPoint(space.upload(problem.x()), space.upload(problem.b())));
      return PlainProblem.download(scores.sigma(), space);
    }
  }

  private static final LocalMethod.Limits LIMITS = new LocalMethod.Limits(1e-13, 200);

  @ParameterizedTest
  @ValueSource(strings = {"gradient", "newton", "gauss-newton", "sampled-newton"})
  void sameBitsAsInMemory(String name) {
    PlainProblem problem = PlainProblem.gaussian(700, 4, 0.5, 91);
    SampledNewton.Size size = new SampledNewton.Size(200, 0.5);
    Maker maker =
        (store, here, there, space) ->
            switch (name) {
              case "gradient" -> new GradientDescent(here, there, LIMITS, space);
              case "newton" ->
                  Newton.of(store, here, there, new SampledLossHessian(4, space), LIMITS, space);
              case "gauss-newton" -> GaussNewton.of(store, here, there, LIMITS, space);
              default ->
                  SampledNewton.of(
                      store, here, there, new SampledLossHessian(4, space), size, LIMITS, space);
            };
    boolean sampled = name.equals("sampled-newton");
    Run[] runs = new Run[2];
    for (int k = 0; k < 2; k++) {
      DrawPlan plan = sampled ? new DrawPlan(5, 3, 50) : DrawPlan.NONE;
      runs[k] = run(problem, maker, plan, k == 0 ? Long.MAX_VALUE : 0);
      assertEquals(Termination.Type.CONVERGED, runs[k].end.type(), runs[k].end.toString());
      assertArrayEquals(problem.x(), runs[k].x, 1e-9); // residual 1e-13 over weak directions
    }
    assertArrayEquals(runs[0].x, runs[1].x);
    assertEquals(runs[0].choice, runs[1].choice);
  }

  /** Rows in pairs need all of them in memory; without that it goes by columns, and says so. */
  @Test
  void pairsOfRowsNeedMemory() {
    PlainProblem problem = PlainProblem.gaussian(70, 9, 0.5, 92);
    Maker newton =
        (store, here, there, space) ->
            Newton.of(store, here, there, new SampledLossHessian(9, space), LIMITS, space);
    Run streamed = run(problem, newton, DrawPlan.NONE, 0);
    assertTrue(
        streamed.choice.startsWith("explicit Hessian by columns")
            && streamed.choice.endsWith("and they do not fit"),
        streamed.choice);
    DrawPlan diagonals = new DrawPlan(0, 0, 0);
    Run resident = run(problem, newton, diagonals, Long.MAX_VALUE);
    assertTrue(resident.choice.startsWith("explicit Hessian by pairs"), resident.choice);
    assertArrayEquals(resident.x, streamed.x, 1e-9); // other sums of the same Hessian
  }
}
