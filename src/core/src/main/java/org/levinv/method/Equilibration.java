package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * Scales r (n) and c (d) such that the rows of diag(r) A diag(c) have norm 1 and its columns are
 * nearly as long as each other: rows, columns and rows again, three passes of n d^2 flops. A row or
 * column of zeros keeps the scale 0 or 1.
 */
final class Equilibration {
  private final Vector rows;
  private double[] columns;

  Equilibration(TallMatrix A, Workspace space) {
    Device device = space.device();
    int d = A.columns();
    rows = space.vector(A.rows());
    columns = new double[d];
    Matrix diagonal = space.matrix(d, d);
    Matrix G = space.matrix(d, d);
    Arrays.fill(columns, 1);
    normalizeRows(A, diagonal, device);
    device.multiply(rows, rows, rows);
    A.weightedGram(rows, G); // A^T diag(r^2) A, whose diagonal has the squared norms of the columns
    double[] gram = new double[d * d];
    device.download(G, gram);
    double[] squares = new double[d];
    Arrays.setAll(squares, j -> gram[j * d + j]);
    columns = columns(squares);
    normalizeRows(A, diagonal, device);
  }

  /** c from the squared norms of the columns of diag(r) A, rows of norm 1. */
  static double[] columns(double[] squares) {
    return Arrays.stream(squares).map(square -> square > 0 ? 1 / Math.sqrt(square) : 1).toArray();
  }

  private void normalizeRows(TallMatrix A, Matrix diagonal, Device device) {
    int d = columns.length;
    double[] entries = new double[d * d];
    for (int j = 0; j < d; j++) {
      entries[j * d + j] = columns[j];
    }
    device.upload(entries, diagonal);
    A.squaredNorms(diagonal, rows); // ||diag(c) a_i||^2
    device.map(Formula.ROOT, 0, rows, null, null, rows);
    device.map(Formula.RECIPROCAL, 0, rows, null, null, rows); // r_i = 1 / ||diag(c) a_i||
  }

  /** r, n. */
  Vector rows() {
    return rows;
  }

  /** c, d. */
  double[] columns() {
    return columns;
  }
}
