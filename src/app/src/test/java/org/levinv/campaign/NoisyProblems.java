package org.levinv.campaign;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;

/**
 * Small problems whose scores have errors of any size and whose slacks may be hairlines: what
 * {@code ci/words} runs. No success may be worse than the planted x, and none may break signs that
 * were given. Judged by {@link PlainQr} on the original data.
 *
 * <p>Arguments: count=500 seed=0 only=INDEX loud=false.
 */
public final class NoisyProblems {

  /** A loss above that at the planted x by more than this share is another optimum. */
  private static final double NO_WORSE = 1.001;

  /** Times the rounding of scores in double precision that a loss of 0 may leave. */
  private static final double ROUNDING = 100;

  /** The relative residual up to which scores agree with any target. */
  private static final double AGREE = 1e-9;

  /** Scores that are printed as the target are off by half a unit, and by rounding of doubles. */
  private static final double HALF_UNITS = 1.001;

  /**
   * Where scores have digits of their own, the optimum in their units is another one than that of
   * the loss, and leaves some of them as far off, as README says of {@code converged}.
   */
  private static final double OWN_HALF_UNITS = 3.001;

  /** What a target went through after it was computed. */
  enum Errors {
    NONE,
    SINGLE_PRECISION,
    DECIMALS,
    DIGITS,
    ADDED,
    PROPORTIONAL
  }

  /** How an answer looks to the judge. */
  enum Judgement {
    /** A success as good as the planted x. */
    FOUND,
    /** A failure that says so. */
    SAID,
    /** A success that is worse than the planted x. */
    WORSE,
    /** A success with other signs than those given. */
    OTHER_SIGNS;

    boolean isWrong() {
      return this == WORSE || this == OTHER_SIGNS;
    }
  }

  /** One problem's outcome. */
  record Outcome(Errors errors, Judgement judgement, String note) {}

  private NoisyProblems() {}

