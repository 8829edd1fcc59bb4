package org.levinv.model;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The leverage scores of W A, W = diag(w), and the products with their Laplacian. With G = A^T W^2
 * A = R^T R and P = W A G^-1 A^T W, an orthogonal projection of rank d, sigma = diag(P) and L =
 * diag(sigma) - P o P; P itself is never formed.
 *
 * <p>A is n x d. Everything is computed in place: what the accessors return is overwritten by the
 * next evaluation, and must not be written to. The scores as functions of x: Zhihang Li, Zhao Song,
 * Weixin Wang, Junze Yin and Zheng Yu, "How to Inverting the Leverage Score Distribution?", 2024,
 * arXiv:2404.13785.
 */
public final class Scores {
  private final TallMatrix A;
  private final Device device;
  private final Vector s;
  private final Vector w;
  private final Vector w2;
  private final Vector sigma;
  private final Vector scratch;
  private final Matrix G;
  private final Matrix R;
  private final Matrix inverseR;
  private final Matrix C;
  private final Matrix D;
  private final Matrix N;

  /** Room for five n-vectors and six d x d matrices in {@code space}. */
  public Scores(TallMatrix A, Workspace space) {
    long n = A.rows();
    int d = A.columns();
    this.A = A;
    this.device = space.device();
    this.s = space.vector(n);
    this.w = space.vector(n);
    this.w2 = space.vector(n);
    this.sigma = space.vector(n);
    this.scratch = space.vector(n);
    this.G = space.matrix(d, d);
    this.R = space.matrix(d, d);
    this.inverseR = space.matrix(d, d);
    this.C = space.matrix(d, d);
    this.D = space.matrix(d, d);
    this.N = space.matrix(d, d);
  }

  /**
   * The scores at x (d), w = 1 / (A x - b); two units of work. Returns 0, or the order of the
   * leading minor of G that is not positive definite: then only slacks, weights and G are valid.
   */
  public int atPoint(Vector x, Vector b) {
    A.slackGram(x, b, s, G, Precision.DOUBLE); // s = A x - b, G = A^T diag(s)^-2 A
    device.map(Formula.RECIPROCAL, 0, s, null, null, w); // w = 1 / s
    device.multiply(w, w, w2); // w2 = w^2
    return factor();
  }

  /**
   * The scores at weights w (n), which are copied; two units of work. Returns as {@link #atPoint};
   * the slacks keep what they were.
   */
  public int atWeights(Vector weights) {
    device.copy(weights, w);
    device.multiply(w, w, w2); // w2 = w^2
    A.weightedGram(w2, G); // G = A^T W^2 A
    return factor();
  }

  /**
   * The scores of rows that are some of a larger matrix, whose R is known, at x (d); one unit. The
   * Gram matrix stays what it was.
   *
   * @param inverse R^-1
   */
  public void ofRows(Vector x, Vector b, Matrix R, Matrix inverse) {
    A.times(x, s);
    device.axpy(-1, b, s); // s = A x - b
    device.map(Formula.RECIPROCAL, 0, s, null, null, w); // w = 1 / s
    device.multiply(w, w, w2); // w2 = w^2
    device.copy(R, this.R);
    device.copy(inverse, inverseR);
    norms();
  }

  private int factor() {
    int minor = device.cholesky(G, R); // G = R^T R
    if (minor == 0) {
      device.invertTriangular(R, inverseR); // R^-1
      norms();
    }
    return minor;
  }

  private void norms() {
    A.squaredNorms(inverseR, scratch); // q_i = ||R^-T a_i||^2
    device.map(Formula.SCORE, 0, w, scratch, null, sigma); // sigma = w^2 q
  }

  /** sigma, n entries from 0 to 1, with sum d. */
  public Vector sigma() {
    return sigma;
  }

  /** s = A x - b, n. */
  public Vector slack() {
    return s;
  }

  /** w, n. */
  public Vector weights() {
    return w;
  }

  /** G = A^T W^2 A, d x d. */
  public Matrix gram() {
    return G;
  }

  /** R, upper triangular with R^T R = G. */
  public Matrix R() {
    return R;
  }

  /** R^-1. */
  public Matrix inverseR() {
    return inverseR;
  }

  /**
   * to = R^-T A^T diag(w^2 o u) A R^-1, so that P diag(u) P = V to V^T with V = W A R^-1; one unit.
   */
  public void reduced(Vector u, Matrix to) {
    device.multiply(w2, u, scratch); // w^2 o u
    A.weightedGram(scratch, C); // C = A^T diag(w^2 o u) A
    device.multiply(C, false, inverseR, false, D); // D = C R^-1
    device.multiply(inverseR, true, D, false, to); // R^-T C R^-1
  }

  /** M = R^-1 M R^-T, for M of d x d. */
  public void expand(Matrix M) {
    device.multiply(M, false, inverseR, true, D); // D = M R^-T
    device.multiply(inverseR, false, D, false, M); // R^-1 M R^-T
  }

  /** to = G^-1 A^T diag(w^2 o u) A G^-1 for u (n) of any sign; one unit. */
  public void sandwich(Vector u, Matrix to) {
    reduced(u, to);
    expand(to);
  }

  /**
   * to = the diagonal of W A M A^T W for a symmetric M; two units. {@code to} must not be sigma.
   */
  public void diagonal(Matrix M, Vector to) {
    A.quadraticForms(M, to); // q_i = a_i^T M a_i
    device.multiply(w2, to, to); // w^2 o q
  }

  /**
   * to = L u = sigma o u - w^2 o quadraticForms(G^-1 A^T diag(w^2 o u) A G^-1); three units; {@code
   * to} must not be u.
   */
  public void laplacian(Vector u, Vector to) {
    sandwich(u, N);
    laplacian(u, N, to);
  }

  /** to = L u from {@code sandwich} = {@link #sandwich}(u); two units; {@code to} must not be u. */
  public void laplacian(Vector u, Matrix sandwich, Vector to) {
    diagonal(sandwich, to); // (P o P) u
    device.multiply(sigma, u, scratch); // sigma o u
    device.scale(-1, to);
    device.axpy(1, scratch, to); // L u = sigma o u - (P o P) u
  }
}
