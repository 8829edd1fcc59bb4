package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The loss 0.5 ||sigma(x) - target||^2, what rounding leaves of it, and the matrix Q that its
 * gradient needs, in one reading; 2 d^2 flops a row.
 */
public final class LossPass implements Pass<LossSums> {
  private final double[] x;
  private final double[] inverseR;
  private final Draws draws;
  private final boolean isSharp;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param draws which rows are drawn by their scores, or null
   */
  public LossPass(double[] x, double[] inverseR, Draws draws) {
    this(x, inverseR, draws, false);
  }

  private LossPass(double[] x, double[] inverseR, Draws draws, boolean isSharp) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.draws = draws;
    this.isSharp = isSharp;
  }

  /**
   * The same with rounding of a slack from its own terms a_ij x_j rather than from the lengths of
   * a_i and x, which are far larger where x has large entries for columns that are small; d^2 flops
   * a row more.
   */
  public LossPass sharp() {
    return new LossPass(x, inverseR, draws, true);
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1).withNumbers(4).withExtremes(1).withLists(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (isSharp ? 3.0 : 2.0) * columns * columns + 4.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = x.length;
    Matrix inverse = space.matrix(d, d);
    device.upload(inverseR, inverse);
    Vector point = space.upload(x);
    double length = Math.sqrt(device.dot(point, point));
    Matrix diagonal = isSharp ? UnitRows.diagonal(x, device, space) : null;
    BlockScores at = new BlockScores(device, point, inverse);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector sigma = at.score(block);
      Vector r = at.residual(block, sigma);
      Vector target = block.field(Field.TARGET);
      sums.add(0, device.dot(r, r));
      sums.add(1, device.dot(target, target));
      sums.add(2, device.dot(sigma, sigma));
      addRounding(device, block, diagonal, length, w, sigma, r, sums);
      BlockScores.offerLargest(device, block, sigma, 0, sums);
      Vector u = block.scratch(BlockScores.FREE);
      device.multiply(at.squaredWeight(block, w), r, u);
      device.weightedGram(block.A(), u, sums.matrix(0)); // A^T diag(w^2 r) A
      if (draws != null) {
        draws.draw(device, block, sigma, sums.list(0));
      }
    };
  }

  /** 2 sigma (1 - sigma) times the relative error of the slack, in coordinates of the store. */
  private static void addRounding(
      Device device,
      RowBlock block,
      Matrix diagonal,
      double length,
      Vector w,
      Vector sigma,
      Vector r,
      Sums sums) {
    Vector e = block.scratch(BlockScores.FREE);
    Vector D = block.scratch(BlockScores.FREE + 1);
    if (diagonal == null) {
      device.squaredRowNorms(block.A(), e);
    } else {
      device.squaredNorms(block.A(), diagonal, e);
    }
    device.map(Formula.ROOT, 0, e, null, null, e); // ||a_i||, or ||a_i o x||
    device.map(
        Formula.SLACK_ROUNDING, diagonal == null ? length : 1, e, block.field(Field.OFFSET), w, e);
    device.map(Formula.DEGREE, 0, sigma, null, null, D); // sigma (1 - sigma)
    device.multiply(D, e, e);
    device.multiply(r, e, e);
    sums.add(3, 4 * device.dot(e, e)); // (2 sigma (1 - sigma) e r)^2
  }

  @Override
  public LossSums answer(Sums total) {
    return new LossSums(
        total.number(0),
        total.number(1),
        total.number(2),
        total.number(3),
        total.extreme(0),
        total.matrix(0),
        total.list(0));
  }
}
