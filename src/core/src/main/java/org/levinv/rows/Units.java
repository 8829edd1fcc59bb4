package org.levinv.rows;

import java.io.Serializable;
import java.util.Arrays;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;

/**
 * The units of the solver: column j of A is multiplied by a power of two, b by another. Nothing is
 * rounded, and the scores at A diag(c) x / u - b u are those of the user's problem.
 *
 * @param columns a factor for each column, or null where all are 1
 * @param offset the factor of b
 */
public record Units(double[] columns, double offset) implements Serializable {

  /** The user's own. */
  public static final Units NONE = new Units(null, 1);

  @Override
  public boolean equals(Object other) {
    return other instanceof Units units
        && offset == units.offset
        && Arrays.equals(columns, units.columns);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(columns);
  }

  /** Whether they are the user's own. */
  public boolean isNone() {
    return columns == null && offset == 1;
  }

  /** What undoes them; powers of two have exact inverses. */
  Units inverse() {
    double[] inverses =
        columns == null ? null : Arrays.stream(columns).map(factor -> 1 / factor).toArray();
    return new Units(inverses, 1 / offset);
  }

  /** x (d) in the units of the user; null for null. */
  public double[] toUser(double[] x) {
    return scaled(x, false);
  }

  /** x (d) in the units of the solver; null for null. */
  public double[] fromUser(double[] x) {
    return scaled(x, true);
  }

  private double[] scaled(double[] x, boolean inverse) {
    if (x == null || isNone()) {
      return x;
    }
    double[] y = new double[x.length];
    for (int j = 0; j < x.length; j++) {
      double c = columns == null ? 1 : columns[j];
      y[j] = inverse ? x[j] / c * offset : x[j] / offset * c;
    }
    return y;
  }

  /** The row that starts at entry {@code at}, in place. */
  public void apply(double[] row, int at, int d) {
    for (int j = 0; columns != null && j < d; j++) {
      row[at + j] *= columns[j];
    }
  }

  /** diag(c), d x d, in memory of {@code space}; null where all are 1. */
  Matrix columnFactors(Workspace space) {
    if (columns == null) {
      return null;
    }
    int d = columns.length;
    double[] entries = new double[d * d];
    for (int j = 0; j < d; j++) {
      entries[j * d + j] = columns[j];
    }
    Matrix D = space.matrix(d, d);
    space.device().upload(entries, D);
    return D;
  }
}
