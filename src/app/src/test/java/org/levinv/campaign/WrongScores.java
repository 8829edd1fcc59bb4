package org.levinv.campaign;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;

/**
 * Gaussian rows and scores of which one is wrong by 0.01 to 0.3, as a typo makes it: what {@code
 * ci/wrong-scores} runs. No x has these scores, a success follows the wrong one, and the right end
 * names its row.
 *
 * <p>Arguments: count=300 seed=0 few=false only=INDEX loud=false; few: n from 2 d to 3 d, else up
 * to 15 d.
 */
public final class WrongScores {

  private static final Pattern NAMED = Pattern.compile("row (\\d+) alone");

  /** How scores are written, after one of them was changed. */
  enum Written {
    EXACT,
    DECIMALS,
    DIGITS,
    SINGLE_PRECISION
  }

  /** How a solve ended. */
  enum End {
    /** The row with the wrong score was named. */
    NAMED,
    /** A failure, or a limit, that names no row. */
    SAID,
    /** A failure that names a row whose score is right. */
    INNOCENT,
    /** A success. */
    PULLED;

    boolean isWrong() {
      return this == INNOCENT || this == PULLED;
    }
  }

  /** One problem's outcome. */
  record Outcome(End end, double work, boolean atLimit, String note) {}

  private WrongScores() {}

  public static void main(String[] args) {
    int count = 300;
    long seed = 0;
    int only = -1;
    boolean few = false;
    boolean loud = false;
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      switch (parts[0]) {
        case "count" -> count = Integer.parseInt(parts[1]);
        case "seed" -> seed = Long.parseLong(parts[1]);
        case "only" -> only = Integer.parseInt(parts[1]);
        case "few" -> few = Boolean.parseBoolean(parts[1]);
        case "loud" -> loud = Boolean.parseBoolean(parts[1]);
        default ->
            throw new IllegalArgumentException(
                "expected count=, seed=, few=, only= or loud=, got " + arg);
      }
    }
    List<Outcome> outcomes =
        run(Math.max(0, only), only < 0 ? count : only + 1, seed, few, loud || only >= 0);
    outcomes.forEach(o -> System.out.println(o.note));
    for (End end : End.values()) {
      System.out.printf("%s %d, ", end.name().toLowerCase(Locale.ROOT), count(outcomes, end));
    }
    System.out.printf(
        "at the limit %d, work %.0f%n",
        outcomes.stream().filter(Outcome::atLimit).count(),
        outcomes.stream().mapToDouble(Outcome::work).sum());
  }

  static long count(List<Outcome> outcomes, End end) {
    return outcomes.stream().filter(o -> o.end == end).count();
  }

  /** Problems from one to before another. */
  static List<Outcome> run(int from, int to, long seed, boolean few, boolean loud) {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      return IntStream.range(from, to)
          .mapToObj(i -> solve(inverter, new Random(seed * 1_000_003 + i * 7919L), few, i, loud))
          .toList();
    }
  }

  private static Outcome solve(
      Inverter inverter, Random random, boolean few, int index, boolean loud) {
    random.nextLong();
    int d = 2 + random.nextInt(9);
    double ratio = few ? 2 + random.nextDouble() : 3 + 12 * Math.pow(random.nextDouble(), 2);
    int n = (int) Math.ceil(d * ratio) + (few ? 1 : 0);
    boolean known = random.nextBoolean();
    Written written = Written.values()[random.nextInt(Written.values().length)];
    int figures = 4 + random.nextInt(5);
    double[][] A = new double[n][d];
    double[] b = new double[n];
    double[] x = random.doubles(d).map(u -> random.nextGaussian()).toArray();
    for (int i = 0; i < n; i++) {
      Arrays.setAll(A[i], j -> random.nextGaussian());
      double slack = 0.1 + 2 * random.nextDouble();
      b[i] = PlainQr.exactDot(A[i], x, random.nextBoolean() ? slack : -slack);
    }
    PlainQr truth = PlainQr.at(A, b, x);
    double[] exact = truth.scores();
    double[] sigma = exact.clone();
    int row;
    double error;
    do {
      row = random.nextInt(n);
      error = Math.pow(10, -2 + 1.5 * random.nextDouble()) * (random.nextBoolean() ? 1 : -1);
    } while (!(sigma[row] + error > 0 && sigma[row] + error < 1));
    sigma[row] += error;
    Arrays.setAll(sigma, i -> written(sigma[i], written, figures));
    Options options =
        Options.defaults().withSigns(known ? Signs.given(truth.signs()) : Signs.unknown());
    if (loud) {
      options = options.withProgress(Shown::step);
    }
    Result result = inverter.invert(Problem.of(A, b, sigma), options);
    Matcher found = NAMED.matcher(result.message());
    End end =
        result.status().usable()
            ? End.PULLED
            : !found.find()
                ? End.SAID
                : Integer.parseInt(found.group(1)) == row ? End.NAMED : End.INNOCENT;
    String note =
        String.format(
            Locale.ROOT,
            "%-8s #%d %d x %d, signs %s, %s %d, row %d %.6g wrong by %.3g: %s, work %.0f: %s",
            end.name().toLowerCase(Locale.ROOT),
            index,
            n,
            d,
            known ? "known" : "unknown",
            written.name().toLowerCase(Locale.ROOT),
            figures,
            row,
            exact[row],
            error,
            result.status().word(),
            result.work(),
            result.message());
    return new Outcome(end, result.work(), result.status().stopped(), note);
  }

  private static double written(double score, Written how, int figures) {
    return switch (how) {
      case EXACT -> score;
      case SINGLE_PRECISION -> (float) score;
      case DECIMALS -> Double.parseDouble(String.format(Locale.ROOT, "%." + figures + "f", score));
      case DIGITS ->
          Double.parseDouble(String.format(Locale.ROOT, "%." + (figures - 1) + "e", score));
    };
  }
}
