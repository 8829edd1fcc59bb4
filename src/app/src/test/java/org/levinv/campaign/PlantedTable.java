package org.levinv.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;

/**
 * Planted problems of all kinds, one line each, and the median and worst work by class: what {@code
 * ci/planted} prints. Work is in multiples of n d^2 flops, matrix-vector products and the
 * verification included.
 */
public final class PlantedTable {

  private record Case(String label, boolean known, Recipe recipe) {}

  private record Row(double work, double passes, boolean recovered) {}

  private PlantedTable() {}

  public static void main(String[] args) {
    long seed = args.length > 0 ? Long.parseLong(args[0]) : 0;
    String filter = args.length > 1 ? args[1] : "";
    String device = args.length > 2 ? args[2] : "cpu";
    Map<String, List<Row>> classes = new TreeMap<>();
    try (Inverter inverter = Inverter.open(device, 0)) {
      System.out.printf(
          Locale.ROOT,
          "%s%n%-64s %7s %7s %9s %9s  %s%n",
          inverter.device(),
          "problem",
          "work",
          "passes",
          "residual",
          "error",
          "status");
      for (Case c : cases(seed)) {
        if (c.label().contains(filter)) {
          Row row = solve(inverter, c);
          classes.computeIfAbsent(className(c), k -> new ArrayList<>()).add(row);
        }
      }
    }
    System.out.printf(
        "%n%-22s %9s %8s %8s %8s %10s%n",
        "class", "problems", "median", "worst", "passes", "recovered");
    classes.forEach(
        (name, rows) -> {
          double[] work = rows.stream().mapToDouble(Row::work).sorted().toArray();
          double[] passes = rows.stream().mapToDouble(Row::passes).sorted().toArray();
          System.out.printf(
              Locale.ROOT,
              "%-22s %9d %8.1f %8.1f %8.1f %10d%n",
              name,
              work.length,
              median(work),
              work[work.length - 1],
              median(passes),
              rows.stream().filter(Row::recovered).count());
        });
  }

  private static double median(double[] sorted) {
    int k = sorted.length;
    return k % 2 == 1 ? sorted[k / 2] : 0.5 * (sorted[k / 2 - 1] + sorted[k / 2]);
  }

  private static String className(Case c) {
    double ratio = (double) c.recipe().rows() / c.recipe().columns();
    return (ratio >= 400 ? "1 n >= 400 d" : ratio >= 40 ? "2 n >= 40 d" : "3 n < 40 d")
        + (c.known() ? ", known" : ", unknown");
  }

  private static Row solve(Inverter inverter, Case c) {
    PlantedProblem planted = PlantedProblem.of(c.recipe());
    double[] sigma =
        inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
    Result result = answer(inverter, c, planted, sigma);
    double error = Errors.relative(planted, result.x());
    boolean recovered = error <= tolerance(c.recipe());
    System.out.printf(
        Locale.ROOT,
        "%-64s %7.1f %7.1f %9.1e %9.1e  %s%s%n", //
        c.label(),
        result.work(),
        result.passes(),
        result.relativeResidual(),
        error,
        result.status().word(),
        recovered ? "" : result.status() == Status.CONVERGED ? "  WRONG" : "  not recovered");
    return new Row(result.work(), result.passes(), recovered);
  }

  private static Result answer(Inverter inverter, Case c, PlantedProblem planted, double[] sigma) {
    Options options =
        Options.defaults().withSigns(c.known() ? Signs.given(planted.signs()) : Signs.unknown());
    return inverter.invert(
        new Problem(planted.matrix(), planted.offset().toArray(), sigma), options);
  }

  /** Of x, relatively: rounding of the data moves it by about eps cond(A). */
  private static double tolerance(Recipe recipe) {
    return Math.max(1e-9, 1e3 * 2.2e-16 * recipe.condition());
  }

  /**
   * What a device made of a problem of the table.
   *
   * @param error of x against the planted one, relatively
   * @param difference of x from that of another device, relatively
   * @param tolerance of both
   */
  public record Compared(
      String label, Status status, double error, double difference, double tolerance) {}

