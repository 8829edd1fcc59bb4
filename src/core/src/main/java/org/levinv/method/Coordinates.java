package org.levinv.method;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.rows.RowStore;

/**
 * The coordinates in which x is sought. A Gram inverse loses the square of cond(A); where that
 * matters, rows become a_i R^-1 and x becomes R x, with R from a Householder QR of rows that
 * matter. All rows and the sample stay in step.
 */
public final class Coordinates {

  /** Rows of R may be this many times longer than their diagonal entries. */
  private static final double GRADED = 50;

  private final RowStore rows;
  private final Device device;
  private final Matrix C;
  private final Matrix inverse;
  private final Matrix work;
  private boolean changed;

  /** Those in which the rows were read. */
  Coordinates(RowStore rows, Workspace space) {
    this.rows = rows;
    int columns = rows.columns();
    device = space.device();
    C = space.matrix(columns, columns);
    inverse = space.matrix(columns, columns);
    work = space.matrix(columns, columns);
    device.addDiagonal(1, null, C);
    device.addDiagonal(1, null, inverse);
  }

  /**
   * Rows become a_i R^-1, also those of a sample; x = R x from now on. R is taken from a QR with
   * column pivoting instead where its rows are far longer than its diagonal: R x would have large
   * entries that cancel in A R^-1 R x.
   */
  void rebase(GramFactor factor, SampleProblem sample) {
    rebase(factor);
    sample.gatherAgain(rows);
  }

  /** The same where no sample is left in use. */
  void rebase(GramFactor factor) {
    changed = true;
    boolean isGraded = spread(factor.R()) > GRADED;
    if (!isGraded || !rebasePivoted(factor.R())) {
      rows.changeCoordinates(factor.inverseR(), true);
      compose(factor.R(), factor.inverseR());
    }
  }

  /** C = R C and C^-1 = C^-1 R^-1. */
  private void compose(Matrix R, Matrix inverseR) {
    device.multiply(R, false, C, false, work);
    device.copy(work, C);
    device.multiply(inverse, false, inverseR, false, work);
    device.copy(work, inverse);
  }

  /** The largest ratio of the length of a row of R to its diagonal entry. */
  private double spread(Matrix R) {
    int d = R.columns();
    double[] entries = new double[d * d];
    device.download(R, entries);
    double largest = 0;
    for (int k = 0; k < d; k++) {
      double square = 0;
      for (int j = k; j < d; j++) {
        square += entries[k * d + j] * entries[k * d + j];
      }
      largest = Math.max(largest, Math.sqrt(square) / Math.abs(entries[k * d + k]));
    }
    return largest;
  }

  /**
   * With R P = Q T: T P^T takes the place of R. False where T is singular, as rounding may leave it
   * of an R with columns that are parallel to the last digit.
   */
  private boolean rebasePivoted(Matrix R) {
    int d = R.columns();
    try (Workspace own = new Workspace(device)) {
      double[] columns = new double[d * d];
      device.download(R, columns);
      int[] order = pivots(columns, d);
      double[] permutation = new double[d * d];
      for (int k = 0; k < d; k++) {
        permutation[order[k] * d + k] = 1;
      }
      Matrix P = own.matrix(d, d);
      Matrix T = own.matrix(d, d);
      Matrix inverseT = own.matrix(d, d);
      Matrix forward = own.matrix(d, d);
      Matrix backward = own.matrix(d, d);
      device.upload(permutation, P);
      Rows stack = own.rows(d, d);
      device.download(R, columns);
      device.upload(columns, d, stack, 0);
      device.timesMatrix(stack, P, stack);
      Vector ones = own.vector(d);
      device.fill(1, ones);
      device.triangularFactor(stack, ones, T); // R P = Q T
      if (Arrays.stream(device.diagonal(T)).anyMatch(entry -> entry == 0)) {
        return false;
      }
      device.invertTriangular(T, inverseT);
      device.multiply(T, false, P, true, forward);
      device.multiply(P, false, inverseT, false, backward);
      rows.changeCoordinates(backward, false);
      compose(forward, backward);
      return true;
    }
  }

  /**
   * The order of column pivoting, the longest of what is left first, by Gram-Schmidt on the columns
   * of R, which it changes.
   */
  private static int[] pivots(double[] R, int d) {
    int[] order = IntStream.range(0, d).toArray();
    for (int k = 0; k < d; k++) {
      double[] squares = new double[d];
      for (int i = 0; i < d; i++) {
        for (int j = k; j < d; j++) {
          squares[j] += R[i * d + order[j]] * R[i * d + order[j]];
        }
      }
      int longest = k;
      for (int j = k + 1; j < d; j++) {
        longest = squares[j] > squares[longest] ? j : longest;
      }
      int pivot = order[longest];
      order[longest] = order[k];
      order[k] = pivot;
      double[] products = new double[d];
      for (int i = 0; i < d; i++) {
        for (int j = k + 1; j < d; j++) {
          products[j] += R[i * d + pivot] * R[i * d + order[j]];
        }
      }
      double square = squares[longest] > 0 ? squares[longest] : 1;
      for (int i = 0; i < d; i++) {
        for (int j = k + 1; j < d; j++) {
          R[i * d + order[j]] -= products[j] / square * R[i * d + pivot];
        }
      }
    }
    return order;
  }

  /** Original coordinates of a vector of these. */
  public double[] toOriginal(Vector x) {
    double[] values = new double[C.columns()];
    try (Workspace own = new Workspace(device)) {
      Vector original = own.vector(values.length);
      device.multiply(inverse, false, x, original);
      device.download(changed ? original : x, values);
    }
    return values;
  }

  /** The same of d numbers of the host. */
  public double[] toOriginal(double[] x) {
    try (Workspace own = new Workspace(device)) {
      return toOriginal(own.upload(x));
    }
  }

  /** These coordinates for original ones, d numbers. */
  public double[] fromOriginal(double[] values) {
    double[] x = new double[values.length];
    try (Workspace own = new Workspace(device)) {
      Vector at = own.vector(values.length);
      fromOriginal(values, at);
      device.download(at, x);
    }
    return x;
  }

  /** x = the vector of these coordinates for original ones. */
  public void fromOriginal(double[] values, Vector x) {
    try (Workspace own = new Workspace(device)) {
      device.multiply(C, false, own.upload(values), x);
    }
  }
}
