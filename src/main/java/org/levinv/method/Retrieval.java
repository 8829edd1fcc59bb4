package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Stage 2 without signs. With z = (x, 1) / c the magnitudes say |[A, -b] z| = e^{-t}: real phase
 * retrieval. Rows are brought near radial isotropic position, where the odds are best; z starts at
 * a spectral estimate (Wang, Giannakis and Eldar, Solving systems of random quadratic equations via
 * truncated amplitude flow, 2018, arXiv:1605.08285, and later weightings of it) and takes amplitude
 * flow steps in an orthonormal basis, reweighted and plain in turn. A plain step is the
 * least-squares solution for the signs of the moment, so once the signs stay the same the answer is
 * there.
 */
final class Retrieval {

  /** Starts tried: the spectral one, then random ones. */
  private static final int STARTS = 10;

  /** Steps of one start. */
  private static final int STEPS = 100;

  /** Below this relative residual the start was a good one. */
  private static final double GOOD = 1e-2;

  private final Device device;
  private final TallMatrix A;
  private final Vector b;
  private final GramFactor gram;

  Retrieval(TallMatrix A, Vector b, GramFactor gram, Workspace space) {
    device = space.device();
    this.A = A;
    this.b = b;
    this.gram = gram;
  }

  /**
   * Finds x, up to the errors of t.
   *
   * @param t the magnitudes, log 1/|s|
   * @param balance weights near radial isotropic position; changed
   * @param spectral whether the first start is the spectral one
   * @return the relative residual of the amplitudes, or NaN where the rows do not determine x
   */
  double run(
      Vector t, Vector balance, SplittableRandom random, boolean spectral, Steps steps, Vector x) {
    try (Workspace own = new Workspace(device)) {
      return run(t, balance, random, spectral, steps, x, own);
    }
  }

  private double run(
      Vector t,
      Vector v,
      SplittableRandom random,
      boolean spectral,
      Steps steps,
      Vector x,
      Workspace own) {
    long m = A.rows();
    int D = A.columns() + 1;
    Vector work = own.vector(m);
    Vector u = own.vector(m);
    Vector fit = own.vector(A.columns());
    Vector change = own.vector(A.columns());
    if (!Magnitudes.factor(gram, A, v, work, device)) {
      return Double.NaN;
    }
    Vector rest = own.vector(m);
    device.copy(b, rest);
    for (int pass = 0;
        pass < 2;
        pass++) { // rest = b - A fit, its weighted least squares fit: [A, rest] is as well
      // conditioned as A
      device.map(Formula.SQUARE_TIMES, 0, v, rest, null, work);
      A.transposeTimes(work, change);
      gram.solve(change);
      device.axpy(1, change, fit);
      A.times(fit, work);
      device.copy(b, rest);
      device.axpy(-1, work, rest);
    }
    device.multiply(v, rest, work);
    double beta = Math.sqrt(device.dot(work, work));
    if (!(beta > 0)) {
      return Double.NaN;
    }
    device.scale(-1 / beta, rest);
    TallMatrix B = A.withColumn(rest, own); // B = [A, -(b - A fit) / beta]
    A.squaredNorms(gram.inverseR(), work);
    device.map(Formula.SQUARE, 0, rest, null, null, u);
    device.axpy(1, u, work);
    inverseRoot(work, v); // v_i = 1 / ||row i of B in the basis where diag(v) B is orthonormal||
    GramFactor whole = new GramFactor(D, own);
    if (m <= 8L * D) { // few rows: one more round towards radial isotropic position
      if (!Magnitudes.factor(whole, B, v, work, device)) {
        return Double.NaN;
      }
      B.squaredNorms(whole.inverseR(), work);
      inverseRoot(work, v);
    }
    if (!Magnitudes.factor(whole, B, v, work, device)) {
      return Double.NaN;
    }
    TallMatrix Q = B.allocate(D, own);
    B.scaledTriangular(v, whole.inverseR(), Q); // Q = diag(v) B R^-1, orthonormal
    Vector h = own.vector(m);
    device.map(Formula.EXP, -device.sum(t) / m, negated(t, work), null, null, h);
    device.multiply(v, h, h); // |Q z| = h
    double length = device.dot(h, h);
    if (!(length > 0 && length < Double.POSITIVE_INFINITY)) {
      return Double.NaN;
    }
    Vector z = own.vector(D);
    Vector best = own.vector(D);
    double residual = flow(Q, h, random, spectral, steps, z, best, own);
    return place(best, whole, fit, beta, x, own) ? residual : Double.NaN;
  }

