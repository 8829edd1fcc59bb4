package org.levinv.method.groups;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * An orthonormal basis Q = diag(w) A T of the range of weighted rows, m x d, kept up to date as the
 * weights change by factors: then each row keeps its relative accuracy, however small its score,
 * and what is factored is as well conditioned as the factors are alike. Scores are the squared
 * lengths of its rows, and P = Q Q^T.
 */
final class WeightedBasis {

  /**
   * Factors over a larger range are factored by Householder's reflections, not by a Gram matrix.
   */
  private static final double ALIKE = 1e4;

  /** Factors over a larger range are worth a second round, so that Q is orthonormal to rounding. */
  private static final double ONE_ROUND = 30;

  private static final double SINGULAR = 1e-17;

  private final Device device;
  private final Effort effort;
  private final int m;
  private final int d;
  private final Rows A;
  private Rows Q;
  private Rows trialQ;
  private Matrix T;
  private Matrix trialT;
  private final Matrix G;
  private final Matrix R;
  private final Matrix inverseR;
  private final Vector factor;
  private final Vector squares;
  private final Vector ones;
  private double logDeterminant;
  private double trialLogDeterminant;
  private double[] host;

  /** For rows of full rank; nothing is computed yet. */
  WeightedBasis(HostMatrix rows, Workspace space, Effort effort) {
    device = space.device();
    this.effort = effort;
    m = rows.rows();
    d = rows.columns();
    A = space.rows(m, d);
    device.upload(rows.entries(), m, A, 0);
    Q = space.rows(m, d);
    trialQ = space.rows(m, d);
    T = space.matrix(d, d);
    trialT = space.matrix(d, d);
    G = space.matrix(d, d);
    R = space.matrix(d, d);
    inverseR = space.matrix(d, d);
    factor = space.vector(m);
    squares = space.vector(m);
    ones = space.vector(m);
    device.fill(1, ones);
  }

  int rows() {
    return m;
  }

  int columns() {
    return d;
  }

  /** Q, for products of the device. */
  Rows data() {
    return Q;
  }

  /** P = Q Q^T, m x m; 2 m^2 d flops. */
  void projection(Matrix P) {
    try (Workspace own = new Workspace(device)) {
      Matrix q = own.matrix(m, d);
      device.upload(host().entries(), q);
      device.multiply(q, false, q, true, P);
    }
  }

  /** Q = orth(diag(w) A), w of any sign; false where that is singular; 5 m d^2 flops. */
  boolean of(double[] w) {
    logDeterminant = 0;
    double[] identity = new double[d * d];
    for (int j = 0; j < d; j++) {
      identity[j * d + j] = 1;
    }
    device.upload(identity, T);
    device.upload(w, factor);
    boolean regular = orthonormalize(A, true, true);
    if (regular) {
      accept();
    }
    return regular;
  }

  /** A trial basis with weights f o w; false where that is singular; 2 to 5 m d^2 flops. */
  boolean tryFactors(double[] f) {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (double value : f) {
      least = Math.min(least, Math.abs(value));
      most = Math.max(most, Math.abs(value));
    }
    if (!(least > 0 && most < Double.POSITIVE_INFINITY)) {
      return false;
    }
    device.upload(f, factor);
    return orthonormalize(Q, most > ALIKE * least, most > ONE_ROUND * least);
  }

