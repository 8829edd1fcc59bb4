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
 * How a step y changes the slacks at x, u = W A y relative to themselves, and which rows it takes
 * beyond their bound, in one reading: u_i >= -tau, and u_i >= 0 for a row that stands at the
 * boundary, whose score is all but 1. 4 d flops a row, and d^2 more where rows at the boundary are
 * asked for.
 */
public final class BoundsPass implements Pass<Bounds> {

  private final double[] x;
  private final double[] inverseR;
  private final double[] y;
  private final double tau;
  private final double boundary;
  private final double sloppiness;
  private final int most;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row; null where no row stands at the
   *     boundary
   * @param y the step, d
   * @param tau the part of itself that a slack may shrink by
   * @param boundary 1 - sigma of rows that stand at the boundary, at most
   * @param sloppiness by how much of itself a slack may pass its bound
   * @param most rows that are named, those farthest beyond
   */
  public BoundsPass(
      double[] x,
      double[] inverseR,
      double[] y,
      double tau,
      double boundary,
      double sloppiness,
      int most) {
    this.x = x.clone();
    this.inverseR = inverseR == null ? null : inverseR.clone();
    this.y = y.clone();
    this.tau = tau;
    this.boundary = boundary;
    this.sloppiness = sloppiness;
    this.most = most;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withExtremes(1).withLists(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (inverseR == null ? 0.0 : (double) columns * columns) + 4.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = x.length;
    Matrix inverse = inverseR == null ? null : space.matrix(d, d);
    if (inverse != null) {
      device.upload(inverseR, inverse);
    }
    BlockScores at = new BlockScores(device, space.upload(x), inverse);
    Vector step = space.upload(y);
    return (block, sums) -> {
      sums.list(0).keepLargest(most);
      Vector w = inverse == null ? at.weight(block) : at.weightAndScore(block);
      Vector u = block.scratch(BlockScores.FREE);
      Vector beyond = block.scratch(BlockScores.FREE + 1);
      device.times(block.A(), step, u);
      device.map(Formula.NEGATED_PRODUCT, 0, w, u, null, u); // -u = -W A y
      BlockScores.offerLargest(device, block, u, 0, sums);
      device.scale(-1, u);
      if (inverse == null) {
        device.fill(0, beyond);
      } else {
        device.map(Formula.NEAR_ONE, boundary, at.score(block), null, null, beyond);
      }
      device.map(Formula.BEYOND_WALL, tau, beyond, u, null, beyond); // bound - u
      if (device.max(beyond) > sloppiness) {
        list(device, block, beyond, sums);
      }
    };
  }

  private void list(Device device, RowBlock block, Vector beyond, Sums sums) {
    double[] by = new double[block.count()];
    device.download(beyond, by);
    for (int i = 0; i < by.length; i++) {
      if (by[i] > sloppiness) {
        sums.list(0).add(block.first() + i, by[i]);
      }
    }
  }

  @Override
  public Bounds answer(Sums total) {
    return new Bounds(total.extreme(0), total.extremeRow(0), total.list(0));
  }
}
