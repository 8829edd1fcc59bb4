package org.levinv;

import org.levinv.device.RowSource;

/**
 * Find x such that A(x)^T sigma(x) = g, with A(x) = diag(A x - b)^-1 A and its leverage scores
 * sigma(x): the problem of Chenyang Li, Zhao Song, Zhaoxing Xu and Junze Yin, "Inverting the
 * Leverage Score Gradient: An Efficient Approximate Newton Method", 2024, arXiv:2408.11267. Minus
 * A(x)^T sigma(x) is the gradient of the volumetric barrier 0.5 logdet(A(x)^T A(x)), which is
 * strictly convex in each cell of signs: there is at most one x in a cell.
 *
 * @param A n x d with n > d and independent columns
 * @param b offset, n
 * @param gradient g, d
 */
public record GradientProblem(RowSource A, VectorSource b, double[] gradient) {

  public GradientProblem {
    Problem.checkShape(A);
    Problem.checkLength(b, A.rows());
    Problem.checkColumns("gradient", gradient, A);
  }

  /** The offset in an array, which is read in place and must not change during a solve. */
  public GradientProblem(RowSource A, double[] b, double[] gradient) {
    this(A, VectorSource.of("offset", b), gradient);
  }

  /** What and how large it is. */
  @Override
  public String toString() {
    return A.name() + ", " + A.rows() + " x " + A.columns() + ", for a gradient";
  }

  /** A as an array of rows. */
  public static GradientProblem of(double[][] A, double[] b, double[] gradient) {
    return new GradientProblem(RowSource.of(A), b, gradient);
  }
}
