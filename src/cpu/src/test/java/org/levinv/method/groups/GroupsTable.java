package org.levinv.method.groups;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * Found, said wrongly and work, by kind, on planted problems: a row for each kind, and a line for
 * each miss. Judged by {@link PlainScores}. Arguments: seeds for each kind, the first seed, and a
 * part of a kind's name.
 */
final class GroupsTable {

  /** Slacks right to this are right. */
  private static final double RIGHT = 1e-5;

  /** Residuals of so many half digits are explained by rounding. */
  private static final double EXPLAINED = 1.5;

  /** Residuals of exact scores that conditioning may leave. */
  private static final double EXACT = 1e-7;

  private record Kind(String name, boolean signsKnown, LongFunction<Planted> problem) {}

  private GroupsTable() {}

  private static List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    for (int[] size : new int[][] {{10, 5, 2}, {10, 10, 1}, {50, 8, 2}, {50, 5, 5}, {50, 20, 2}}) {
      for (boolean time : new boolean[] {false, true}) {
        if (time && size[2] > 2) {
          continue;
        }
        LongFunction<Planted> exact = s -> Planted.effects(size[0], size[1], size[2], time, s);
        kinds.add(new Kind("effects", false, exact));
        for (int decimals : new int[] {5, 4, 3}) {
          kinds.add(new Kind("effects", false, s -> exact.apply(s).rounded(decimals)));
        }
        kinds.add(new Kind("effects", true, exact));
        kinds.add(new Kind("effects", true, s -> exact.apply(s).rounded(4)));
      }
    }
    kinds.add(new Kind("effects-large", false, s -> Planted.effects(200, 5, 2, false, s)));
    kinds.add(new Kind("effects-large", false, s -> Planted.effects(200, 10, 5, false, s)));
    for (int exponent : new int[] {2, 4, 5, 6, 8}) {
      double width = Math.pow(10, -exponent);
      kinds.add(new Kind("thin", true, s -> Planted.thin(24, 4, 1, width, s)));
      kinds.add(new Kind("thin", true, s -> Planted.thin(60, 8, 2, width, s)));
      kinds.add(new Kind("thin", true, s -> Planted.thin(80, 8, 4, width, s)));
    }
    kinds.add(new Kind("vertex", true, s -> Planted.vertex(20, 0, 1e-6, s)));
    kinds.add(new Kind("vertex", true, s -> Planted.vertex(20, 40, 1e-6, s)));
    kinds.add(new Kind("vertex", false, s -> Planted.vertex(10, 0, 1e-6, s)));
    for (boolean integer : new boolean[] {false, true}) {
      LongFunction<Planted> exact = s -> Planted.oneHot(40, 5, integer, s);
      kinds.add(new Kind("one-hot", false, exact));
      kinds.add(new Kind("one-hot", false, s -> exact.apply(s).rounded(5)));
      kinds.add(new Kind("one-hot", false, s -> exact.apply(s).rounded(3)));
    }
    for (boolean known : new boolean[] {true, false}) {
      kinds.add(new Kind("generic", known, s -> Planted.gaussian(60, 20, 1, s)));
      kinds.add(new Kind("generic", known, s -> Planted.gaussian(100, 10, 1, s)));
      kinds.add(new Kind("generic", known, s -> Planted.gaussian(100, 10, 20, s)));
      kinds.add(new Kind("generic", known, s -> Planted.gaussian(100, 10, 1, s).rounded(4)));
      kinds.add(new Kind("generic", known, s -> Planted.gaussian(100, 10, 1, s).noisy(0.01, s)));
      kinds.add(new Kind("generic", known, s -> Planted.collinear(60, 6, 1e8, s)));
    }
    kinds.add(new Kind("generic", true, s -> Planted.gaussian(100, 10, 1, s).noisy(0.1, s)));
    return kinds;
  }

  /** Prints the table. */
  public static void main(String[] args) {
    int seeds = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    long first = args.length > 1 ? Long.parseLong(args[1]) : 1000;
    String part = args.length > 2 ? args[2] : "";
    System.out.printf(
        "%-58s %-7s %5s %5s %5s %7s %8s %8s %7s%n",
        "kind", "signs", "found", "other", "miss", "wrongly", "median", "worst", "s");
    for (Kind kind : kinds()) {
      if (kind.name().contains(part)) {
        row(kind, seeds, first);
      }
    }
  }

  private static void row(Kind kind, int seeds, long first) {
    int found = 0;
    int other = 0;
    int wrongly = 0;
    double[] work = new double[seeds];
    List<String> misses = new ArrayList<>();
    long begin = System.nanoTime();
    String name = "";
    for (int k = 0; k < seeds; k++) {
      Planted problem = kind.problem().apply(first + k);
      name = problem.name();
      Effort effort = new Effort(2000 * Math.max(problem.unit(), 1e6), (s, i, m) -> true);
      GroupsResult result = problem.solve(kind.signsKnown(), k, effort);
      work[k] = effort.flops() / problem.unit();
      double residual = problem.residual(result.x(), EXACT);
      boolean fits = residual < EXPLAINED;
      boolean right = problem.slackError(result.x()) < RIGHT || !problem.isExact() && fits;
      boolean claimed = result.verdict().compareTo(Status.FREE) < 0;
      found += claimed && right ? 1 : 0;
      other += claimed && !right && fits ? 1 : 0;
      wrongly += claimed && !fits ? 1 : 0;
      if (!claimed || !right && !fits) {
        misses.add(
            String.format(
                Locale.ROOT,
                "    seed %d: %s, misfit %.1e, residual %.1e, slacks %.1e",
                first + k,
                result.verdict(),
                result.misfit(),
                residual,
                problem.slackError(result.x())));
      }
    }
    Arrays.sort(work);
    System.out.printf(
        Locale.ROOT,
        "%-58s %-7s %5d %5d %5d %7d %8.0f %8.0f %7.1f%n",
        name,
        kind.signsKnown() ? "known" : "unknown",
        found,
        other,
        misses.size(),
        wrongly,
        work[seeds / 2],
        work[seeds - 1],
        (System.nanoTime() - begin) * 1e-9);
    misses.forEach(System.out::println);
  }
}
