package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.pass.FactorPass;
import org.levinv.pass.NormsPass;
import org.levinv.pass.ResidualPass;
import org.levinv.pass.ResidualSums;
import org.levinv.pass.TermWeights;
import org.levinv.pass.UnitRows;
import org.levinv.rows.RowMap;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Whether b lies in the range of A. Then all slacks can be scaled together without a change of the
 * scores, and x is not unique. The measure is the componentwise backward error max_i |A z - b|_i /
 * (|A| |z| + |b|)_i of the best z found: about 1e-16 where b is in range, whatever the condition of
 * A and the scales of rows and columns are.
 */
public final class OffsetInRange {

  /** Up to this backward error, b is in range. */
  public static final double THRESHOLD = 1e-13;

  /** Of the largest terms: weights of rows differ by the inverse of this at most. */
  private static final double BOUNDED_WEIGHTS = 1e-14;

  private static final int ROUNDS = 3;
  private static final int MOST_REFINEMENTS = 12;

  private final TallMatrix A;
  private final Vector b;
  private final Device device;
  private final Vector weights;
  private final Vector rest;
  private final Vector terms;
  private final Vector weighted;
  private final Vector z;
  private final Vector change;
  private final Matrix R;

  private OffsetInRange(TallMatrix A, Vector b, Workspace space) {
    int d = A.columns();
    this.A = A;
    this.b = b;
    this.device = space.device();
    this.weights = new Equilibration(A, space).rows();
    this.rest = space.vector(A.rows());
    this.terms = space.vector(A.rows());
    this.weighted = space.vector(A.rows());
    this.z = space.vector(d);
    this.change = space.vector(d);
    this.R = space.matrix(d, d);
  }

  /**
   * Whether b (n) is in the range of A (n x d, full rank). A sample of rows where it is not shows
   * that it is not.
   */
  public static boolean holds(TallMatrix A, Vector b, Device device) {
    return backwardError(A, b, device) <= THRESHOLD;
  }

  /**
   * Whether b is in the range of A for all rows of a store, which have offsets; two readings for
   * each of up to three solutions, one for each correction, and one.
   */
  public static boolean holds(RowStore rows) {
    return backwardError(rows) <= THRESHOLD;
  }

  /** The backward error for all rows of a store, as for a matrix in memory. */
  public static double backwardError(RowStore rows) {
    double[] c = Equilibration.columns(rows.run(new NormsPass(rows.columns())));
    RowMap weights = new UnitRows(c);
    double best = Double.POSITIVE_INFINITY;
    for (int round = 0; round < ROUNDS && !(best <= THRESHOLD); round++) {
      StoreSolution found = solve(rows, weights);
      best = Math.min(best, found.backwardError());
      weights = new TermWeights(found.z(), BOUNDED_WEIGHTS * found.largestTerms());
    }
    return best;
  }

  /** A least squares solution, its backward error, and the largest of the terms that cancel. */
  private record StoreSolution(double[] z, double backwardError, double largestTerms) {}

  /** As {@link #solve()}; one reading for R, one for each correction, and one. */
  private static StoreSolution solve(RowStore rows, RowMap weights) {
    Device device = rows.device();
    int d = rows.columns();
    double[] z = new double[d];
    try (Workspace own = new Workspace(device)) {
      Matrix R = own.matrix(d, d);
      Vector change = own.vector(d);
      device.copy(rows.run(new FactorPass(weights, false)), R); // U A = Q R
      avoidZeros(R, device);
      ResidualSums at = rows.run(new ResidualPass(z, weights));
      for (int k = 0; k < MOST_REFINEMENTS && at.norm() > 0; k++) {
        device.copy(at.gradient(), change);
        device.solve(R, change); // (R^T R)^-1 A^T U^2 (b - A z)
        double[] step = new double[d];
        device.download(change, step);
        double[] trial = z.clone();
        Arrays.setAll(trial, j -> z[j] + step[j]);
        ResidualSums next = rows.run(new ResidualPass(trial, weights));
        if (!(next.norm() < at.norm())) {
          break;
        }
        System.arraycopy(trial, 0, z, 0, d);
        at = next;
      }
      return new StoreSolution(z, at.backwardError(), at.largestTerms());
    }
  }

