package org.levinv.campaign;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.levinv.Options;
import org.levinv.Signs;

/**
 * A small problem with a design as people have them, and scores as they publish them; the seed and
 * the index fix all of it.
 */
final class RealDesign {

  /** Of A. */
  enum Design {
    GAUSSIAN,
    ONE_HOT,
    /** Factors with two levels and all their interactions: cells that decouple. */
    SATURATED,
    MAIN_EFFECTS,
    /** A dummy for each of 10 to 100 groups, and few covariates. */
    FIXED_EFFECTS,
    POLYNOMIAL,
    SPLINE,
    SPARSE_COUNTS,
    HEAVY_TAILS,
    INTEGERS,
    THIN_POLYTOPE,
    ROW_UNITS,
    COLUMN_UNITS,
    NEAR_VERTEX,
    COLLINEAR
  }

  /** What the target is. */
  enum Target {
    EXACT,
    DECIMALS,
    DIGITS,
    FLOAT32,
    /** Each score times 1 + a normal error. */
    MULTIPLICATIVE,
    /** Each score plus a normal error. */
    ADDITIVE,
    /** The scores of other rows: no x has them. */
    SHUFFLED,
    /** Scores of an x outside the cell of signs that is asked for. */
    WRONG_SIGNS,
    /** All d / n: no x has them but by accident. */
    UNIFORM
  }

  /** More often those that people have. */
  private static final Target[] TARGETS = {
    Target.EXACT, Target.DECIMALS, Target.MULTIPLICATIVE, Target.DIGITS, Target.SHUFFLED,
    Target.EXACT, Target.ADDITIVE, Target.DECIMALS, Target.FLOAT32, Target.UNIFORM,
    Target.EXACT, Target.DIGITS, Target.WRONG_SIGNS
  };

  private static final double EPS = 0x1p-52;

  /** n d^2 at most, for an independent judge in plain loops. */
  private static final double MOST_FLOPS = 4e6;

  final long seed;
  final int index;
  final Design design;
  final Target target;
  final boolean signsKnown;
  final double[][] A;
  final double[] b;
  final double[] x;
  final double[] sigma;

  /** The standard deviation of each target. */
  final double[] deviation;

  /** At the planted x. */
  final PlainQr truth;

  private final Random random;
  private final boolean inside;
  private double carries;
  private boolean told;

  RealDesign(long seed, int index) {
    this.seed = seed;
    this.index = index;
    random = new Random(seed * 0x9E3779B97F4A7C15L + index * 0xBF58476D1CE4E5B9L);
    random.nextLong();
    design = Design.values()[index % Design.values().length];
    target = TARGETS[random.nextInt(TARGETS.length)];
    inside =
        design == Design.THIN_POLYTOPE || design == Design.NEAR_VERTEX || random.nextInt(3) == 0;
    signsKnown = target == Target.WRONG_SIGNS || random.nextBoolean();
    double[][] made;
    do {
      made = fullRank(design());
    } while (made == null);
    A = made;
    x = new double[A[0].length];
    b = new double[A.length];
    plant();
    truth = PlainQr.at(A, b, x);
    double[] exact = truth.scores();
    deviation = truth.scoreErrors();
    sigma = publish(exact);
  }

  /** Whether the solver is told or can see how large errors are, each on its own. */
  boolean isPrinted() {
    return switch (target) {
      case DECIMALS, DIGITS, FLOAT32 -> true;
      default -> told;
    };
  }

  int n() {
    return A.length;
  }

  int d() {
    return A[0].length;
  }

  /** Whether sigma are scores of the planted x, but for errors with the known deviation. */
  boolean hasTruth() {
    return target != Target.SHUFFLED && target != Target.WRONG_SIGNS && target != Target.UNIFORM;
  }

  /**
   * Whether x follows from the target: the standard error of A x at the planted x is small, and
   * rows are enough to tell the signs where these are not known.
   */
  boolean isWellPosed() {
    return hasTruth() && n() >= 3 * d() && truth.relativeStandardError(x, deviation) < 1e-3;
  }

  // ---- designs

  private int between(double least, double most) {
    return (int) Math.round(least * Math.exp(random.nextDouble() * Math.log(most / least)));
  }

  private int rows(int d) {
    double most = Math.min(2000, MOST_FLOPS / ((double) d * d));
    double least = random.nextInt(6) == 0 ? 2.2 * d : 3 * d;
    return Math.max(d + 2, between(least, Math.max(1.1 * least, most)));
  }

  private double[][] design() {
    return switch (design) {
      case ONE_HOT -> oneHot();
      case SATURATED -> factorial(true);
      case MAIN_EFFECTS -> factorial(false);
      case FIXED_EFFECTS -> fixedEffects();
      case POLYNOMIAL -> polynomial();
      case SPLINE -> spline();
      case THIN_POLYTOPE -> paired();
      default -> entries();
    };
  }

