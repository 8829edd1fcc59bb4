package org.levinv.method.groups;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Workspace;

/**
 * Linear least squares by orthogonal triangularization of [M, y]: the condition number of M is not
 * squared. A column that depends on earlier ones to rounding gets no share.
 */
final class OrthogonalFit {

  /** Relative to the largest, where columns have length 1. */
  private static final double DEPENDENT = 1e-14;

  private final double[] R;
  private final int p;

  private OrthogonalFit(double[] R, int p) {
    this.R = R;
    this.p = p;
  }

  /** The z that minimises ||M z - y||; 2 m p^2 flops. */
  static double[] solve(HostMatrix M, double[] y, Device device, Effort effort) {
    double[] length = M.columnLengths();
    double[] inverse = new double[length.length];
    for (int j = 0; j < length.length; j++) {
      inverse[j] = 1 / length[j];
    }
    double[] z = of(M.scaledColumns(inverse), y, device, effort).solve(0);
    for (int j = 0; j < z.length; j++) {
      z[j] /= length[j];
    }
    return z;
  }

  /** The triangular factor of [M, y]. */
  static OrthogonalFit of(HostMatrix M, double[] y, Device device, Effort effort) {
    HostMatrix wide = M.withColumn(y);
    try (Workspace own = new Workspace(device)) {
      Rows rows = own.rows(wide.rows(), wide.columns());
      device.upload(wide.entries(), wide.rows(), rows, 0);
      return of(rows, own, effort);
    }
  }

  /** The triangular factor of rows whose last column is y. */
  static OrthogonalFit of(Rows wide, Workspace space, Effort effort) {
    Device device = space.device();
    int columns = wide.columns();
    double[] ones = new double[(int) wide.count()];
    java.util.Arrays.fill(ones, 1);
    Matrix triangle = space.matrix(columns, columns);
    device.triangularFactor(wide, space.upload(ones), triangle); // [M, y] = Q R
    effort.spend(2.0 * wide.count() * columns * columns);
    double[] R = new double[columns * columns];
    device.download(triangle, R);
    return new OrthogonalFit(R, columns - 1);
  }

  /**
   * The fit of M to another y, by normal equations: as good as a fit of its own where y is nearly
   * that of a small z; 2 p^2 flops.
   *
   * @param products M^T y
   */
  OrthogonalFit to(double[] products) {
    double[] c = forward(products, DEPENDENT * largestPivot(R)); // R^T c = M^T y
    double[] other = R.clone();
    for (int j = 0; j < p; j++) {
      other[j * (p + 1) + p] = c[j];
    }
    return new OrthogonalFit(other, p);
  }

  /** ||y||^2 - min ||M z - y||^2. */
  double gain() {
    double sum = 0;
    for (int i = 0; i < p; i++) {
      sum += R[i * (p + 1) + p] * R[i * (p + 1) + p];
    }
    return sum;
  }

  /** ||y||^2 - ||M (part z) - y||^2. */
  double gain(double[] z, double part) {
    double sum = 0;
    for (int i = 0; i < p; i++) {
      double along = 0;
      for (int j = i; j < p; j++) {
        along += R[i * (p + 1) + j] * z[j];
      }
      along *= part;
      sum += along * (2 * R[i * (p + 1) + p] - along);
    }
    return sum;
  }

  /** ||m_j||^2 of the longest column of M: what damping is to be measured by. */
  double largestSquare() {
    double largest = 0;
    for (int j = 0; j < p; j++) {
      double square = 0;
      for (int i = 0; i <= j; i++) {
        square += R[i * (p + 1) + j] * R[i * (p + 1) + j];
      }
      largest = Math.max(largest, square);
    }
    return largest;
  }

  /**
   * The z that minimises ||M z - y||^2 + damping ||z||^2. With damping, 2 p^3 flops of Givens
   * rotations, which take the rows of sqrt(damping) I into the triangle one by one.
   */
  double[] solve(double damping) {
    double[] U = damped(damping);
    double[] z = new double[p];
    for (int j = 0; j < p; j++) {
      z[j] = U[j * (p + 1) + p];
    }
    back(U, z, damping == 0 ? DEPENDENT * largestPivot(U) : -1);
    return z;
  }

  private double largestPivot(double[] U) {
    double largest = 0;
    for (int j = 0; j < p; j++) {
      largest = Math.max(largest, Math.abs(U[j * (p + 1) + j]));
    }
    return largest;
  }

  /** R^-T y; 0 where a pivot is no larger than {@code dependent}. */
  private double[] forward(double[] y, double dependent) {
    int wide = p + 1;
    double[] c = new double[p];
    for (int j = 0; j < p; j++) {
      double sum = y[j];
      for (int i = 0; i < j; i++) {
        sum -= R[i * wide + j] * c[i];
      }
      double pivot = R[j * wide + j];
      c[j] = Math.abs(pivot) <= dependent ? 0 : sum / pivot;
    }
    return c;
  }

  /** z = U^-1 z; 0 where a pivot is no larger than {@code dependent}. */
  private void back(double[] U, double[] z, double dependent) {
    int wide = p + 1;
    for (int i = p - 1; i >= 0; i--) {
      for (int j = i + 1; j < p; j++) {
        z[i] -= U[i * wide + j] * z[j];
      }
      double pivot = U[i * wide + i];
      z[i] = Math.abs(pivot) <= dependent ? 0 : z[i] / pivot;
    }
  }

  /** The same with the rows of sqrt(damping) I; 2 p^3 flops. */
  OrthogonalFit withDamping(double damping) {
    return new OrthogonalFit(damped(damping), p);
  }

  /** The triangular factor with the rows of sqrt(damping) I. */
  private double[] damped(double damping) {
    int wide = p + 1;
    double[] U = R.clone();
    if (damping > 0) {
      double[] row = new double[wide];
      for (int k = 0; k < p; k++) {
        java.util.Arrays.fill(row, 0);
        row[k] = Math.sqrt(damping);
        for (int j = k; j < p; j++) {
          rotate(U, j * wide, row, j, wide);
        }
      }
    }
    return U;
  }

  /** The z of M^T M z = y, M of full rank. */
  double[] solveNormal(double[] y) {
    double[] z = forward(y, -1);
    back(R, z, -1);
    return z;
  }

  private static void rotate(double[] U, int start, double[] row, int j, int wide) {
    if (row[j] == 0) {
      return;
    }
    double length = Math.hypot(U[start + j], row[j]);
    double c = U[start + j] / length;
    double s = row[j] / length;
    for (int l = j; l < wide; l++) {
      double above = U[start + l];
      U[start + l] = c * above + s * row[l];
      row[l] = c * row[l] - s * above;
    }
  }
}