  private Vector negated(Vector t, Vector to) {
    device.copy(t, to);
    device.scale(-1, to);
    return to;
  }

  private void inverseRoot(Vector from, Vector to) {
    device.map(Formula.ROOT, 0, from, null, null, to);
    device.map(Formula.RECIPROCAL, 0, to, null, null, to);
  }

  /** Solves |Q z| = h from several starts; the best z goes to {@code best}. */
  private double flow(
      TallMatrix Q,
      Vector h,
      SplittableRandom random,
      boolean spectral,
      Steps steps,
      Vector z,
      Vector best,
      Workspace own) {
    Vector u = own.vector(Q.rows());
    Vector before = own.vector(Q.rows());
    Vector work = own.vector(Q.rows());
    Vector gradient = own.vector(Q.columns());
    double length = Math.sqrt(device.dot(h, h));
    double reached = Double.POSITIVE_INFINITY;
    int total = 0;
    for (int attempt = 0; attempt < STARTS; attempt++) {
      if (attempt == 0 && spectral) {
        spectral(Q, h, work, z, own);
      } else {
        device.upload(gaussian(Q.columns(), random), z);
      }
      device.scale(length / Math.sqrt(device.dot(z, z)), z);
      Q.times(z, u);
      int same = 0;
      for (int k = 0; k < STEPS && same < 3; k++) {
        boolean reweighted = k % 2 == 0 && same < 2;
        device.map(
            Formula.AMPLITUDE_RESIDUAL, reweighted ? 5 : 0, u, h, null, work); // g o (u - h sign u)
        Q.transposeTimes(work, gradient);
        device.axpy(reweighted ? -2 : -1, gradient, z); // z = z - step Q^T (...)
        device.copy(u, before);
        Q.times(z, u);
        total++;
        device.map(Formula.SIGN_CHANGED, 0, u, before, null, work);
        same = device.sum(work) == 0 ? same + 1 : 0;
      }
      device.map(Formula.AMPLITUDE_RESIDUAL, 0, u, h, null, work);
      double residual = Math.sqrt(device.dot(work, work)) / length;
      steps.step("signs", total, residual);
      if (residual < reached) {
        reached = residual;
        device.copy(z, best);
      }
      if (reached < GOOD || (attempt >= 6 && reached < 5 * GOOD)) {
        break;
      }
    }
    return reached;
  }

  /**
   * z = the leading eigenvector of Q^T diag((H - 1) / (H + sqrt(m / D) - 1)) Q, H = h^2 / mean h^2.
   */
  private void spectral(TallMatrix Q, Vector h, Vector work, Vector z, Workspace own) {
    int D = Q.columns();
    Matrix S = own.matrix(D, D);
    Matrix V = own.matrix(D, D);
    Vector values = own.vector(D);
    double mean = device.dot(h, h) / Q.rows();
    device.map(Formula.SQUARE, 0, h, null, null, work);
    device.scale(1 / mean, work);
    device.map(Formula.SHIFT, -1, work, null, null, work); // H - 1
    device.map(Formula.SHIFTED_QUOTIENT, Math.sqrt((double) Q.rows() / D), work, work, null, work);
    Q.weightedGram(work, S);
    device.symmetricEigen(S, V, values);
    double[] last = new double[D];
    last[D - 1] = 1;
    device.multiply(V, false, own.upload(last), z);
  }

  private static double[] gaussian(int length, SplittableRandom random) {
    double[] z = new double[length];
    for (int j = 0; j < length; j++) { // Box and Muller
      z[j] =
          Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
              * Math.cos(2 * Math.PI * random.nextDouble());
    }
    return z;
  }

  /** x = fit + beta q_x / q_1 with q = R^-1 z. */
  private boolean place(
      Vector z, GramFactor whole, Vector fit, double beta, Vector x, Workspace own) {
    int d = A.columns();
    Vector q = own.vector(d + 1);
    device.multiply(whole.inverseR(), false, z, q);
    double[] values = new double[d + 1];
    device.download(q, values);
    if (values[d] == 0) {
      return false;
    }
    double[] moved = new double[d];
    device.download(fit, moved);
    for (int j = 0; j < d; j++) {
      moved[j] += beta * values[j] / values[d];
    }
    device.upload(moved, x);
    return Arrays.stream(moved).allMatch(Double::isFinite);
  }
}
