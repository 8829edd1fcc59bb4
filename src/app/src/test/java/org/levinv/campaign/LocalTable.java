package org.levinv.campaign;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;

/**
 * How often each method finds the planted x in 50 problems of five kinds, from three kinds of start
 * points, beside the global method from none: what {@code ci/local-methods} prints. A problem
 * counts as recovered when the relative error of A x is 1e-6 or less.
 */
public final class LocalTable {
  private static final double RECOVERED = 1e-6;
  private static final int SEEDS = 10;
  private static final String[] STARTS = {"within 5%", "in the cell", "generic"};

  private record Count(int found, double work, int wrong) {}

  private LocalTable() {}

  public static void main(String[] args) {
    long first = args.length > 0 ? Long.parseLong(args[0]) : 0;
    Map<String, Recipe> kinds = new LinkedHashMap<>();
    kinds.put("interior, n = 400, d = 8", Recipe.of(400, 8));
    kinds.put("mixed signs, n = 400, d = 8", Recipe.of(400, 8).withKind(Kind.MIXED));
    kinds.put("slacks over e^9, n = 400, d = 8", Recipe.of(400, 8).withSlackSpread(3));
    kinds.put("few rows, n = 60, d = 12", Recipe.of(60, 12));
    kinds.put(
        "cond 1e4, unequal rows, n = 300, d = 6",
        Recipe.of(300, 6).withKind(Kind.MIXED).withCondition(1e4).withRowScale(10));
    try (Inverter inverter = Inverter.open()) {
      System.out.println(inverter.device());
      System.out.println(
          "recovered of "
              + SEEDS
              + " (median work of those, n d^2 flops; ! answers called converged that are others)");
      kinds.forEach((name, recipe) -> row(inverter, name, recipe, first));
    }
  }

  private static void row(Inverter inverter, String name, Recipe recipe, long first) {
    System.out.printf("%n%s%n%-16s", name, "method");
    for (String start : STARTS) {
      System.out.printf(" %18s", start);
    }
    System.out.println();
    for (Method method : Method.values()) {
      System.out.printf("%-16s", method);
      if (method == Method.AUTO) {
        print(count(inverter, recipe, first, method, -1));
        System.out.println("  (no start, signs unknown)");
        continue;
      }
      for (int start = 0; start < STARTS.length; start++) {
        print(count(inverter, recipe, first, method, start));
      }
      System.out.println();
    }
  }

  private static void print(Count count) {
    System.out.print(
        String.format(
            Locale.ROOT,
            " %18s",
            count.found()
                + (count.found() > 0 ? String.format(Locale.ROOT, " (%.0f)", count.work()) : "")
                + "!".repeat(count.wrong())));
  }

  private static Count count(
      Inverter inverter, Recipe recipe, long first, Method method, int start) {
    int wrong = 0;
    List<Double> work = new ArrayList<>();
    for (long seed = first; seed < first + SEEDS; seed++) {
      PlantedProblem planted = PlantedProblem.of(recipe.withSeed(seed));
      double[] x = planted.solution();
      double[] sigma = inverter.scores(planted.matrix(), planted.offset().toArray(), x);
      Problem problem = new Problem(planted.matrix(), planted.offset().toArray(), sigma);
      Starts starts = new Starts(planted.matrix(), planted.offset().toArray(), x, seed);
      Options options =
          switch (start) {
            case 0 -> Options.defaults().withStart(starts.near(0.05));
            case 1 -> Options.defaults().withStart(starts.inCell(0.9));
            case 2 -> Options.defaults().withStart(starts.generic());
            default -> Options.defaults().withSigns(Signs.unknown());
          };
      int limit = method == Method.GRADIENT ? 5000 : 300;
      Result result = inverter.invert(problem, options.withMethod(method).withMaxIterations(limit));
      if (Errors.relative(planted, result.x()) <= RECOVERED) {
        work.add(result.work());
      } else if (result.status() == Status.CONVERGED) {
        wrong++;
      }
    }
    double[] sorted = work.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double median = sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    return new Count(sorted.length, median, wrong);
  }
}
