package org.levinv.campaign;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.levinv.Signs;

/** A small random problem; the seed and the index fix all of it. */
final class RandomProblem {

  /** What is special about a problem. */
  enum Trait {
    PLAIN,
    SPREAD,
    ROW_SCALES,
    COLUMN_UNITS,
    ILL_CONDITIONED,
    HAIRLINE,
    ZERO_ROWS,
    DUPLICATE_ROWS,
    PARALLEL_ROWS,
    RANK_DEFICIENT,
    OFFSET_IN_RANGE,
    LONE_ROW,
    GROUPS,
    BOX,
    ONE_ROW_MORE,
    NOISY,
    RANDOM_TARGET,
    ZEROS_AND_ONES,
    FLOAT32,
    SCALED,
    INTEGERS,
    CONSTANT_COLUMN
  }

  /** Of the slacks. */
  enum Kind {
    INTERIOR,
    OPPOSITE,
    MIXED
  }

  /** What the solver is told of the signs. */
  enum Knowledge {
    GIVEN,
    EQUAL,
    AUTO,
    UNKNOWN
  }

  /** With these the rows are in general position, and the target is met. */
  private static final Set<Trait> GENERIC =
      EnumSet.of(
          Trait.PLAIN,
          Trait.SPREAD,
          Trait.ROW_SCALES,
          Trait.COLUMN_UNITS,
          Trait.ILL_CONDITIONED,
          Trait.HAIRLINE,
          Trait.ZERO_ROWS,
          Trait.ONE_ROW_MORE,
          Trait.SCALED,
          Trait.CONSTANT_COLUMN);

  /** No x has the target scores, or not exactly. */
  private static final Set<Trait> INCONSISTENT =
      EnumSet.of(Trait.NOISY, Trait.RANDOM_TARGET, Trait.ZEROS_AND_ONES, Trait.FLOAT32);

  /** Many x have the target scores. */
  private static final Set<Trait> AMBIGUOUS =
      EnumSet.of(Trait.RANK_DEFICIENT, Trait.OFFSET_IN_RANGE, Trait.LONE_ROW);

  private static final Set<Trait> NO_ROW_TO_SPARE =
      EnumSet.of(
          Trait.BOX,
          Trait.ONE_ROW_MORE,
          Trait.LONE_ROW,
          Trait.GROUPS,
          Trait.DUPLICATE_ROWS,
          Trait.PARALLEL_ROWS,
          Trait.INTEGERS);

  private static final Trait[] SECOND = {
    Trait.SPREAD,
    Trait.ROW_SCALES,
    Trait.COLUMN_UNITS,
    Trait.HAIRLINE,
    Trait.ZERO_ROWS,
    Trait.SCALED
  };

  /** n d at most. */
  private static final int MOST_ENTRIES = 20_000;

  final long seed;
  final int index;
  final Trait trait;
  final Set<Trait> traits;
  final Kind kind;
  final Knowledge knowledge;
  final int n;
  final int d;
  final double[][] A;
  final double[] b;
  final double[] x;
  final double[] sigma;

  /** At the planted x; null where the rank is deficient. */
  final PlainQr truth;

  private final Random random;
  private final double[] slack;
  private double noise;
  private double condition = 1;

  RandomProblem(long seed, int index) {
    this.seed = seed;
    this.index = index;
    random = new Random(seed * 0x9E3779B97F4A7C15L + index * 0xBF58476D1CE4E5B9L);
    random.nextLong();
    Trait[] all = Trait.values();
    trait = all[index % all.length];
    traits = EnumSet.of(trait);
    if (random.nextInt(10) < 3) {
      traits.add(SECOND[random.nextInt(SECOND.length)]);
    }
    if (NO_ROW_TO_SPARE.contains(trait)) {
      traits.remove(Trait.ZERO_ROWS); // the rank would drop
    }
    int columns = random.nextInt(4) < 3 ? 1 + random.nextInt(12) : 13 + random.nextInt(18);
    if (trait == Trait.GROUPS || trait == Trait.LONE_ROW || trait == Trait.RANK_DEFICIENT) {
      columns = Math.max(2, columns);
    }
    d = columns;
    double ratio = 1.1 * Math.exp(random.nextDouble() * Math.log(100 / 1.1));
    int rows = (int) Math.min(MOST_ENTRIES / d, Math.max(d + 1, Math.round(ratio * d)));
    n =
        switch (trait) {
          case BOX -> 2 * d;
          case ONE_ROW_MORE -> d + 1;
          case GROUPS -> Math.max(rows, d + 6);
          case LONE_ROW -> Math.max(rows, d + 2);
          default -> rows;
        };
    int which = random.nextInt(9);
    kind = which < 4 ? Kind.INTERIOR : which == 4 ? Kind.OPPOSITE : Kind.MIXED;
    int known = random.nextInt(20);
    knowledge =
        kind == Kind.MIXED
            ? known < 7 ? Knowledge.GIVEN : known < 10 ? Knowledge.AUTO : Knowledge.UNKNOWN
            : Knowledge.values()[known % 4];
    A = new double[n][d];
    slack = new double[n];
    x = new double[d];
    b = new double[n];
    plant();
    truth = trait == Trait.RANK_DEFICIENT ? null : PlainQr.at(A, b, x);
    sigma = target();
  }

