package org.levinv.solve;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.levinv.InvalidInputException;
import org.levinv.LocalOptions;
import org.levinv.Options;
import org.levinv.Signs;
import org.levinv.Standing;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.method.Rank;
import org.levinv.pass.Profile;
import org.levinv.pass.StartSums;
import org.levinv.rows.ShiftedRows;
import org.levinv.small.Counted;
import org.levinv.small.Dot2;

/** What is asked of the input, before any work and in the first reading. */
final class Checks {

  /** The sum of the scores may be this share of d off: nearer than that it is noise. */
  private static final double SUM_OFF = 0.25;

  /** So near to a whole number, other than d, noise seldom brings a sum. */
  private static final double WHOLE = 1e-3;

  /** Columns that a message names at most beside one that depends on them. */
  private static final int MOST_COLUMNS = 8;

  private Checks() {}

  /** Start point and given signs have as many entries as A has columns and rows. */
  static void shapes(Options options, RowSource A) {
    columns("start", options.start(), A);
    columns("standing", options.standing() == null ? null : options.standing().x(), A);
    VectorSource signs = options.signs().values();
    if (options.signs().kind() == Signs.Kind.GIVEN && signs.length() != A.rows()) {
      throw new InvalidInputException(
          signs.name()
              + ": expected "
              + Counted.of(A.rows(), "entry", "entries")
              + ", one for each row of the matrix, got "
              + signs.length());
    }
  }

  /**
   * The numbers of the state where an earlier run stood, if it stood in this stage; else null.
   *
   * @param before numbers of the standing that come first
   * @param count of the state
   */
  static double[] state(Options options, Standing.Stage stage, int before, int count) {
    Standing standing = options.standing();
    if (standing == null || standing.stage() != stage) {
      return null;
    }
    int length = standing.x().length;
    if (length != before + count) {
      throw new InvalidInputException(
          "standing: expected a state of " + (before + count) + " numbers, got " + length);
    }
    return Arrays.copyOfRange(standing.x(), before, length);
  }

  private static void columns(String name, double[] x, RowSource A) {
    if (x != null && x.length != A.columns()) {
      throw new InvalidInputException(
          name
              + ": expected "
              + Counted.of(A.columns(), "entry", "entries")
              + ", one for each column of the matrix, got "
              + x.length);
    }
  }

  /** The slacks at a start point are not 0, and have the signs that are said. */
  static void start(StartSums there, RowSource A, VectorSource b, double[] start) {
    if (there.noSlack() >= 0) {
      throw new InvalidInputException(
          "start, row "
              + there.noSlack()
              + " of "
              + A.name()
              + ": expected a nonzero a_i.x - b_i, whose sign the answer shares, got 0");
    }
    if (there.wrongSide() >= 0) {
      double slack = slack(there.wrongSide(), A, b, start);
      throw new InvalidInputException(
          "start, row "
              + there.wrongSide()
              + " of "
              + A.name()
              + ": expected a "
              + (slack < 0 ? "positive" : "negative")
              + " a_i.x - b_i, as the signs say, got "
              + slack);
    }
  }

  private static double slack(long row, RowSource A, VectorSource b, double[] x) {
    double[] a = new double[A.columns()];
    double[] offset = new double[1];
    A.readShared(row, 1, a);
    b.read(row, 1, offset, 0);
    return Dot2.minus(a, x, offset[0]);
  }

  /** Scores near [0, 1] with a sum near d, and not that of another number of columns. */
  static void scores(VectorSource sigma, RowSource A, Profile profile) {
    int d = A.columns();
    if (profile.smallestTarget() < -Profile.NOISE) {
      throw outside(sigma, profile.smallestTargetRow(), profile.smallestTarget());
    }
    if (profile.largestTarget() > 1 + Profile.NOISE) {
      throw outside(sigma, profile.largestTargetRow(), profile.largestTarget());
    }
    if (profile.rowOfZeros() >= 0) {
      throw new InvalidInputException(
          sigma.name()
              + ", row "
              + profile.rowOfZeros()
              + ": expected 0, the score of a row of zeros of "
              + A.name()
              + ", got "
              + profile.targetOfZeros());
    }
    String others = otherColumns(profile.targetSum(), d);
    if (others != null) {
      throw new InvalidInputException(
          sigma.name()
              + ": expected scores of "
              + A.name()
              + ", which sum to "
              + d
              + ", "
              + others);
    }
    if (Math.abs(profile.targetSum() - d) > SUM_OFF * d) {
      throw new InvalidInputException(
          sigma.name()
              + ": expected a sum of d = "
              + d
              + " (the columns of A), got "
              + profile.targetSum());
    }
  }

