package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.RowMap;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The squared norms of the columns of diag(r) A, r_i = 1 / ||a_i||: the diagonal of A^T diag(r^2)
 * A, in one reading; d^2 flops a row.
 */
public final class NormsPass implements Pass<double[]> {
  private static final RowMap UNIT_ROWS = new UnitRows(null);

  private final int columns;

  public NormsPass(int columns) {
    this.columns = columns;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1).withNumbers(columns);
  }

  @Override
  public double flopsPerRow(int d) {
    return (double) d * d + UNIT_ROWS.flopsPerRow(d);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    RowMap.Kernel unit = UNIT_ROWS.on(device, space);
    return (block, sums) -> {
      Vector r = block.scratch(0);
      unit.of(block, r);
      device.multiply(r, r, r);
      device.weightedGram(block.A(), r, sums.matrix(0)); // A^T diag(r^2) A
      double[] squares = device.diagonal(sums.matrix(0));
      for (int j = 0; j < columns; j++) {
        sums.add(j, squares[j]);
      }
    };
  }

  @Override
  public double[] answer(Sums total) {
    double[] squares = new double[columns];
    for (int j = 0; j < columns; j++) {
      squares[j] = total.number(j);
    }
    return squares;
  }
}
