package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * What a step of the affine equivariant median needs, of rows c = (1, a): with r = ||M^T c||, the
 * sums of c / r and of c c^T / r^2, in one reading; 2 d^2 + 2 d flops a row. A row with r = 0 does
 * not count.
 */
public final class LocationPass implements Pass<LocationSums> {
  private final double[] M;

  /**
   * @param M upper triangular, row by row, such that r^2 = (a - mu)^T S^-1 (a - mu)
   */
  public LocationPass(double[] M) {
    this.M = M.clone();
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1).withVectors(1).withNumbers(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return 2.0 * columns * columns + 2.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int columns = (int) Math.round(Math.sqrt(M.length));
    Matrix metric = space.matrix(columns, columns);
    device.upload(M, metric);
    return (block, sums) -> work(device, block, metric, sums);
  }

  private static void work(Device device, RowBlock block, Matrix metric, Sums sums) {
    Vector square = block.scratch(0);
    Vector inverse = block.scratch(1);
    device.squaredNorms(block.A(), metric, square); // r^2
    device.map(Formula.RECIPROCAL, 0, square, null, null, inverse);
    device.weightedGram(block.A(), inverse, sums.matrix(0)); // sum of c c^T / r^2
    sums.add(0, Math.rint(device.dot(square, inverse))); // rows that count
    device.map(Formula.ROOT, 0, inverse, null, null, inverse);
    device.transposeTimes(block.A(), inverse, sums.vector(0)); // sum of c / r
  }

  @Override
  public LocationSums answer(Sums total) {
    return new LocationSums(total.matrix(0), total.vector(0), total.number(0));
  }
}