  // ---- planting
  // ------------------------------------------------------------------------------------------------------------

  private void plant() {
    double[][] mixing = null;
    do {
      for (double[] row : A) {
        for (int j = 0; j < d; j++) {
          row[j] = trait == Trait.INTEGERS ? random.nextInt(5) - 2 : random.nextGaussian();
        }
      }
      shape();
    } while (trait == Trait.INTEGERS && PlainQr.ofDirections(A).pivotRatio() < 1e-10);
    for (int j = 0; j < d; j++) {
      x[j] = random.nextGaussian();
    }
    if (trait == Trait.ILL_CONDITIONED) {
      condition = Math.pow(10, 10 * random.nextDouble());
      mixing = mix();
    }
    for (int i = 0; i < n; i++) {
      double size = Math.exp((traits.contains(Trait.SPREAD) ? 3 : 1) * random.nextGaussian());
      slack[i] =
          switch (kind) {
            case INTERIOR -> size;
            case OPPOSITE -> -size;
            case MIXED ->
                traits.contains(Trait.SPREAD)
                    ? random.nextBoolean() ? size : -size
                    : random.nextGaussian();
          };
    }
    scaleRows();
    offsets(mixing);
    scaleAll();
  }

  private void shape() {
    switch (trait) {
      case CONSTANT_COLUMN -> {
        for (double[] row : A) {
          row[d - 1] = 1;
        }
      }
      case DUPLICATE_ROWS, PARALLEL_ROWS -> {
        int distinct = Math.max(Math.min(n, d + 1), (int) (n * (0.2 + 0.7 * random.nextDouble())));
        for (int i = distinct; i < n; i++) {
          double factor = trait == Trait.DUPLICATE_ROWS ? 1 : random.nextGaussian();
          double[] of = A[random.nextInt(distinct)];
          for (int j = 0; j < d; j++) {
            A[i][j] = factor * of[j];
          }
        }
      }
      case RANK_DEFICIENT -> makeColumnsDependent();
      case LONE_ROW -> {
        for (int i = 1; i < n; i++) {
          A[i][0] = 0;
        }
      }
      case GROUPS -> groups();
      case BOX -> {
        for (int i = 0; i < n; i++) {
          Arrays.fill(A[i], 0);
          A[i][i % d] = i < d ? 1 : -1;
        }
      }
      default -> {}
    }
  }

  /** Exactly so: rounding cannot hide it. */
  private void makeColumnsDependent() {
    int way = random.nextInt(4);
    double factor = Math.scalb(1, random.nextInt(9) - 4);
    for (double[] row : A) {
      switch (way) {
        case 0 -> row[d - 1] = 0;
        case 1 -> row[d - 1] = factor * row[0];
        case 2 -> {
          for (int j = 0; j < d; j++) {
            row[j] = Math.rint(64 * row[j]);
          }
          row[d - 1] = d > 2 ? row[0] - row[1] : -row[0];
        }
        default -> {
          double first = row[0];
          Arrays.fill(row, 0);
          for (int j = 0; j < d; j++) {
            row[j] = Math.scalb(first, j);
          }
        }
      }
    }
  }

  private void groups() {
    int groups = Math.min(d, 2 + random.nextInt(2));
    for (int i = 0; i < n; i++) {
      int own = i % groups;
      for (int j = 0; j < d; j++) {
        if (j % groups != own) {
          A[i][j] = 0;
        }
      }
    }
  }

  /** A <- A U diag(s) V^T; returns V diag(1/s) U^T, by which x follows. */
  private double[][] mix() {
    double[][] U = orthogonal();
    double[][] V = orthogonal();
    double[][] T = new double[d][d];
    double[][] inverse = new double[d][d];
    for (int k = 0; k < d; k++) {
      double s = d == 1 ? 1 : Math.pow(condition, -(double) k / (d - 1));
      for (int i = 0; i < d; i++) {
        for (int j = 0; j < d; j++) {
          T[i][j] += U[k][i] * s * V[k][j];
          inverse[i][j] += V[k][i] / s * U[k][j];
        }
      }
    }
    for (double[] row : A) {
      double[] old = row.clone();
      Arrays.fill(row, 0);
      for (int k = 0; k < d; k++) {
        for (int j = 0; j < d; j++) {
          row[j] += old[k] * T[k][j];
        }
      }
    }
    return inverse;
  }

