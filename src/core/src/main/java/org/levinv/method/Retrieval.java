package org.levinv.method;

import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.Formula;
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

  /**
   * Starts tried: the spectral one, then random ones. More: where no slack is small, searches of
   * small problems end sooner and fail less often (of 90, 12 instead of 18 with 10), and hopeless
   * ones cost more (a fifth).
   */
  private static final int STARTS = 25;

  /**
   * Where rows decouple: signs of all groups are seldom found at once, and there are other ways.
   */
  private static final int STARTS_OF_GROUPS = 10;

  /** Steps of one start. */
  private static final int STEPS = 100;

  /** Signs are worth a trial below this relative residual of the amplitudes. */
  private static final double NEAR = 0.25;

  /** Settles signs and places x; returns the relative misfit of that, or NaN. */
  @FunctionalInterface
  interface Trial {
    double misfit(Vector signs);
  }

  /** Within this factor, misfits of two starts are the same. */
  private static final double SAME = 1.001;

  /**
   * Starts that find the best misfit again: the others find nothing better, mostly. Larger: where
   * magnitudes are wrong in weak directions, failing costs as much more; 5 are 1 to 200 units.
   */
  private static final int ENOUGH = 5;

  /**
   * Rounds that starts may take together, each of 4 m D flops, in units of m d^2: no start begins
   * after them. Larger: where d is 2 or 3, so many more units are lost where none succeeds.
   */
  private static final double MOST_WORK = 150;

  /** Up to so many times the misfit that is good, one that two starts find is good as well. */
  private static final double FAIR = 3;

  private final Device device;
  private final TallMatrix A;
  private final Vector b;
  private final GramFactor gram;

  private final int starts;

  /**
   * @param groups of rows that are coupled with none outside
   */
  Retrieval(TallMatrix A, Vector b, GramFactor gram, int groups, Workspace space) {
    starts = groups == 1 ? STARTS : STARTS_OF_GROUPS;
    device = space.device();
    this.A = A;
    this.b = b;
    this.gram = gram;
  }

  /**
   * Finds signs.
   *
   * @param w weights whose Gram matrix has been factored
   * @param norms ||R^-T a_i||^2 for each row, nearly
   * @param slacks |s|, up to a factor; changed
   * @param good misfit of a trial that has found the signs
   * @return the least misfit of a trial, that of the last one; NaN where the rows do not determine
   *     x
   */
  double run(
      Vector w,
      Vector norms,
      Vector slacks,
      SplittableRandom random,
      boolean spectral,
      double good,
      Steps steps,
      Trial trial) {
    try (Workspace own = new Workspace(device)) {
      TallMatrix Q = basis(w, norms, slacks, own);
      return Q == null ? Double.NaN : flow(Q, slacks, random, spectral, good, steps, trial, own);
    }
  }

  /**
   * Q = diag(v) [A, -b] M with orthonormal columns and rows of nearly equal length, and h = v o h,
   * so that |Q z| = h; null where there is none.
   */
  private TallMatrix basis(Vector w, Vector norms, Vector h, Workspace own) {
    long m = A.rows();
    int D = A.columns() + 1;
    Vector work = own.vector(m);
    Vector fit = own.vector(A.columns());
    Vector rest = own.vector(m);
    device.map(Formula.SQUARE_TIMES, 0, w, b, null, work);
    A.transposeTimes(work, fit);
    gram.solve(fit);
    A.times(fit, work);
    device.copy(b, rest);
    device.axpy(-1, work, rest); // b - A fit, fit = G^-1 A^T W^2 b
    device.multiply(w, rest, work);
    double beta = Math.sqrt(device.dot(work, work));
    if (!(beta > 0)) {
      return null;
    }
    device.scale(-1 / beta, rest);
    TallMatrix B = A.withColumn(rest, own); // as well conditioned as A
    Vector v = own.vector(m);
    device.map(Formula.SQUARE, 0, rest, null, null, work);
    device.axpy(1, norms, work);
    inverseRoot(work, v); // v_i = 1 / ||row i of B in the basis where diag(w) B is orthonormal||
    GramFactor whole = new GramFactor(D, own);
    if (m <= 8L * D) { // few rows: one more round towards radial isotropic position
      if (!Magnitudes.factor(whole, B, v, work, device)) {
        return null;
      }
      B.squaredNorms(whole.inverseR(), work);
      inverseRoot(work, v);
    }
    if (!Magnitudes.factor(whole, B, v, work, device)) {
      return null;
    }
    TallMatrix Q = B.allocate(D, own);
    B.scaledTriangular(v, whole.inverseR(), Q); // Q = diag(v) B R^-1
    device.multiply(v, h, h);
    double length = device.dot(h, h);
    return length > 0 && length < Double.POSITIVE_INFINITY ? Q : null;
  }

  private void inverseRoot(Vector from, Vector to) {
    device.map(Formula.ROOT, 0, from, null, null, to);
    device.map(Formula.RECIPROCAL, 0, to, null, null, to);
  }

  /** Solves |Q z| = h from several starts, until a trial of the signs is good. */
  private double flow(
      TallMatrix Q,
      Vector h,
      SplittableRandom random,
      boolean spectral,
      double good,
      Steps steps,
      Trial trial,
      Workspace own) {
    Vector z = own.vector(Q.columns());
    Vector u = own.vector(Q.rows());
    Vector before = own.vector(Q.rows());
    Vector work = own.vector(Q.rows());
    Vector gradient = own.vector(Q.columns());
    Vector best = own.vector(Q.rows());
    double length = Math.sqrt(device.dot(h, h));
    double least = Double.POSITIVE_INFINITY;
    int lastOfBest = -1;
    int total = 0;
    int repeats = 0;
    double d = A.columns();
    double perRound = 4 * (d + 1) / (d * d);
    for (int attempt = 0;
        attempt < starts && repeats < ENOUGH && perRound * total < MOST_WORK;
        attempt++) {
      if (attempt == 0 && spectral) {
        spectral(Q, h, work, z, own);
      } else {
        device.upload(gaussian(Q.columns(), random), z);
      }
      device.scale(length / Math.sqrt(device.dot(z, z)), z);
      Q.times(z, u);
      int same = 0;
      boolean tried = false;
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
        tried &= same > 0;
        if (same > 0 && !reweighted && !tried) { // these signs fit themselves: do they settle?
          tried = true;
          device.map(Formula.AMPLITUDE_RESIDUAL, 0, u, h, null, work);
          double residual = Math.sqrt(device.dot(work, work)) / length;
          device.map(Formula.SIGN, 0, u, null, null, before);
          double misfit = residual < NEAR ? trial.misfit(before) : 1 + residual;
          steps.step("signs", total, misfit);
          if (misfit < least) {
            repeats = misfit < least / SAME ? 0 : repeats;
            least = misfit;
            lastOfBest = attempt;
            device.copy(before, best);
          }
          boolean again = lastOfBest < attempt && misfit <= SAME * least;
          repeats += again ? 1 : 0;
          if (least < good || (again && least < FAIR * good)) {
            return least;
          }
        }
      }
      if (!tried) { // some 400 m d flops: a limit on the work has its say
        steps.step("signs", total, least);
      }
    }
    return trial.misfit(best);
  }

  /**
   * z = the leading eigenvector of Q^T diag((H - 1) / (H + sqrt(m / D) - 1)) Q, H = h^2 / mean h^2.
   */
  private void spectral(TallMatrix Q, Vector h, Vector work, Vector z, Workspace own) {
    double mean = device.dot(h, h) / Q.rows();
    device.map(Formula.SQUARE, 0, h, null, null, work);
    device.scale(1 / mean, work);
    device.map(Formula.SHIFT, -1, work, null, null, work); // H - 1
    device.map(
        Formula.SHIFTED_QUOTIENT,
        Math.sqrt((double) Q.rows() / Q.columns()),
        work,
        work,
        null,
        work);
    SpectralStart.of(Q, work, z, own);
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
}
