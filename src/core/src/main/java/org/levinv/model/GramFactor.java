package org.levinv.model;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The triangular factor R of a Gram matrix G = A^T W^2 A = R^T R, its inverse, and what follows
 * from them row by row.
 */
public final class GramFactor {
  private final Device device;
  private final Matrix G;
  private final Matrix R;
  private final Matrix inverseR;

  /** For matrices of {@code columns} columns, in memory of {@code space}. */
  public GramFactor(int columns, Workspace space) {
    device = space.device();
    G = space.matrix(columns, columns);
    R = space.matrix(columns, columns);
    inverseR = space.matrix(columns, columns);
  }

  /** From weights; n d^2 flops. True where G is positive definite. */
  public boolean ofSquaredWeights(TallMatrix A, Vector w2) {
    A.weightedGram(w2, G); // G = A^T W^2 A
    return factor();
  }

  /**
   * From slacks s = A x - b, which it computes, in one pass; n d^2 flops. True where G is positive
   * definite.
   */
  public boolean ofPoint(TallMatrix A, Vector x, Vector b, Vector s) {
    return ofPoint(A, x, b, s, Precision.DOUBLE);
  }

  /** The same with G, but not s, in a precision. */
  public boolean ofPoint(TallMatrix A, Vector x, Vector b, Vector s, Precision precision) {
    A.slackGram(x, b, s, G, precision); // s = A x - b, G = A^T diag(s)^-2 A
    return factor();
  }

  /**
   * By Householder QR of W A, which does not square the condition number; 2 n d^2 flops. True where
   * R is regular.
   */
  public boolean ofRows(TallMatrix A, Vector w) {
    A.triangularFactor(w, R); // R^T R = A^T W^2 A
    return invert();
  }

  /** From a Gram matrix, d x d. True where it is positive definite. */
  public boolean of(Matrix gram) {
    device.copy(gram, G);
    return factor();
  }

  /** From a triangular factor R, d x d. True where it is regular. */
  public boolean ofTriangle(Matrix triangle) {
    device.copy(triangle, R);
    return invert();
  }

  /** R = I, for columns that have become orthonormal. */
  public void setIdentity() {
    int d = R.columns();
    double[] identity = new double[d * d];
    for (int j = 0; j < d; j++) {
      identity[j * d + j] = 1;
    }
    device.upload(identity, R);
    device.upload(identity, inverseR);
  }

  private boolean factor() {
    return device.cholesky(G, R) == 0 && invert(); // G = R^T R
  }

  private boolean invert() {
    double[] range = device.diagonalRange(R);
    if (!(range[0] > 1e-300 && range[0] > 1e-18 * range[1])) {
      return false;
    }
    device.invertTriangular(R, inverseR); // R^-1
    return true;
  }

  public Matrix R() {
    return R;
  }

  public Matrix inverseR() {
    return inverseR;
  }

  /** z = G^-1 z. */
  public void solve(Vector z) {
    device.solve(R, z);
  }

  /**
   * The scores of some rows with weights w: sigma_i = w_i^2 ||R^-T a_i||^2, at most 1; n d^2 flops.
   */
  public void scores(TallMatrix rows, Vector w, Vector sigma) {
    rows.squaredNorms(inverseR, sigma); // ||R^-T a_i||^2
    device.map(Formula.SCORE, 0, w, sigma, null, sigma); // sigma = w^2 o that
  }

  /** ||R||_F ||R^-1||_F / d: cond(R) within a factor d. */
  public double condition() {
    return device.norm(R) * device.norm(inverseR) / R.columns();
  }
}