  private double[][] entries() {
    int d = between(2, 20);
    double[][] rows = new double[rows(d)][d];
    for (double[] row : rows) {
      for (int j = 0; j < d; j++) {
        row[j] =
            switch (design) {
              case SPARSE_COUNTS -> count(0.4);
              case HEAVY_TAILS -> random.nextGaussian() / Math.abs(random.nextGaussian());
              case INTEGERS -> j == 0 ? 1 : 1 + random.nextInt(5);
              default -> random.nextGaussian();
            };
      }
    }
    return rows;
  }

  private int count(double mean) {
    double left = Math.exp(-mean);
    int events = 0;
    for (double p = random.nextDouble(); p > left; p *= random.nextDouble()) {
      events++;
    }
    return events;
  }

  /** One to three factors, the first with all its dummies, and up to two numbers. */
  private double[][] oneHot() {
    int factors = 1 + random.nextInt(3);
    int numbers = random.nextInt(3);
    int[] levels = new int[factors];
    int d = numbers;
    for (int f = 0; f < factors; f++) {
      levels[f] = 2 + random.nextInt(5);
      d += levels[f] - (f == 0 ? 0 : 1);
    }
    double[][] rows = new double[rows(d)][d];
    for (double[] row : rows) {
      int at = 0;
      for (int f = 0; f < factors; f++) {
        int level = random.nextInt(levels[f]);
        int first = f == 0 ? 0 : 1; // the others leave their first level out
        if (level >= first) {
          row[at + level - first] = 1;
        }
        at += levels[f] - first;
      }
      for (int j = at; j < d; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return rows;
  }

  private double[][] factorial(boolean saturated) {
    int factors = saturated ? 2 + random.nextInt(3) : 3 + random.nextInt(5);
    int cells = 1 << factors;
    int d = saturated ? cells : factors + 1;
    int replicates = 3 + random.nextInt(4);
    double[][] rows = new double[cells * replicates][d];
    for (int i = 0; i < rows.length; i++) {
      int cell = i % cells;
      for (int j = 0; j < d; j++) {
        int mask = saturated ? j : j == 0 ? 0 : 1 << (j - 1);
        rows[i][j] = Integer.bitCount(cell & mask) % 2 == 0 ? 1 : -1;
      }
    }
    return rows;
  }

  private double[][] fixedEffects() {
    int groups = between(10, 100);
    int covariates = 1 + random.nextInt(3);
    int each = 4 + random.nextInt(6);
    double[][] rows = new double[groups * each][groups + covariates];
    for (int i = 0; i < rows.length; i++) {
      rows[i][i / each] = 1;
      for (int j = 0; j < covariates; j++) {
        rows[i][groups + j] = j == 0 ? i % each : random.nextGaussian(); // time, and others
      }
    }
    return rows;
  }

  private double[][] polynomial() {
    int d = 3 + random.nextInt(5);
    double[][] rows = new double[rows(d)][d];
    double from = random.nextBoolean() ? 0 : 1;
    for (double[] row : rows) {
      double u = from + random.nextDouble();
      for (int j = 0; j < d; j++) {
        row[j] = Math.pow(10 * u, j);
      }
    }
    return rows;
  }

  /** Cubic B-splines with equal distances of knots. */
  private double[][] spline() {
    int d = 5 + random.nextInt(14);
    double[][] rows = new double[rows(d)][d];
    for (double[] row : rows) {
      double u = (d - 3) * random.nextDouble();
      for (int j = 0; j < d; j++) {
        row[j] = cubic(Math.abs(u - j + 1));
      }
    }
    return rows;
  }

  private static double cubic(double u) {
    return u < 1 ? 2.0 / 3 - u * u * (1 - u / 2) : u < 2 ? (2 - u) * (2 - u) * (2 - u) / 6 : 0;
  }

  /** Lower and upper bounds of a few combinations, and other rows. */
  private double[][] paired() {
    double[][] rows = entries();
    for (int i = 1; i < Math.min(rows.length, 2 * (1 + rows[0].length / 4)); i += 2) {
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = -rows[i - 1][j];
      }
    }
    return rows;
  }

  private static double[][] fullRank(double[][] rows) {
    double[][] some = Arrays.stream(rows).filter(r -> norm(r) > 0).toArray(double[][]::new);
    boolean enough = some.length >= rows[0].length + 2;
    return enough && PlainQr.ofDirections(some).pivotRatio() > 1e-9 ? rows : null;
  }

  // ---- planting

  private void plant() {
    double[] slack = new double[n()];
    Arrays.setAll(slack, i -> inside ? Math.exp(random.nextGaussian()) : random.nextGaussian());
    double[] y = new double[d()];
    Arrays.setAll(y, j -> random.nextGaussian());
    switch (design) {
      case THIN_POLYTOPE -> {
        carries = Math.pow(10, -2 - 6 * random.nextDouble());
        for (int i = 0; i < Math.min(n() - 1, 2 * (1 + d() / 4)); i++) {
          slack[i] *= carries;
        }
      }
      case NEAR_VERTEX -> {
        for (int i = 0; i < d(); i++) {
          slack[i] *= 1e-6;
        }
      }
      case COLLINEAR -> collinear(Math.pow(10, 4 + 8 * random.nextDouble()), y);
      case COLUMN_UNITS -> {
        for (int j = 0; j < d(); j++) {
          double unit = Math.pow(10, 40 * random.nextDouble() - 20);
          y[j] /= unit;
          for (double[] row : A) {
            row[j] *= unit;
          }
        }
      }
      default -> {}
    }
    System.arraycopy(y, 0, x, 0, y.length);
    for (int i = 0; i < n(); i++) {
      if (design == Design.ROW_UNITS) {
        double unit = Math.pow(10, 40 * random.nextDouble() - 20);
        slack[i] *= unit;
        for (int j = 0; j < d(); j++) {
          A[i][j] *= unit;
        }
      }
      b[i] = PlainQr.exactDot(A[i], x, slack[i]);
      if (design == Design.INTEGERS) {
        b[i] = Math.rint(2 * b[i]) / 2; // ties
      }
    }
  }

  /** The last column nearly a combination of the others. */
  private void collinear(double condition, double[] y) {
    carries = condition;
    int last = d() - 1;
    for (double[] row : A) {
      double sum = 0;
      for (int j = 0; j < last; j++) {
        sum += row[j];
      }
      row[last] = sum / Math.sqrt(last) + row[last] / condition;
    }
    y[last] *= random.nextBoolean() ? condition : 1;
  }

  // ---- targets

  private double[] publish(double[] exact) {
    double[] published = exact.clone();
    switch (target) {
      case DECIMALS -> {
        carries = 2 + random.nextInt(7);
        told = random.nextInt(3) == 0;
        double unit = Math.pow(10, -carries);
        round(published, i -> unit);
      }
      case DIGITS -> {
        carries = 3 + random.nextInt(6);
        round(published, i -> Math.pow(10, Math.floor(Math.log10(exact[i])) + 1 - carries));
      }
      case FLOAT32 -> {
        for (int i = 0; i < n(); i++) {
          published[i] = (float) exact[i];
          deviation[i] = Math.hypot(deviation[i], Math.ulp((float) exact[i]) / Math.sqrt(12));
        }
      }
      case MULTIPLICATIVE -> {
        carries = Math.pow(10, -6 + 5 * random.nextDouble());
        disturb(published, i -> carries * exact[i]);
      }
      case ADDITIVE -> {
        carries = Math.pow(10, -6 + 4 * random.nextDouble()) * d() / n();
        told = random.nextInt(3) == 0;
        disturb(published, i -> carries);
      }
      case SHUFFLED -> {
        for (int i = n() - 1; i > 0; i--) {
          int k = random.nextInt(i + 1);
          double kept = published[i];
          published[i] = published[k];
          published[k] = kept;
        }
      }
      case UNIFORM -> Arrays.fill(published, (double) d() / n());
      default -> {}
    }
    return published;
  }

  private void round(double[] scores, java.util.function.IntToDoubleFunction unit) {
    for (int i = 0; i < n(); i++) {
      double u = unit.applyAsDouble(i);
      if (scores[i] > 0) {
        scores[i] =
            new java.math.BigDecimal(scores[i])
                .setScale(-(int) Math.round(Math.log10(u)), java.math.RoundingMode.HALF_EVEN)
                .doubleValue();
        deviation[i] = Math.hypot(deviation[i], u / Math.sqrt(12));
      }
    }
  }

  private void disturb(double[] scores, java.util.function.IntToDoubleFunction error) {
    for (int i = 0; i < n(); i++) {
      double e = error.applyAsDouble(i);
      scores[i] += e * random.nextGaussian();
      deviation[i] = Math.hypot(deviation[i], e);
    }
  }

  // ---- what is asked

  Options options() {
    Options options = Options.defaults().withSigns(signs());
    if (told && target == Target.DECIMALS) {
      return options.withDigits((int) carries);
    }
    return told ? options.withScoreError(carries) : options;
  }

  private Signs signs() {
    if (!signsKnown) {
      return Signs.unknown();
    }
    double[] signs = truth.signs();
    if (target == Target.WRONG_SIGNS) {
      for (int k = 0; k <= n() / 10; k++) {
        int row = random.nextInt(n());
        signs[row] = -signs[row];
      }
    }
    return Signs.given(Arrays.stream(signs).map(s -> s == 0 ? 1 : s).toArray());
  }

  /** || D A (x - planted) || / || D A planted ||, D the inverse lengths of the rows. */
  double error(double[] found) {
    double[] move = new double[d()];
    Arrays.setAll(move, j -> found[j] - x[j]);
    return length(move) / length(x);
  }

  private double length(double[] move) {
    double sum = 0;
    for (double[] row : A) {
      double own = norm(row);
      sum = own > 0 ? Math.hypot(sum, PlainQr.exactDot(row, move, 0) / own) : sum;
    }
    return sum;
  }

  private static double norm(double[] v) {
    double sum = 0;
    for (double value : v) {
      sum = Math.hypot(sum, value);
    }
    return sum;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "seed=%d only=%d n=%d d=%d %s %s%s%s, signs %s",
        seed,
        index,
        n(),
        d(),
        design,
        target,
        carries > 0 ? String.format(Locale.ROOT, " %.3g", carries) : "",
        told ? " (told)" : "",
        signsKnown ? "known" : "unknown");
  }
}
