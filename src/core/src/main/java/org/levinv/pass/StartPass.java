package org.levinv.pass;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The cell of signs of a start point x, and the Gram matrix A^T diag(s)^-2 A with s = A x - b
 * there, in one reading; d^2 + 4 d flops a row. A row without slack has no weight.
 */
public final class StartPass implements Pass<StartSums> {
  private static final int POSITIVE = 0;
  private static final int NEGATIVE = 1;
  private static final int NO_SLACK = 0;
  private static final int WRONG_SIDE = 1;

  private final double[] x;
  private final SignRule signs;
  private Weights weights = Weights.BARRIER;

  /**
   * @param x d entries, in the coordinates of the store
   * @param signs that slacks should have
   */
  public StartPass(double[] x, SignRule signs) {
    this.x = x.clone();
    this.signs = signs;
  }

  /** The same for other weights w = f(A x - b): G = A^T diag(w)^2 A. */
  public StartPass with(Weights others) {
    StartPass pass = new StartPass(x, signs);
    pass.weights = others;
    return pass;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1).withNumbers(2).withExtremes(2);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns + 4.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    BlockScores at = new BlockScores(device, space.upload(x), null, weights, 0);
    SignRule.Signs wanted = signs.on(device, space, BlockScores.FREE + 1);
    return (block, sums) -> {
      Vector w = at.weight(block);
      device.weightedGram(block.A(), at.squaredWeight(block, w), sums.matrix(0)); // A^T W^2 A
      lookAtSigns(device, block, at.slackAt(block), wanted.of(block), sums);
    };
  }

  private static void lookAtSigns(
      Device device, RowBlock block, Vector s, Vector wanted, Sums sums) {
    double[] slacks = new double[block.count()];
    device.download(s, slacks);
    double[] signs = new double[slacks.length];
    if (wanted != null) {
      device.download(wanted, signs);
    }
    double[] squares = null;
    for (int i = 0; i < slacks.length; i++) {
      sums.add(POSITIVE, slacks[i] > 0 ? 1 : 0);
      sums.add(NEGATIVE, slacks[i] < 0 ? 1 : 0);
      boolean wrong = slacks[i] * signs[i] < 0;
      if (wrong || slacks[i] == 0) {
        if (squares == null) {
          squares = new double[slacks.length];
          Vector q = block.scratch(BlockScores.FREE);
          device.squaredRowNorms(block.original(), q);
          device.download(q, squares);
        }
        if (squares[i] > 0) { // a row of zeros has no slack to keep
          sums.offer(wrong ? WRONG_SIDE : NO_SLACK, 1, block.first() + i);
        }
      }
    }
  }

  @Override
  public StartSums answer(Sums total) {
    return new StartSums(
        total.matrix(0),
        (long) total.number(POSITIVE),
        (long) total.number(NEGATIVE),
        total.extremeRow(NO_SLACK),
        total.extremeRow(WRONG_SIDE));
  }
}
