package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * What tells the ray along which all slacks grow alike as nearly as they can, min ||W A y - 1||
 * with W = diag(A x - b)^-1, in one reading; d^2 + 4 d flops a row.
 */
public final class OutwardPass implements Pass<OutwardPass.Answer> {
  private final double[] x;

  /**
   * What the pass answers.
   *
   * @param G A^T W^2 A, d x d, valid until the next pass
   * @param sum A^T W 1, d, likewise
   * @param rows that have a slack
   */
  public record Answer(Matrix G, Vector sum, double rows) {}

  /**
   * @param x d entries, in the coordinates of the store
   */
  public OutwardPass(double[] x) {
    this.x = x.clone();
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1).withVectors(1).withNumbers(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns + 4.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Vector point = space.upload(x);
    return (block, sums) -> {
      Vector s = block.scratch(0);
      Vector w = block.scratch(1);
      device.slackGram(block.A(), point, block.field(Field.OFFSET), s, sums.matrix(0));
      device.map(Formula.RECIPROCAL, 0, s, null, null, w); // 0 where s is 0
      device.transposeTimes(block.A(), w, sums.vector(0)); // A^T W 1
      device.multiply(s, w, s);
      sums.add(0, device.dot(s, s));
    };
  }

  @Override
  public Answer answer(Sums total) {
    return new Answer(total.matrix(0), total.vector(0), total.number(0));
  }
}
