package org.levinv.pass;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The Gram matrix G(x) = A^T diag(w)^2 A with s = A x - b and w = 1 / s or another function of it,
 * in one reading; d^2 + 2 d flops a row, and 2 d more where a point before is given.
 */
public final class SlackGramPass implements Pass<SlackGram> {

  /** Rows on the wrong side that are named at most. */
  public static final int NAMED = 4096;

  private final double[] x;
  private final double[] before;
  private final long[] relaxed;
  private final long[] asked;
  private final SignRule signs;
  private final Precision precision;
  private long[] crossing = new long[0];
  private Weights weights = Weights.BARRIER;
  private double unit;

  /**
   * @param x d entries, in the coordinates of the store
   * @param before another point, to which slacks are compared, or null
   * @param relaxed rows, ascending, that have no part in G and are not compared
   * @param asked rows, ascending, whose slacks are asked for
   * @param signs that slacks should have
   * @param precision of G
   */
  public SlackGramPass(
      double[] x,
      double[] before,
      long[] relaxed,
      long[] asked,
      SignRule signs,
      Precision precision) {
    this.x = x.clone();
    this.before = before == null ? null : before.clone();
    this.relaxed = relaxed.clone();
    this.asked = asked.clone();
    this.signs = signs;
    this.precision = precision;
  }

  /** At x, with all rows, in double precision. */
  public static SlackGramPass at(double[] x) {
    return new SlackGramPass(x, null, new long[0], new long[0], SignRule.NONE, Precision.DOUBLE);
  }

  /** At x, after a move from a point before, with all rows, in double precision. */
  public static SlackGramPass moved(double[] x, double[] before) {
    return new SlackGramPass(x, before, new long[0], new long[0], SignRule.NONE, Precision.DOUBLE);
  }

  /** The same where some more rows, ascending, are not compared: their slacks may change sign. */
  public SlackGramPass withCrossing(long[] numbers) {
    SlackGramPass pass = copy();
    pass.crossing = numbers.clone();
    return pass;
  }

  /**
   * The same for other weights than 1 / s, in double precision.
   *
   * @param unitOf logarithm of the unit of these weights
   */
  public SlackGramPass with(Weights others, double unitOf) {
    SlackGramPass pass = copy();
    pass.weights = others;
    pass.unit = unitOf;
    return pass;
  }

  private SlackGramPass copy() {
    SlackGramPass pass = new SlackGramPass(x, before, relaxed, asked, signs, precision);
    pass.crossing = crossing;
    pass.weights = weights;
    pass.unit = unit;
    return pass;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1).withExtremes(2).withLists(2);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns + 2.0 * columns * (before == null ? 1 : 2);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Vector point = space.upload(x);
    Vector earlier = before == null ? null : space.upload(before);
    BlockScores at = new BlockScores(device, point, null, weights, unit);
    BlockScores there = new BlockScores(device, earlier, null);
    SignRule.Signs wanted = signs.on(device, space, BlockScores.FREE + 2);
    return (block, sums) -> {
      sums.list(0).keepLargest(NAMED);
      Vector free = block.scratch(BlockScores.FREE);
      Vector change = block.scratch(BlockScores.FREE + 3);
      if (earlier != null) {
        device.copy(there.weight(block), free); // w(before)
        device.copy(there.slackAt(block), change); // s(before)
      }
      int[] own = RowNumbers.positions(relaxed, block);
      Vector s = at.slackAt(block);
      if (own.length == 0 && weights.isBarrier()) {
        device
            .in(precision)
            .slackGram(block.A(), point, block.field(Field.OFFSET), s, sums.matrix(0));
      } else {
        Vector w = at.weight(block);
        leaveOut(device, own, w); // relaxed rows have no weight
        device.weightedGram(block.A(), at.squaredWeight(block, w), sums.matrix(0));
      }
      if (earlier != null) {
        leaveOut(device, own, free);
        leaveOut(device, RowNumbers.positions(crossing, block), free);
        device.axpy(-1, s, change);
        device.multiply(change, free, free); // 1 - s / s(before); 0 where there was no slack
        BlockScores.offerLargest(device, block, free, 0, sums);
        device.scale(-1, free);
        BlockScores.offerLargest(device, block, free, 1, sums);
      }
      int[] some = RowNumbers.positions(asked, block);
      double[] slacks = device.pick(s, some);
      for (int k = 0; k < some.length; k++) {
        sums.list(1).add(block.first() + some[k], slacks[k]);
      }
      listWrongSides(device, block, s, wanted.of(block), sums);
    };
  }

  private static void leaveOut(Device device, int[] positions, Vector v) {
    device.put(new double[positions.length], positions, v);
  }

  private static void listWrongSides(
      Device device, RowBlock block, Vector s, Vector sign, Sums sums) {
    if (sign == null || block.field(Field.TARGET) == null) {
      return;
    }
    Vector side = block.scratch(BlockScores.FREE + 1);
    device.multiply(s, sign, side);
    device.scale(-1, side);
    if (device.max(side) < 0) {
      return;
    }
    double[] sides = new double[block.count()];
    double[] targets = new double[block.count()];
    device.download(side, sides);
    device.download(block.field(Field.TARGET), targets);
    for (int i = 0; i < sides.length; i++) {
      if (sides[i] >= 0 && targets[i] > 0) {
        sums.list(0).add(block.first() + i, targets[i]);
      }
    }
  }

  @Override
  public SlackGram answer(Sums total) {
    return new SlackGram(
        total.matrix(0), total.extreme(0), total.extreme(1), total.list(0), total.list(1).keys());
  }
}
