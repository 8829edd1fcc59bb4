package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.RowMap;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * R of diag(w) A by a tree of Householder QR factorisations, which does not square the condition
 * number: of each leaf, then of two triangles on top of each other; 2 d^2 flops a row. James
 * Demmel, Laura Grigori, Mark Hoemmen and Julien Langou, "Communication-optimal Parallel and
 * Sequential QR and LU Factorizations", 2012, doi:10.1137/080731992.
 *
 * <p>R is unique up to the signs of its rows.
 */
public final class FactorPass implements Pass<Matrix> {
  private final RowMap weights;
  private final boolean original;

  /**
   * @param weights w
   * @param original whether A are the rows as they were read, rather than in the coordinates of the
   *     store
   */
  public FactorPass(RowMap weights, boolean original) {
    this.weights = weights;
    this.original = original;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withTriangles(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return 2.0 * columns * columns + weights.flopsPerRow(columns);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    RowMap.Kernel own = weights.on(device, space);
    return (block, sums) -> {
      Vector w = block.scratch(0);
      own.of(block, w);
      device.triangularFactor(original ? block.original() : block.A(), w, sums.triangle(0));
    };
  }

  @Override
  public Matrix answer(Sums total) {
    return total.triangle(0);
  }
}