  /** Solves some problems of the table, and again on another device. */
  public static List<Compared> compare(
      Inverter tried, Inverter other, long seed, Predicate<Recipe> wanted) {
    List<Compared> found = new ArrayList<>();
    for (Case c : cases(seed)) {
      if (wanted.test(c.recipe())) {
        PlantedProblem planted = PlantedProblem.of(c.recipe());
        double[] sigma =
            other.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
        Result result = answer(tried, c, planted, sigma);
        double[] expected = answer(other, c, planted, sigma).x();
        found.add(
            new Compared(
                c.label(),
                result.status(),
                Errors.relative(planted, result.x()),
                Errors.relative(planted.matrix(), expected, result.x()),
                tolerance(c.recipe())));
      }
    }
    return found;
  }

  private static List<Case> cases(long seed) {
    List<Case> all = new ArrayList<>();
    for (int[] s :
        new int[][] {
          {2, 2000},
          {2, 20000},
          {5, 5000},
          {5, 50000},
          {8, 4000},
          {8, 80000},
          {20, 9000},
          {20, 20000},
          {30, 15000},
          {50, 21000}
        }) {
      plain(all, s[1], s[0], seed, true);
    }
    for (int[] s : new int[][] {{5, 3000}, {20, 9000}, {8, 500}, {30, 2400}, {8, 60}, {30, 300}}) {
      hard(all, s[1], s[0], seed);
    }
    for (int[] s :
        new int[][] {
          {2, 100},
          {5, 300},
          {8, 1600},
          {20, 1000},
          {20, 4000},
          {30, 1500},
          {50, 2000},
          {50, 5000},
          {100, 4000}
        }) {
      plain(all, s[1], s[0], seed, true);
    }
    for (int[] s :
        new int[][] {
          {2, 6},
          {5, 8},
          {5, 30},
          {8, 16},
          {8, 80},
          {20, 30},
          {20, 60},
          {20, 500},
          {30, 60},
          {50, 75},
          {50, 400},
          {100, 150},
          {100, 500}
        }) {
      plain(all, s[1], s[0], seed, false);
    }
    for (int[] s :
        new int[][] {
          {2, 10},
          {5, 20},
          {5, 50},
          {8, 27},
          {8, 64},
          {20, 66},
          {20, 100},
          {20, 400},
          {30, 99},
          {50, 165},
          {50, 400},
          {100, 330}
        }) {
      add(all, false, Recipe.of(s[1], s[0]).withKind(Kind.MIXED).withSeed(seed));
      add(all, false, Recipe.of(s[1], s[0]).withKind(Kind.MIXED).withRowScale(20).withSeed(seed));
    }
    return all;
  }

  private static void plain(List<Case> all, int n, int d, long seed, boolean unknownToo) {
    Recipe recipe = Recipe.of(n, d).withSeed(seed);
    add(all, true, recipe);
    add(all, true, recipe.withSlackSpread(3));
    add(all, true, recipe.withKind(Kind.MIXED));
    if (unknownToo) {
      add(all, false, recipe.withKind(Kind.MIXED));
    }
  }

  private static void hard(List<Case> all, int n, int d, long seed) {
    Recipe recipe = Recipe.of(n, d).withSeed(seed);
    for (double condition : new double[] {1e3, 1e6, 1e10}) {
      add(all, true, recipe.withCondition(condition));
      add(all, false, recipe.withKind(Kind.MIXED).withCondition(condition));
    }
    add(all, true, recipe.withRowScale(20));
    add(all, false, recipe.withKind(Kind.MIXED).withRowScale(20));
    add(all, true, recipe.withSlackSpread(3).withRowScale(20).withCondition(1e6));
    for (double slack : new double[] {1e-3, 1e-4, 1e-5, 1e-6}) {
      add(all, false, recipe.withKind(Kind.MIXED).withHairline(slack, -slack));
    }
  }

  private static void add(List<Case> all, boolean known, Recipe r) {
    StringBuilder label = new StringBuilder();
    label.append(
        String.format(
            Locale.ROOT,
            "n=%d d=%d %s %s",
            r.rows(),
            r.columns(),
            known ? "known" : "unknown",
            r.kind().name().toLowerCase(Locale.ROOT)));
    if (r.condition() > 1) {
      label.append(String.format(Locale.ROOT, " cond=%.0e", r.condition()));
    }
    if (r.slackSpread() != 1) {
      label.append(" spread=").append(r.slackSpread());
    }
    if (r.rowScale() > 0) {
      label.append(" rowscale=").append(r.rowScale());
    }
    if (r.hairline().length > 0) {
      label.append(String.format(Locale.ROOT, " hairline=%.0e", r.hairline()[0]));
    }
    all.add(new Case(label.toString(), known, r));
  }
}
