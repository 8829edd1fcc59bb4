package org.levinv.tall;

import java.util.Random;
import org.levinv.ArrayRows;
import org.levinv.VectorSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.ProblemRows;

/**
 * A small problem in arrays, for tests.
 *
 * @param A n x d
 * @param b n
 * @param x d
 */
public record PlainProblem(double[][] A, double[] b, double[] x) {

  /** Gaussian A and x, slacks exp(spread N(0, 1)). */
  public static PlainProblem gaussian(int n, int d, double spread, long seed) {
    Random random = new Random(seed);
    double[][] A = new double[n][];
    for (int i = 0; i < n; i++) {
      A[i] = normals(d, random);
    }
    return of(
        A,
        normals(d, random),
        random.doubles(n).map(u -> Math.exp(spread * random.nextGaussian())).toArray());
  }

  /**
   * Formulas that any language evaluates alike: A_ij = sin(1 + 3i + 7j + ij), x_j = cos(1 + j),
   * slacks exp(sin 5i).
   */
  public static PlainProblem waves(int n, int d) {
    double[][] A = new double[n][d];
    double[] x = new double[d];
    double[] slack = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        A[i][j] = Math.sin(1 + 3 * i + 7 * j + i * j);
        x[j] = Math.cos(1 + j);
      }
      slack[i] = Math.exp(Math.sin(5 * i));
    }
    return of(A, x, slack);
  }

  /** b = A x - slack. */
  public static PlainProblem of(double[][] A, double[] x, double[] slack) {
    double[] b = times(A, x);
    for (int i = 0; i < b.length; i++) {
      b[i] -= slack[i];
    }
    return new PlainProblem(A, b, x);
  }

  public static double[] normals(int n, Random random) {
    double[] v = new double[n];
    for (int i = 0; i < n; i++) {
      v[i] = random.nextGaussian();
    }
    return v;
  }

  public static double[] times(double[][] A, double[] x) {
    double[] y = new double[A.length];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += A[i][j] * x[j];
      }
    }
    return y;
  }

  public int n() {
    return b.length;
  }

  public int d() {
    return x.length;
  }

  /** A on a device. */
  public TallMatrix upload(Workspace space) {
    return upload(A, space);
  }

  /**
   * The rows of this problem.
   *
   * @param target n scores, or null
   * @param omega n weights of the regulariser, or null
   */
  public ProblemRows rows(double[] target, double[] omega) {
    return ProblemRows.of(ArrayRows.of(A))
        .with(Field.OFFSET, VectorSource.of("offset", b))
        .with(Field.TARGET, target == null ? null : VectorSource.of("scores", target))
        .with(Field.OMEGA, omega == null ? null : VectorSource.of("regularization", omega));
  }

  /** Any matrix on a device. */
  public static TallMatrix upload(double[][] A, Workspace space) {
    return ResidentMatrix.upload(ArrayRows.of(A), space);
  }

  public static double[] download(Vector v, Workspace space) {
    double[] values = new double[(int) v.length()];
    space.device().download(v, values);
    return values;
  }
}