  private double[][] orthogonal() {
    double[][] Q = new double[d][d];
    for (int k = 0; k < d; k++) {
      for (int j = 0; j < d; j++) {
        Q[k][j] = random.nextGaussian();
      }
      for (int round = 0; round < 2; round++) {
        for (int l = 0; l < k; l++) {
          double overlap = 0;
          for (int j = 0; j < d; j++) {
            overlap += Q[l][j] * Q[k][j];
          }
          for (int j = 0; j < d; j++) {
            Q[k][j] -= overlap * Q[l][j];
          }
        }
      }
      double length = 0;
      for (double q : Q[k]) {
        length = Math.hypot(length, q);
      }
      for (int j = 0; j < d; j++) {
        Q[k][j] /= length;
      }
    }
    return Q;
  }

  private void scaleRows() {
    if (traits.contains(Trait.HAIRLINE)) {
      int count = Math.min(n, 1 + random.nextInt(2));
      for (int i = 0; i < count; i++) {
        slack[i] = Math.signum(slack[i]) * Math.pow(10, -1 - 5 * random.nextDouble());
      }
    }
    if (traits.contains(Trait.ROW_SCALES)) {
      for (int i = 0; i < n; i++) {
        double factor = Math.exp(20 * (random.nextDouble() - 0.5));
        for (int j = 0; j < d; j++) {
          A[i][j] *= factor;
        }
        slack[i] *= factor;
      }
    }
    if (traits.contains(Trait.ZERO_ROWS)) {
      int most = Math.min(n - d - 1, 1 + n / 4);
      int count = most <= 0 ? 0 : 1 + random.nextInt(most);
      for (int k = 0; k < count; k++) {
        Arrays.fill(A[(int) ((long) k * n / count)], 0);
      }
    }
  }

  private void offsets(double[][] mixing) {
    if (mixing != null) {
      double[] y = x.clone();
      for (int i = 0; i < d; i++) {
        x[i] = 0;
        for (int k = 0; k < d; k++) {
          x[i] += mixing[i][k] * y[k];
        }
      }
    }
    if (trait == Trait.OFFSET_IN_RANGE) {
      double[] z = new double[d];
      int way = random.nextInt(3);
      for (int j = 0; j < d; j++) {
        z[j] = way == 0 ? 0 : way == 1 ? random.nextInt(7) - 3 : random.nextGaussian();
      }
      for (int i = 0; i < n; i++) {
        b[i] = PlainQr.exactDot(A[i], z, 0);
      }
      return;
    }
    for (int i = 0; i < n; i++) {
      b[i] = PlainQr.exactDot(A[i], x, slack[i]);
      if (trait == Trait.INTEGERS && kind == Kind.MIXED) {
        b[i] = Math.rint(2 * b[i]) / 2;
      }
    }
    if (trait == Trait.DUPLICATE_ROWS) {
      for (int i = n - 1; i > 0; i--) {
        for (int k = 0; k < i; k++) {
          if (Arrays.equals(A[i], A[k]) && random.nextInt(4) > 0) {
            b[i] = b[k];
            break;
          }
        }
      }
    }
  }

  private void scaleAll() {
    if (traits.contains(Trait.COLUMN_UNITS)) {
      for (int j = 0; j < d; j++) {
        int exponent = random.nextInt(61) - 30;
        x[j] = Math.scalb(x[j], -exponent);
        for (double[] row : A) {
          row[j] = Math.scalb(row[j], exponent);
        }
      }
    }
    if (traits.contains(Trait.SCALED)) {
      int most = random.nextBoolean() ? 66 : 498; // 1e20, 1e150
      int ofA = random.nextInt(2 * most + 1) - most;
      int ofB = random.nextInt(2 * most + 1) - most;
      for (int i = 0; i < n; i++) {
        b[i] = Math.scalb(b[i], ofB);
        for (int j = 0; j < d; j++) {
          A[i][j] = Math.scalb(A[i][j], ofA);
        }
      }
      for (int j = 0; j < d; j++) {
        x[j] = Math.scalb(x[j], ofB - ofA);
      }
    }
  }

  // ---- the target
  // ----------------------------------------------------------------------------------------------------------

  private double[] target() {
    if (trait == Trait.RANK_DEFICIENT || trait == Trait.RANDOM_TARGET) {
      return anyScores(0);
    }
    double[] target = truth.scores();
    switch (trait) {
      case NOISY -> {
        noise = Math.pow(10, -8 + 7 * random.nextDouble());
        for (int i = 0; i < n; i++) {
          target[i] = Math.min(1.05, target[i] * (1 + noise * random.nextGaussian()));
        }
      }
      case ZEROS_AND_ONES -> {
        return random.nextBoolean() ? anyScores(1) : roundedEnds(target);
      }
      case FLOAT32 -> {
        for (int i = 0; i < n; i++) {
          target[i] = (float) target[i];
        }
      }
      default -> {}
    }
    return target;
  }

