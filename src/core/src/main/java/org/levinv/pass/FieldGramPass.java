package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/** A^T diag(f^2) A for a field f of the rows, or A^T A, in one reading; d^2 flops a row. */
public final class FieldGramPass implements Pass<Matrix> {
  private final Field field;

  /**
   * @param field f, or null for 1 in every row
   */
  public FieldGramPass(Field field) {
    this.field = field;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    return (block, sums) -> {
      Vector u = block.scratch(BlockScores.FREE);
      if (field == null) {
        device.fill(1, u);
      } else {
        device.multiply(block.field(field), block.field(field), u);
      }
      device.weightedGram(block.A(), u, sums.matrix(0)); // A^T diag(f^2) A
    };
  }

  /** d x d, valid until the next pass. */
  @Override
  public Matrix answer(Sums total) {
    return total.matrix(0);
  }
}