  /** Some score is larger than its error: others say "less than that" and nothing of x. */
  static void informative(VectorSource sigma, TargetNoise noise) {
    double delta = noise.uncertainty().delta(noise.largest());
    if (noise.uncertainty().isCoarse() && noise.largest() <= delta) {
      throw new InvalidInputException(
          sigma.name()
              + ": expected scores above their errors of "
              + delta
              + " ("
              + noise.uncertainty().words()
              + "), got none above "
              + noise.largest()
              + ": they say nothing of x");
    }
  }

  /** What a sum says that is that of a matrix with other columns; null where it is not. */
  static String otherColumns(double sum, int d) {
    long columns = Math.round(sum);
    if (columns == d || columns < 1 || Math.abs(sum - columns) > WHOLE) {
      return null;
    }
    String what =
        columns > d
            ? "columns are missing, such as one of ones"
            : "columns are too many, such as an index or a response";
    return String.format(
        Locale.ROOT,
        "got a sum of %.7g, as of %s instead of %d: %s?",
        sum,
        Counted.of(columns, "column"),
        d,
        what);
  }

  private static InvalidInputException outside(VectorSource sigma, long row, double value) {
    return new InvalidInputException(
        sigma.name()
            + ", row "
            + row
            + ": expected a leverage score between 0 and 1, got "
            + value);
  }

  /**
   * The columns of A depend on each other, or all that does not is lost where they are weighted.
   */
  static InvalidInputException dependentColumns(RowSource A, Rank rank, Throwable cause) {
    if (rank.rank() == A.columns()) {
      return new InvalidInputException(
          A.name()
              + ": expected a point where the columns of diag(Ax - b)^-1 A are independent in the"
              + " range of doubles",
          cause);
    }
    return new InvalidInputException(
        A.name()
            + ": expected independent columns, rank "
            + A.columns()
            + ", got rank "
            + rank.rank()
            + dependence(rank.dependent(), A),
        cause);
  }

  private static String dependence(List<Integer> columns, RowSource A) {
    List<String> names = A.columnNames();
    int others = columns.size() - 1;
    if (others < 0) {
      return "";
    }
    String what = ": column " + column(columns.get(0), names);
    if (others == 0) {
      return what + (A instanceof ShiftedRows ? " is the same in every row" : " is 0 in every row");
    }
    if (others == 1) {
      return what + " is a multiple of column " + column(columns.get(1), names);
    }
    int listed = others <= MOST_COLUMNS ? others : MOST_COLUMNS;
    return what
        + " depends on columns "
        + columns.subList(1, listed).stream()
            .map(j -> column(j, names))
            .collect(Collectors.joining(", "))
        + " and "
        + (listed == others ? column(columns.get(others), names) : others - listed + 1 + " more");
  }

  private static String column(int j, List<String> names) {
    return j + (names == null ? "" : " (" + names.get(j) + ")");
  }

  /** omega for each of n rows, or null where it is zero everywhere. */
  static VectorSource omega(LocalOptions options, long n) {
    double[] given = options.regularization();
    if (given == null) {
      return null;
    }
    if (given.length != 1 && given.length != n) {
      throw new InvalidInputException(
          "regularization: expected one number, or "
              + n
              + ", one for each row of the matrix, got "
              + given.length);
    }
    if (Arrays.stream(given).noneMatch(value -> value > 0)) {
      return null;
    }
    return given.length == 1
        ? VectorSource.constant("regularization", n, given[0])
        : VectorSource.of("regularization", given);
  }
}