  /** Numbers from 0 to 1 with sum d; some zeros and ones where asked. */
  private double[] anyScores(int ends) {
    double[] scores = new double[n];
    for (int i = 0; i < n; i++) {
      scores[i] = ends > 0 && random.nextInt(5) == 0 ? 0 : 0.01 + random.nextDouble();
    }
    for (int k = 0; k < ends * (d / 2); k++) {
      scores[random.nextInt(n)] = 10;
    }
    for (int round = 0; round < 200; round++) {
      double sum = 0;
      for (double score : scores) {
        sum += score;
      }
      for (int i = 0; i < n; i++) {
        scores[i] = Math.min(1, scores[i] * d / sum);
      }
    }
    return scores;
  }

  /** The smallest few to 0, the largest to 1. */
  private double[] roundedEnds(double[] scores) {
    for (int i = 0; i < n; i++) {
      scores[i] = scores[i] < 0.02 * d / n ? 0 : scores[i] > 0.98 ? 1 : scores[i];
    }
    return scores;
  }

  // ---- what is asked and expected
  // --------------------------------------------------------------------------------------------

  Signs signs() {
    return switch (knowledge) {
      case AUTO -> Signs.auto();
      case UNKNOWN -> Signs.unknown();
      case EQUAL -> kind == Kind.OPPOSITE ? Signs.negative() : Signs.positive();
      case GIVEN -> {
        double[] signs = new double[n];
        for (int i = 0; i < n; i++) {
          double own = truth == null ? slack[i] : truth.signs()[i];
          signs[i] = own == 0 ? 1 : own;
        }
        yield Signs.given(signs);
      }
    };
  }

  /** Some other x has the same scores, exactly. */
  boolean ambiguous() {
    return AMBIGUOUS.contains(trait);
  }

  boolean deficient() {
    return trait == Trait.RANK_DEFICIENT;
  }

  /** An x with the target scores exists: sigma are its rounded scores. */
  boolean consistent() {
    return INCONSISTENT.stream().noneMatch(traits::contains) && !deficient();
  }

  /** The signs are told, or follow from n >= 3 d rows in general position. */
  boolean signsFollow() {
    boolean equal = kind != Kind.MIXED;
    int rows = 0;
    for (double[] row : A) {
      rows += Arrays.stream(row).anyMatch(a -> a != 0) ? 1 : 0;
    }
    return knowledge == Knowledge.GIVEN
        || knowledge == Knowledge.EQUAL
        || knowledge == Knowledge.AUTO && equal && kind == Kind.INTERIOR
        || rows >= 3 * d && GENERIC.containsAll(traits);
  }

  /**
   * || D A (x - planted) || / || D A planted ||, D the inverse lengths of the rows; not a number
   * where A x is 0.
   */
  double error(double[] found) {
    double[] off = new double[n];
    double[] size = new double[n];
    double[] difference = new double[d];
    Arrays.setAll(difference, j -> found[j] - x[j]);
    for (int i = 0; i < n; i++) {
      double length = length(A[i]);
      if (length > 0) {
        off[i] = PlainQr.exactDot(A[i], difference, 0) / length;
        size[i] = PlainQr.exactDot(A[i], x, 0) / length;
      }
    }
    return length(off) / length(size);
  }

  /** || D A planted ||. */
  double size() {
    double[] size = new double[n];
    for (int i = 0; i < n; i++) {
      double length = length(A[i]);
      size[i] = length > 0 ? PlainQr.exactDot(A[i], x, 0) / length : 0;
    }
    return length(size);
  }

  private static double length(double[] v) {
    double largest = 0;
    for (double value : v) {
      largest = Math.max(largest, Math.abs(value));
    }
    if (!(largest > 0)) {
      return largest;
    }
    double sum = 0;
    for (double value : v) {
      sum += value / largest * (value / largest);
    }
    return largest * Math.sqrt(sum);
  }

  @Override
  public String toString() {
    String all = traits.stream().map(Trait::name).collect(Collectors.joining("+"));
    String more =
        (condition > 1 ? String.format(Locale.ROOT, " cond=%.0e", condition) : "")
            + (noise > 0 ? String.format(Locale.ROOT, " noise=%.0e", noise) : "");
    return String.format(
        Locale.ROOT,
        "seed=%d only=%d n=%d d=%d %s %s %s%s",
        seed,
        index,
        n,
        d,
        all,
        kind,
        knowledge,
        more);
  }
}
