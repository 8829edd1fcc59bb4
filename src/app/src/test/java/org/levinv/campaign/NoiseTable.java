package org.levinv.campaign;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.VectorSource;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.method.leastsquares.LeastSquares;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

/**
 * Multiplicative noise on the scores, signs given: the loss reached from no start divided by that
 * of a local solver started at the truth, which must not exceed 1.001. What {@code ci/noise}
 * prints. Arguments: seed=0, and for single ones rows= columns= kind= noise=.
 */
public final class NoiseTable {

  private static final double MOST = 1.001;

  /** More than this is refused as no score. */
  private static final double LARGEST_SCORE = 1.1;

  private static final double[] NOISE = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1};
  private static final int[][] SHAPES = {
    {6, 3},
    {12, 3},
    {60, 3},
    {300, 3},
    {16, 8},
    {40, 8},
    {160, 8},
    {800, 8},
    {40, 20},
    {100, 20},
    {400, 20},
    {2000, 20},
    {80, 40},
    {200, 40},
    {800, 40},
    {4000, 40}
  };

  private NoiseTable() {}

  public static void main(String[] args) {
    long seed = 0;
    Predicate<Recipe> wanted = recipe -> true;
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      switch (parts[0]) {
        case "seed" -> seed = Long.parseLong(parts[1]);
        case "rows" -> wanted = wanted.and(r -> r.rows() == Long.parseLong(parts[1]));
        case "columns" -> wanted = wanted.and(r -> r.columns() == Integer.parseInt(parts[1]));
        case "kind" -> wanted = wanted.and(r -> r.kind().name().equalsIgnoreCase(parts[1]));
        case "noise" -> wanted = wanted.and(r -> r.noise() == Double.parseDouble(parts[1]));
        default ->
            throw new IllegalArgumentException(
                "expected seed=, rows=, columns=, kind=, noise=, got " + arg);
      }
    }
    double worst = 0;
    int failures = 0;
    int count = 0;
    try (Inverter inverter = Inverter.open()) {
      System.out.printf(
          "%-9s %6s %4s %7s %11s %11s %11s %9s %7s %7s  %s%n",
          "kind",
          "n",
          "d",
          "noise",
          "loss",
          "from truth",
          "at truth",
          "ratio - 1",
          "work",
          "passes",
          "status");
      for (int[] shape : SHAPES) {
        for (Kind kind : Kind.values()) {
          for (double noise : NOISE) {
            Recipe recipe =
                Recipe.of(shape[0], shape[1]).withKind(kind).withNoise(noise).withSeed(seed);
            if (!wanted.test(recipe)) {
              continue;
            }
            double ratio = row(inverter, recipe);
            worst = Math.max(worst, ratio);
            failures += ratio <= MOST ? 0 : 1;
            count++;
          }
        }
      }
    }
    System.out.printf(
        Locale.ROOT, "worst ratio %.6f; above %.3f: %d of %d%n", worst, MOST, failures, count);
    System.exit(failures == 0 ? 0 : 1);
  }

  /** The loss from no start divided by the loss from the truth. */
  private static double row(Inverter inverter, Recipe recipe) {
    PlantedProblem planted = PlantedProblem.of(recipe);
    double[] exact =
        inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
    double[] target =
        Arrays.stream(planted.noisy(exact)).map(t -> Math.min(t, LARGEST_SCORE)).toArray();
    Problem problem = new Problem(planted.matrix(), planted.offset().toArray(), target);
    Result result =
        inverter.invert(problem, Options.defaults().withSigns(Signs.given(planted.signs())));
    double local = fromTruth(planted, target);
    double ratio = result.loss() / local;
    System.out.printf(
        Locale.ROOT,
        "%-9s %6d %4d %7.0e %11.4e %11.4e %11.4e %9.1e %7.1f %7.1f  %s%s%n",
        recipe.kind().name().toLowerCase(Locale.ROOT),
        recipe.rows(),
        recipe.columns(),
        recipe.noise(),
        result.loss(),
        local,
        loss(exact, target),
        ratio - 1,
        result.work(),
        result.passes(),
        result.status().word() + (result.status().usable() ? "" : " " + result.message()),
        ratio <= MOST ? "" : "  ABOVE");
    return ratio;
  }

  /** The optimum of the cell that holds the truth, as a local solver finds it from there. */
  private static double fromTruth(PlantedProblem planted, double[] target) {
    ProblemRows rows =
        ProblemRows.of(planted.matrix())
            .with(Field.OFFSET, planted.offset())
            .with(Field.TARGET, VectorSource.of("scores", target));
    try (CpuDevice device = new CpuDevice(0);
        RowStore store = LeafStore.resident(rows, device);
        Workspace space = new Workspace(device)) {
      double[] x = planted.solution().clone();
      return new LeastSquares(store, space, 0, 500, true)
          .run(x, (stage, iteration, residual) -> {})
          .loss();
    }
  }

  private static double loss(double[] scores, double[] target) {
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      double r = scores[i] - target[i];
      sum += r * r;
    }
    return 0.5 * sum;
  }
}