  public static void main(String[] args) {
    int count = 500;
    long seed = 0;
    int only = -1;
    boolean loud = false;
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      switch (parts[0]) {
        case "count" -> count = Integer.parseInt(parts[1]);
        case "seed" -> seed = Long.parseLong(parts[1]);
        case "only" -> only = Integer.parseInt(parts[1]);
        case "loud" -> loud = Boolean.parseBoolean(parts[1]);
        default ->
            throw new IllegalArgumentException(
                "expected count=, seed=, only= or loud=, got " + arg);
      }
    }
    List<Outcome> outcomes =
        run(Math.max(0, only), only < 0 ? count : only + 1, seed, loud || only >= 0);
    print(outcomes);
    System.exit(outcomes.stream().anyMatch(o -> o.judgement.isWrong()) ? 1 : 0);
  }

  /** Problems from one to before another. */
  static List<Outcome> run(int from, int to, long seed, boolean loud) {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      return IntStream.range(from, to)
          .mapToObj(i -> new Case(seed, i).solve(inverter, loud))
          .toList();
    }
  }

  private static void print(List<Outcome> outcomes) {
    outcomes.forEach(o -> System.out.println(o.note));
    System.out.printf("%-16s", "errors");
    for (Judgement judgement : Judgement.values()) {
      System.out.printf(" %11s", word(judgement));
    }
    System.out.println();
    for (Errors errors : Errors.values()) {
      System.out.printf("%-16s", word(errors));
      for (Judgement judgement : Judgement.values()) {
        long count =
            outcomes.stream().filter(o -> o.errors == errors && o.judgement == judgement).count();
        System.out.printf(" %11d", count);
      }
      System.out.println();
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** One problem. */
  private static final class Case {
    final long seed;
    final int index;
    final int n;
    final int d;
    final boolean integers;
    final boolean hairlines;
    final boolean known;
    final Errors errors;
    final double size;
    final double[][] A;
    final double[] b;
    final double[] x;
    final double[] sign;
    final double[] truthScores;
    final double[] sigma;

    Case(long seed, int index) {
      this.seed = seed;
      this.index = index;
      Random random = new Random(seed * 1_000_003 + index * 7919L);
      random.nextLong();
      d = 2 + random.nextInt(8);
      n = (int) Math.ceil(d * (2.2 + 12 * Math.pow(random.nextDouble(), 2)));
      integers = random.nextInt(3) == 0;
      hairlines = random.nextInt(3) != 0;
      known = random.nextBoolean();
      errors = Errors.values()[random.nextInt(Errors.values().length)];
      A = new double[n][d];
      b = new double[n];
      x = random.doubles(d).map(u -> random.nextGaussian()).toArray();
      for (double[] row : A) {
        for (int j = 0; j < d; j++) {
          row[j] = integers ? random.nextInt(7) - 3 : random.nextGaussian();
        }
        row[random.nextInt(d)] += integers ? 1 : 0;
      }
      for (int i = 0; i < n; i++) {
        double slack = 0.1 + 2 * random.nextDouble();
        if (hairlines && random.nextInt(12) == 0) {
          slack = Math.pow(10, -2 - 6 * random.nextDouble());
        }
        b[i] = PlainQr.exactDot(A[i], x, random.nextBoolean() ? slack : -slack);
      }
      PlainQr truth = PlainQr.at(A, b, x);
      sign = truth.signs();
      size =
          switch (errors) {
            case DECIMALS -> 3 + random.nextInt(10);
            case DIGITS -> 3 + random.nextInt(8);
            default -> Math.pow(10, -2 - 10 * random.nextDouble());
          };
      truthScores = truth.scores();
      sigma = truthScores.clone();
      for (int i = 0; i < n; i++) {
        sigma[i] = Math.max(0, changed(sigma[i], random));
      }
    }

    private double changed(double score, Random random) {
      return switch (errors) {
        case NONE -> score;
        case SINGLE_PRECISION -> (float) score;
        case DECIMALS ->
            Double.parseDouble(String.format(Locale.ROOT, "%." + (int) size + "f", score));
        case DIGITS ->
            Double.parseDouble(String.format(Locale.ROOT, "%." + ((int) size - 1) + "e", score));
        case ADDED -> score + size * random.nextGaussian();
        case PROPORTIONAL -> score * (1 + size * random.nextGaussian());
      };
    }

    Outcome solve(Inverter inverter, boolean loud) {
      Options options = Options.defaults().withSigns(known ? Signs.given(sign) : Signs.unknown());
      if (loud) {
        options = options.withProgress(Shown::step);
      }
      Result result;
      try {
        result = inverter.invert(Problem.of(A, b, sigma), options);
      } catch (InvalidInputException e) {
        return new Outcome(errors, Judgement.SAID, this + " refused: " + e.getMessage());
      }
      PlainQr truth = PlainQr.at(A, b, x);
      double lossAtTruth = loss(truth);
      double loss = Double.NaN;
      int otherSigns = 0;
      boolean worse = false;
      if (result.x() != null) {
        PlainQr found = PlainQr.at(A, b, result.x());
        loss = loss(found);
        if (loud) {
          printRows(found, result.x());
        }
        double rounding = ROUNDING * Math.max(found.rounding(0.1), truth.rounding(0.1));
        double most = Math.max(rounding, AGREE * norm(sigma));
        worse = loss > NO_WORSE * lossAtTruth + most * most && !isPrinted(found.scores());
        double[] signs = found.signs();
        for (int i = 0; i < n; i++) {
          otherSigns += signs[i] == sign[i] ? 0 : 1;
        }
      }
      Judgement judgement =
          !result.status().usable()
              ? Judgement.SAID
              : known && otherSigns > 0
                  ? Judgement.OTHER_SIGNS
                  : worse ? Judgement.WORSE : Judgement.FOUND;
      String note =
          String.format(
              Locale.ROOT,
              "%-12s %s: %s, loss %.2e (at the planted x %.2e), %d other signs, work %.0f: %s",
              word(judgement),
              this,
              result.status().word(),
              loss,
              lossAtTruth,
              otherSigns,
              result.work(),
              result.message());
      return new Outcome(errors, judgement, note);
    }

    /** Whether all scores are printed as the target is. */
    private boolean isPrinted(double[] scores) {
      double most = errors == Errors.DECIMALS ? HALF_UNITS : OWN_HALF_UNITS;
      for (int i = 0; i < n; i++) {
        if (!(Math.abs(scores[i] - sigma[i]) <= most * halfUnit(sigma[i]))) {
          return false;
        }
      }
      return true;
    }

    private double halfUnit(double score) {
      return switch (errors) {
        case SINGLE_PRECISION -> 0.5 * Math.ulp((float) score);
        case DECIMALS -> 0.5 * Math.pow(10, -size);
        case DIGITS ->
            score == 0 ? 0 : 0.5 * Math.pow(10, Math.floor(Math.log10(score)) + 1 - size);
        default -> 0;
      };
    }

    private static double norm(double[] v) {
      double square = 0;
      for (double value : v) {
        square += value * value;
      }
      return Math.sqrt(square);
    }

    private void printRows(PlainQr found, double[] at) {
      double[] scores = found.scores();
      for (int i = 0; i < n; i++) {
        System.out.printf(
            Locale.ROOT,
            "  row %3d slack %10.3e was %10.3e, score %.12e was %.12e, target %.12e%n",
            i,
            PlainQr.exactDot(A[i], at, b[i]),
            PlainQr.exactDot(A[i], x, b[i]),
            scores[i],
            truthScores[i],
            sigma[i]);
      }
    }

    private double loss(PlainQr at) {
      double[] scores = at.scores();
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += (scores[i] - sigma[i]) * (scores[i] - sigma[i]);
      }
      return sum;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d#%d %d x %d%s%s, signs %s, %s %.3g",
          seed,
          index,
          n,
          d,
          integers ? " integers" : "",
          hairlines ? " hairlines" : "",
          known ? "known" : "unknown",
          word(errors),
          size);
    }
  }
}
