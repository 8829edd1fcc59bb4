package org.levinv.method.common;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Some rows of a store in the memory of its device, at a point: U = W A, V = U R^-1 (so that P = V
 * V^T), scores and residuals, all of them from the rows, x and R^-1 alone. Row i counts q_i times.
 */
public final class SampledRows {
  final TallMatrix A;
  final Vector q;
  final Vector sigma;
  final Vector r;
  final TallMatrix U;
  final TallMatrix V;
  final TallMatrix qU;
  private final Device device;
  private final long[] numbers;
  private final double[] counts;
  private final boolean whole;
  private final Vector b;
  private final Vector target;
  private final Vector w;
  private final Vector ones;
  private final Vector prior;
  private Weights weights = Weights.BARRIER;
  private double unit;

  /**
   * Gathers rows, in the coordinates of the store; four matrices of their size in memory of {@code
   * space}.
   *
   * @param numbers of the m rows, ascending
   * @param counts how often each counts, 1 / probability
   */
  public SampledRows(RowStore rows, long[] numbers, double[] counts, Workspace space) {
    device = space.device();
    this.numbers = numbers.clone();
    this.counts = counts.clone();
    whole = numbers.length == rows.rows();
    int m = numbers.length;
    int d = rows.columns();
    A = rows.gather(numbers, space);
    b = space.upload(rows.gather(Field.OFFSET, numbers));
    target = space.upload(rows.gather(Field.TARGET, numbers));
    prior = rows.has(Field.PRIOR) ? space.upload(rows.gather(Field.PRIOR, numbers)) : null;
    q = space.upload(counts);
    w = space.vector(m);
    ones = space.vector(m);
    sigma = space.vector(m);
    r = space.vector(m);
    U = A.allocate(d, space);
    V = A.allocate(d, space);
    qU = A.allocate(d, space);
    device.fill(1, ones);
  }

  /** All rows of a store, once each. */
  public static SampledRows all(RowStore rows, Workspace space) {
    double[] once = new double[Math.toIntExact(rows.rows())];
    Arrays.fill(once, 1);
    return new SampledRows(rows, LongStream.range(0, once.length).toArray(), once, space);
  }

  /**
   * The same rows with other weights: U = -S A, S = diag(d log f / d eta), as it is for 1 / s, so
   * that J = -2 L U as there.
   *
   * @param unit logarithm of the unit of f
   */
  public SampledRows with(Weights others, double unit) {
    weights = others;
    this.unit = unit;
    return this;
  }

  Device device() {
    return device;
  }

  /** Rows. */
  public int size() {
    return numbers.length;
  }

  /** to = A y, a move of the slacks for one of x (d, in the coordinates of the store). */
  public void times(Vector y, Vector to) {
    A.times(y, to);
  }

  /** How often each counts. */
  public Vector counts() {
    return q;
  }

  /** sigma - target at the point. */
  public Vector residuals() {
    return r;
  }

  /** Their scores at the point. */
  public double[] scores() {
    return downloaded(sigma);
  }

  /** Their targets. */
  public double[] targets() {
    return downloaded(target);
  }

  private double[] downloaded(Vector v) {
    double[] values = new double[numbers.length];
    device.download(v, values);
    return values;
  }

  /** Whether these are all rows. */
  boolean isWhole() {
    return whole;
  }

  /**
   * Moves to a point; 5 d^2 flops a row.
   *
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = A^T W^2 A of all rows
   */
  public void moveTo(Vector x, Matrix inverseR) {
    A.times(x, w);
    device.axpy(-1, b, w); // s = A x - b
    if (weights.isBarrier()) {
      device.map(Formula.RECIPROCAL, 0, w, null, null, w); // w = 1 / s
      A.scaledTimes(w, null, U); // U = W A
      U.scaledTriangular(ones, inverseR, V); // V = U R^-1
    } else {
      moveWeights(inverseR);
    }
    U.scaledTimes(q, null, qU);
    V.squaredRowNorms(sigma);
    device.map(Formula.SCORE, 0, ones, sigma, null, sigma); // sigma = diagonal(V V^T)
    device.copy(sigma, r);
    device.axpy(-1, target, r); // r = sigma - target
  }

  private void moveWeights(Matrix inverseR) {
    device.copy(w, r);
    device.map(weights.log(), weights.parameter(), r, null, null, w);
    if (prior != null) {
      device.axpy(1, prior, w);
    }
    device.map(Formula.EXP, unit, w, null, null, w); // w = sqrt(v) f(s)
    A.scaledTriangular(w, inverseR, V); // V = W A R^-1
    device.map(weights.slope(), weights.parameter(), r, null, null, w);
    device.scale(-1, w);
    A.scaledTimes(w, null, U); // U = -S A
  }

  /**
   * pairs_i = how often the pair (i, i) counts in a sum over rows i here and k of another draw: the
   * product of both counts, and 0 for a row that is not in both.
   */
  double[] sharedCounts(SampledRows other) {
    double[] pairs = new double[numbers.length];
    int l = 0;
    for (int k = 0; k < numbers.length; k++) {
      while (l < other.numbers.length && other.numbers[l] < numbers[k]) {
        l++;
      }
      if (l < other.numbers.length && other.numbers[l] == numbers[k]) {
        pairs[k] = counts[k] * other.counts[l];
      }
    }
    return pairs;
  }
}