  private boolean orthonormalize(Rows from, boolean householder, boolean twice) {
    double square = (double) d * d;
    if (householder) {
      device.triangularFactor(from, factor, R); // R^T R = A^T diag(f)^2 A
      effort.spend(2 * m * square);
    } else {
      device.multiply(factor, factor, squares);
      device.weightedGram(from, squares, G); // G = A^T diag(f)^2 A
      effort.spend(m * square);
      if (device.cholesky(G, R) != 0) {
        return false;
      }
    }
    if (!invert()) {
      return false;
    }
    trialLogDeterminant = logDeterminant + logDiagonal();
    device.timesTriangular(from, inverseR, trialQ); // Q = diag(f) A R^-1
    device.scaleRows(factor, trialQ, trialQ);
    device.multiply(T, false, inverseR, false, trialT);
    effort.spend(m * square + 2 * square * d);
    if (twice) {
      device.weightedGram(trialQ, ones, G); // G = Q^T Q, nearly I
      if (device.cholesky(G, R) != 0 || !invert()) {
        return false;
      }
      trialLogDeterminant += logDiagonal();
      device.timesTriangular(trialQ, inverseR, trialQ);
      device.copy(trialT, G);
      device.multiply(G, false, inverseR, false, trialT);
      effort.spend(2 * m * square + 2 * square * d);
    }
    return true;
  }

  private boolean invert() {
    double[] range = device.diagonalRange(R);
    if (!(range[0] > SINGULAR * range[1] && range[1] < Double.POSITIVE_INFINITY)) {
      return false;
    }
    device.invertTriangular(R, inverseR);
    return true;
  }

  private double logDiagonal() {
    double sum = 0;
    for (double value : device.diagonal(R)) {
      sum += Math.log(Math.abs(value));
    }
    return sum;
  }

  /** The trial becomes the basis. */
  void accept() {
    Rows rows = Q;
    Q = trialQ;
    trialQ = rows;
    Matrix matrix = T;
    T = trialT;
    trialT = matrix;
    logDeterminant = trialLogDeterminant;
    host = null;
  }

  /** 0.5 logdet(A^T W^2 A). */
  double logDeterminant() {
    return logDeterminant;
  }

  double trialLogDeterminant() {
    return trialLogDeterminant;
  }

  /** ||q_i||^2, at most 1. */
  double[] scores() {
    return scores(Q);
  }

  double[] trialScores() {
    return scores(trialQ);
  }

  private double[] scores(Rows of) {
    double[] sigma = new double[m];
    device.squaredRowNorms(of, squares);
    device.download(squares, sigma);
    for (int i = 0; i < m; i++) {
      sigma[i] = Math.min(sigma[i], 1);
    }
    return sigma;
  }

  /** (P o P) u; 3 m d^2 flops. */
  double[] hadamardTimes(double[] u) {
    device.upload(u, factor);
    device.weightedGram(Q, factor, G); // N = Q^T diag(u) Q
    device.quadraticForms(Q, G, squares); // q_i^T N q_i
    effort.spend(3.0 * m * d * d);
    double[] product = new double[m];
    device.download(squares, product);
    return product;
  }

  /** Q^T diag(u) Q; m d^2 flops. */
  HostMatrix gram(double[] u) {
    device.upload(u, factor);
    device.weightedGram(Q, factor, G);
    effort.spend((double) m * d * d);
    double[] entries = new double[d * d];
    device.download(G, entries);
    return new HostMatrix(entries, d, d);
  }

  /** Q on the host; not to be changed. */
  HostMatrix host() {
    if (host == null) {
      host = new double[m * d];
      device.download(Q, 0, m, host);
    }
    return new HostMatrix(host, m, d);
  }

  /** T y: what a move y in the basis is in the coordinates of A. */
  double[] toCoordinates(double[] y) {
    return coordinates().times(y);
  }

  /** T. */
  HostMatrix coordinates() {
    double[] entries = new double[d * d];
    device.download(T, entries);
    return new HostMatrix(entries, d, d);
  }

  /** ||(I - P) 1|| / sqrt(m): tiny where the weights fit a b in the range of A. */
  double distanceOfOnes() {
    HostMatrix q = host();
    double[] one = new double[m];
    java.util.Arrays.fill(one, 1);
    double[] inside = q.times(q.transposeTimes(one));
    double sum = 0;
    for (int i = 0; i < m; i++) {
      sum += (1 - inside[i]) * (1 - inside[i]);
    }
    return Math.sqrt(sum / m);
  }
}
