package org.levinv.solve;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.stream.LongStream;
import org.levinv.Problem;
import org.levinv.ScoreNoise;
import org.levinv.method.GlobalMethod;
import org.levinv.model.ScoreError;
import org.levinv.pass.VerifiedScores;

/**
 * What A and b were rounded to before they came here, from a look at some rows: scores that were
 * computed from them as they were before are those of no x now.
 *
 * @param unit half a unit of the last digit relative to the numbers, their root mean square; that
 *     of doubles where no more is seen
 * @param words what they have, for messages; null likewise
 */
record InputRounding(double unit, String words) {

  /** Of doubles. */
  static final double DOUBLE = Math.ulp(1.0);

  private static final InputRounding NONE = new InputRounding(DOUBLE, null);

  /** Significant bits of numbers in single precision, and in half precision. */
  private static final int SINGLE_BITS = 24;

  private static final int HALF_BITS = 11;

  private static final int DOUBLE_BITS = 53;

  /**
   * Of what a relative error may do to the mismatch, rounding of numbers that come as they are does
   * so much: 0.03 to 0.25 were seen at optima, and five times this is allowed.
   */
  private static final double SHARE = 0.2;

  /** Fewer digits are those of data, which nothing was rounded to. */
  private static final int LEAST_DIGITS = 6;

  /** More are those of doubles. */
  private static final int MOST_DIGITS = 10;

  /** Times the mismatch that it leaves, from which least squares may get there. */
  static final double NEARLY = 100;

  /** Rows that are looked at, evenly spread. */
  private static final int ROWS = 64;

  /** Numbers that need all digits, or bits, that were seen; fewer may be an accident. */
  private static final int LEAST = 5;

  /** A look at some rows of A and b. */
  static InputRounding of(Problem problem) {
    long n = problem.A().rows();
    int count = (int) Math.min(n, ROWS);
    long[] numbers = LongStream.range(0, count).map(k -> n * k / count).toArray();
    double[] rows = new double[count * problem.A().columns()];
    problem.A().readRows(numbers, rows);
    double[] b = new double[count];
    problem.b().readEntries(numbers, b);
    InputRounding first = Look.over(rows).found("A");
    InputRounding second = Look.over(b).found("b");
    return first.unit >= second.unit ? first : second;
  }

  /** Whether they have fewer digits than doubles. */
  boolean isSeen() {
    return words != null;
  }

  /** What it does to the mismatch at an x where rounding of doubles does so much. */
  double floor(double ofDoubles) {
    return SHARE * unit / DOUBLE * ofDoubles;
  }

  /** What may be why scores do not agree, even as they are printed; null where it is not that. */
  static InputRounding suspect(InputRounding seen, VerifiedScores there, TargetNoise noise) {
    boolean mayBe = seen != null && there != null && !noise.agrees(there.profile());
    return mayBe && seen.isSuspect(there.error()) ? seen : null;
  }

  /**
   * Whether it may be why scores do not agree: it leaves about as much, and more than any that
   * agree may leave.
   */
  private boolean isSuspect(ScoreError left) {
    double most = GlobalMethod.rounding(floor(left.floor()));
    return isSeen()
        && most > GlobalMethod.HOPELESS
        && left.mismatch() > GlobalMethod.HOPELESS
        && left.mismatch() <= NEARLY * most;
  }

  /** How far a score may be off, but for a factor: logits of all scores are moved alike, about. */
  static double deviation(double target, double score) {
    return score * (1 - score);
  }

  /** What the scores carry, where it does so much to them, of which that is the largest. */
  static ScoreNoise noise(double floor, double largest) {
    return new ScoreNoise(floor * largest, ScoreNoise.Source.ROUNDING);
  }

  /** What is to be said of scores that agree as far as it tells, where it does so much to them. */
  String warning(double floor) {
    return String.format(
        Locale.ROOT,
        "%s, which leaves the scores open by about %.0e of themselves: they agree as far as that"
            + " tells",
        words,
        floor);
  }

  /** What is to be said where that may be why scores do not agree. */
  String blame(double floor) {
    return String.format(
        Locale.ROOT,
        "%s: no x has scores that were computed before that rounding, which changes them by about"
            + " %.0e of themselves",
        words,
        floor);
  }

  /** What is seen of some numbers. */
  private static final class Look {
    private static final int MOST = 20;

    private final int[] decimals = new int[MOST + 1];
    private final int[] digits = new int[MOST + 1];
    private final int[] bits = new int[DOUBLE_BITS + 1];
    private int telling;
    private int count;
    private double squares;

    static Look over(double[] values) {
      Look look = new Look();
      for (double value : values) {
        look.at(value);
      }
      return look;
    }

    private void at(double value) {
      if (value == 0) {
        return;
      }
      count++;
      squares += value * value;
      bits[bits(value)]++;
      BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
      digits[Math.min(MOST, shortest.precision())]++;
      decimals[Math.max(0, Math.min(MOST, shortest.scale()))]++;
      telling += shortest.precision() >= LEAST_DIGITS ? 1 : 0;
    }

    InputRounding found(String name) {
      int places = last(decimals);
      int significant = last(digits);
      double size = Math.sqrt(squares / Math.max(1, count));
      int binary = last(bits);
      if (telling < LEAST) {
        return NONE;
      }
      if (binary == HALF_BITS && bits[HALF_BITS] >= LEAST) {
        return binary(HALF_BITS, name + " is in half precision");
      }
      if (significant <= MOST_DIGITS || places <= MOST_DIGITS) {
        boolean isFixed =
            places <= MOST_DIGITS
                && (significant > MOST_DIGITS || decimals[places] >= digits[significant]);
        double half = 0.5 * Math.pow(10, -(isFixed ? places : significant - 1));
        return isFixed
            ? new InputRounding(half / size, name + " has " + places + " decimals")
            : new InputRounding(half, name + " has " + significant + " significant digits");
      }
      return binary <= SINGLE_BITS ? binary(SINGLE_BITS, name + " is in single precision") : NONE;
    }

    private static InputRounding binary(int bits, String words) {
      return new InputRounding(Math.scalb(1.0, -bits), words);
    }

    /** From the first bit of a number to the last that is not 0. */
    private static int bits(double value) {
      int zeros = Long.numberOfTrailingZeros(Double.doubleToRawLongBits(value));
      return DOUBLE_BITS - Math.min(zeros, DOUBLE_BITS - 1);
    }

    private static int last(int[] counts) {
      int k = counts.length - 1;
      while (k > 0 && counts[k] == 0) {
        k--;
      }
      return k;
    }
  }
}