  /**
   * The backward error of the best z of up to three least squares solutions: rows weighted by their
   * norms, then by the sizes of their own terms. Ends early where one is in range; six to twelve
   * units of work.
   */
  public static double backwardError(TallMatrix A, Vector b, Device device) {
    try (Workspace space = new Workspace(device)) {
      OffsetInRange test = new OffsetInRange(A, b, space);
      double best = Double.POSITIVE_INFINITY;
      for (int round = 0; round < ROUNDS && !(best <= THRESHOLD); round++) {
        test.solve();
        best = Math.min(best, test.error());
        test.reweight();
      }
      return best;
    }
  }

  /**
   * z that minimises ||U (A z - b)||, U = diag(weights): corrected seminormal equations, as many
   * corrections as help. Each takes eps cond(A) off the error, so that no Q is kept. Ake Bjorck,
   * "Stability Analysis of the Method of Seminormal Equations for Linear Least Squares Problems",
   * 1987.
   */
  private void solve() {
    A.triangularFactor(weights, R); // U A = Q R
    avoidZeros(R, device);
    device.fill(0, z);
    double best = residual();
    for (int k = 0; k < MOST_REFINEMENTS && best > 0; k++) {
      device.multiply(weights, weighted, weighted);
      A.transposeTimes(weighted, change);
      device.solve(R, change); // (R^T R)^-1 A^T U^2 (b - A z)
      device.axpy(1, change, z);
      double next = residual();
      if (!(next < best)) {
        device.axpy(-1, change, z);
        residual();
        return;
      }
      best = next;
    }
  }

  /** rest = b - A z, weighted = U rest; its norm. */
  private double residual() {
    A.times(z, rest);
    device.scale(-1, rest);
    device.axpy(1, b, rest); // b - A z
    device.multiply(weights, rest, weighted);
    return Math.sqrt(device.dot(weighted, weighted));
  }

  /**
   * terms_i = sqrt(d) ||a_i o z|| + |b_i|, at least (|A| |z| + |b|)_i and at most sqrt(d) times as
   * much; the largest quotient.
   */
  private double error() {
    int d = A.columns();
    double[] solution = new double[d];
    device.download(z, solution);
    double[] diagonal = new double[d * d];
    for (int j = 0; j < d; j++) {
      diagonal[j * d + j] = Math.sqrt(d) * solution[j];
    }
    device.upload(diagonal, R);
    A.squaredNorms(R, terms); // d sum_j (a_ij z_j)^2
    device.map(Formula.ROOT, 0, terms, null, null, terms);
    device.map(Formula.MAGNITUDE, 0, b, null, null, weighted);
    device.axpy(1, weighted, terms); // + |b_i|
    device.map(
        Formula.RECIPROCAL,
        0,
        terms,
        null,
        null,
        weights); // a row of zeros with b_i = 0 says nothing
    device.multiply(weights, rest, weighted);
    device.map(Formula.MAGNITUDE, 0, weighted, null, null, weighted);
    return device.max(weighted); // max_i |b - A z|_i / terms_i
  }

  /** Weights 1 / terms, of which the largest is some 1e14 times the least at most. */
  private void reweight() {
    device.map(Formula.SHIFT, BOUNDED_WEIGHTS * device.max(terms), terms, null, null, weights);
    device.map(Formula.RECIPROCAL, 0, weights, null, null, weights);
  }

  private static void avoidZeros(Matrix R, Device device) {
    int d = R.columns();
    double[] entries = new double[d * d];
    device.download(R, entries);
    double largest = Arrays.stream(entries).map(Math::abs).max().orElse(0);
    for (int j = 0; j < d; j++) {
      if (Math.abs(entries[j * d + j]) <= 1e-30 * largest) {
        entries[j * d + j] = 1e300; // a column that depends on others is not used
      }
    }
    device.upload(entries, R);
  }
}
