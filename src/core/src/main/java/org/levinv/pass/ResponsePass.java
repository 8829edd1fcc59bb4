package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * sum (2 y_i - 1) a_i.x for responses y from 0 to 1: positive where x rather than -x makes the
 * responses likely; 2 d flops a row.
 */
public final class ResponsePass implements Pass<ResponsePass.Sum> {

  /**
   * A sum.
   *
   * @param value of it
   * @param size of its terms: the sum of their magnitudes
   */
  public record Sum(double value, double size) {}

  private static final int SUM = 0;
  private static final int SIZE = 1;

  private final double[] x;

  /**
   * @param x d entries, in the units of the store
   */
  public ResponsePass(double[] x) {
    this.x = x.clone();
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withNumbers(2);
  }

  @Override
  public double flopsPerRow(int columns) {
    return 2.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Vector at = space.upload(x);
    return (block, sums) -> {
      Vector u = block.scratch(BlockScores.FREE);
      Vector y = block.scratch(BlockScores.FREE + 1);
      device.times(block.A(), at, u);
      device.map(Formula.SHIFT, -0.5, block.field(Field.RESPONSE), null, null, y); // y - 1/2
      device.multiply(y, u, u);
      sums.add(SUM, 2 * device.sum(u));
      device.map(Formula.MAGNITUDE, 0, u, null, null, u);
      sums.add(SIZE, 2 * device.sum(u));
    };
  }

  @Override
  public Sum answer(Sums total) {
    return new Sum(total.number(SUM), total.number(SIZE));
  }
}
