package org.levinv.method.common;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * Sums over coupled rows, (E C V^T o E V^T) X: row i is the sum over k of (e_i^T C v_k)(e_i^T v_k)
 * x_k. By blocks of rows they cost some 4 m^2 d flops; where columns are few, a column at a time,
 * e_i^T C (V^T diag(x) V) e_i, 3 m d^2 each.
 */
public final class CoupledSums {

  /**
   * Rows of length^2 above this that leave their own term out are summed one by one: it is most of
   * the sum, and nothing would be left of the others if it were taken out of it. At most 1.1 d rows
   * are so long where V has orthonormal columns.
   */
  private static final double LONG = 0.9;

  private final TallMatrix E;
  private final Matrix C;
  private final TallMatrix V;
  private final boolean withoutDiagonal;
  private final Workspace space;
  private final Device device;

  /**
   * Of rows E (m x d) with rows V.
   *
   * @param C d x d, symmetric; or null for the identity
   * @param withoutDiagonal whether row k of E is row k of V, and the terms (k, k) count as zero
   * @param space has the answers
   */
  public CoupledSums(
      TallMatrix E, Matrix C, TallMatrix V, boolean withoutDiagonal, Workspace space) {
    this.E = E;
    this.C = C;
    this.V = V;
    this.withoutDiagonal = withoutDiagonal;
    this.space = space;
    device = space.device();
  }

  /** The sums, one row for each of E. */
  public TallMatrix of(TallMatrix X) {
    double d = E.columns();
    double some = Math.max(E.rows(), V.rows());
    boolean isNarrow = 3 * d * d < 4 * some && E.rows() > 0; // no row may be drawn
    return isNarrow ? byColumns(X) : byBlocks(E, V, X);
  }

  private TallMatrix byBlocks(TallMatrix of, TallMatrix with, TallMatrix X) {
    TallMatrix to = of.allocate(X.columns(), space);
    TallMatrix CE = of;
    if (C != null) {
      Vector ones = space.vector(of.rows());
      device.fill(1, ones);
      CE = of.allocate(of.columns(), space);
      of.scaledTimes(ones, C, CE);
    }
    CE.hadamardTimes(with, of, with, withoutDiagonal, X, to);
    return to;
  }

  private TallMatrix byColumns(TallMatrix X) {
    int m = Math.toIntExact(E.rows());
    int p = X.columns();
    double[] sums = new double[Math.multiplyExact(m, p)];
    double[] own = withoutDiagonal ? ownTerms() : null;
    for (int c = 0; c < p; c++) {
      addColumn(X, c, own, sums);
    }
    if (withoutDiagonal) {
      replaceLong(X, sums);
    }
    return uploaded(sums, m, p);
  }

  /** e_k^T C e_k e_k^T e_k for every row. */
  private double[] ownTerms() {
    int m = Math.toIntExact(E.rows());
    Vector plain = space.vector(m);
    E.squaredRowNorms(plain);
    if (C == null) {
      device.multiply(plain, plain, plain);
    } else {
      Vector form = space.vector(m);
      E.quadraticForms(C, form);
      device.multiply(form, plain, plain);
    }
    return downloaded(plain);
  }

  private void addColumn(TallMatrix X, int c, double[] own, double[] sums) {
    int d = E.columns();
    int p = X.columns();
    try (Workspace column = new Workspace(device)) {
      Matrix N = column.matrix(d, d);
      Vector x = column.vector(V.rows());
      Vector sum = column.vector(E.rows());
      double[] unit = new double[p];
      unit[c] = 1;
      X.times(column.upload(unit), x);
      V.weightedGram(x, N); // N = V^T diag(x) V
      E.quadraticForms(C == null ? N : symmetricProduct(N, column), sum);
      double[] values = downloaded(sum);
      double[] counts = own == null ? null : downloaded(x);
      for (int i = 0; i < values.length; i++) {
        sums[i * p + c] = values[i] - (own == null ? 0 : own[i] * counts[i]);
      }
    }
  }

  /** (C N + N C) / 2. */
  private Matrix symmetricProduct(Matrix N, Workspace own) {
    int d = N.columns();
    Matrix product = own.matrix(d, d);
    Matrix flipped = own.matrix(d, d);
    device.multiply(C, false, N, false, product);
    device.multiply(N, false, C, false, flipped);
    Matrix mean = own.matrix(d, d);
    device.axpy(0.5, product, mean);
    device.axpy(0.5, flipped, mean);
    return mean;
  }

  private void replaceLong(TallMatrix X, double[] sums) {
    int p = X.columns();
    Vector norms = space.vector(E.rows());
    E.squaredRowNorms(norms);
    double[] squares = downloaded(norms);
    int[] rows = IntStream.range(0, squares.length).filter(i -> squares[i] > LONG).toArray();
    if (rows.length == 0) {
      return;
    }
    int[] order = first(rows, Math.toIntExact(V.rows()));
    TallMatrix sum = byBlocks(E.rows(rows, space), V.rows(order, space), X.rows(order, space));
    Vector row = space.vector(p);
    double[] values = new double[p];
    for (int k = 0; k < rows.length; k++) {
      sum.rowTo(k, row);
      device.download(row, values);
      System.arraycopy(values, 0, sums, rows[k] * p, p);
    }
  }

  /** These, then all others of 0 to count - 1. */
  private static int[] first(int[] some, int count) {
    BitSet members = new BitSet();
    Arrays.stream(some).forEach(members::set);
    return IntStream.concat(
            Arrays.stream(some), IntStream.range(0, count).filter(k -> !members.get(k)))
        .toArray();
  }

  private TallMatrix uploaded(double[] entries, int rows, int columns) {
    Rows to = space.rows(rows, columns);
    device.upload(entries, rows, to, 0);
    return ResidentMatrix.of(to, E.meter(), device);
  }

  private double[] downloaded(Vector v) {
    double[] values = new double[Math.toIntExact(v.length())];
    device.download(v, values);
    return values;
  }
}
