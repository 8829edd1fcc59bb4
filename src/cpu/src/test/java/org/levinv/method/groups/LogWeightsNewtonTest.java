package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class LogWeightsNewtonTest {

  /** The largest error of a magnitude, relatively, once the factor of all is fitted. */
  private static double error(double[] t, double[] s) {
    double[] e = new double[t.length];
    Arrays.setAll(e, i -> t[i] + Math.log(Math.abs(s[i])));
    double median = CellRefinement.median(e);
    return Arrays.stream(e).map(value -> Math.abs(value - median)).max().orElseThrow();
  }

  private static double solve(Planted problem) {
    double[] delta = new double[problem.target().length];
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(problem.A(), space, Effort.unbounded());
      double[] one = new double[delta.length];
      Arrays.fill(one, 1);
      assertTrue(basis.of(one));
      LogWeightsNewton newton =
          new LogWeightsNewton(basis, problem.target(), delta, device, Effort.unbounded());
      double[] t = newton.run();
      assertNotNull(t);
      assertEquals(0, newton.mu());
      return error(t, Planted.slacks(problem.A(), problem.b(), problem.x()));
    }
  }

  @Test
  void fewRowsByDenseSteps() {
    // eigenvalues of 1e-3 and more: t is right to 1e-15 / 1e-3 times a few hundred rows
    assertTrue(solve(Planted.effects(10, 5, 2, false, 1)) < 1e-8);
  }

  @Test
  void manyRowsByConjugateGradients() {
    assertTrue(solve(Planted.effects(30, 20, 2, false, 1)) < 1e-8);
  }

  @Test
  void fewColumnsByTheirProducts() {
    // 400 rows of 4 columns: a dense factor would cost 3,600 evaluations of the scores
    assertTrue(solve(Planted.thin(400, 4, 1, 1e-2, 1)) < 1e-9);
  }

  @Test
  void thinPolytopesHaveMagnitudesToo() {
    // the weakest eigenvalue is about the width; each t has that many digits less
    assertTrue(solve(Planted.thin(24, 4, 1, 1e-6, 1)) < 1e-4);
  }

  /** Steps until the end, and what a search costs in m d^2. */
  private static double[] cost(Planted problem) {
    double[] delta = problem.delta();
    double[] target = new double[delta.length];
    Arrays.setAll(target, i -> Math.max(problem.target()[i], 0.5 * delta[i]));
    double sum = Arrays.stream(target).sum();
    Arrays.setAll(target, i -> target[i] * problem.A().columns() / sum);
    int[] steps = new int[1];
    Effort effort =
        new Effort(
            Double.POSITIVE_INFINITY,
            (stage, step, misfit) -> {
              steps[0] = step;
              return true;
            });
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(problem.A(), space, effort);
      double[] one = new double[delta.length];
      Arrays.fill(one, 1);
      assertTrue(basis.of(one));
      assertNotNull(new LogWeightsNewton(basis, target, delta, device, effort).run());
    }
    return new double[] {steps[0], effort.flops() / problem.unit()};
  }

  @Test
  void narrowPairsTakeLongSteps() {
    // what is left of a pair's scores is about e^-2t: a Newton step each takes 21, some 0.5 in t
    double[] cost = cost(Planted.pairs(150, 6, 2, 1e-6, 1));
    assertTrue(cost[0] <= 15, "steps " + cost[0]);
  }

  @Test
  void manyEffectsTakeFewProducts() {
    double[] cost = cost(Planted.days(1000, 60, 3, 1));
    assertTrue(cost[1] <= 170, "units of work " + cost[1]);
  }

  @Test
  void magnitudesThatErrorsHideTakeNoSteps() {
    double[] exact = cost(Planted.pairs(150, 6, 2, 1e-3, 1));
    double[] rounded = cost(Planted.pairs(150, 6, 2, 1e-3, 1).rounded(2));
    assertTrue(rounded[0] <= 0.5 * exact[0], rounded[0] + " steps, exact scores " + exact[0]);
  }

  @Test
  void uncertainScoresHoldTheGuess() {
    Planted problem = Planted.effects(10, 5, 2, false, 3).rounded(3);
    double[] delta = problem.delta();
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(problem.A(), space, Effort.unbounded());
      double[] one = new double[delta.length];
      Arrays.fill(one, 1);
      assertTrue(basis.of(one));
      LogWeightsNewton newton =
          new LogWeightsNewton(basis, problem.target(), delta, device, Effort.unbounded());
      double[] t = newton.run();
      assertTrue(newton.mu() > 0);
      double[] sigma = basis.scores();
      double worst = 0;
      for (int i = 0; i < sigma.length; i++) {
        worst = Math.max(worst, Math.abs(sigma[i] - problem.target()[i]) / delta[i]);
      }
      // the pull of the guess is less than a few uncertainties of a score
      assertTrue(worst < 10, "a score is off by " + worst + " uncertainties");
      assertTrue(error(t, Planted.slacks(problem.A(), problem.b(), problem.x())) < 5);
    }
  }
}
