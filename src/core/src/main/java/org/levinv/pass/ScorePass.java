package org.levinv.pass;

import java.util.ArrayList;
import java.util.List;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.ScoreError;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.RowList;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The scores at x and how far they are from the targets, in one reading; d^2 flops a row, and d^2
 * more where Q is asked for.
 */
public final class ScorePass implements Pass<ScoreSums> {
  private final double[] x;
  private final double[] inverseR;
  private final double lengthOfX;
  private final boolean withQ;
  private final List<Draws> draws;
  private Weights weights = Weights.BARRIER;
  private double unit;

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param lengthOfX ||x|| in the coordinates of the rows as they were read
   * @param withQ whether A^T diag(w^2 r) A is asked for
   * @param draws which rows are drawn by their scores, or null
   */
  public ScorePass(double[] x, double[] inverseR, double lengthOfX, boolean withQ, Draws draws) {
    this(x, inverseR, draws == null ? List.of() : List.of(draws), lengthOfX, withQ);
  }

  /**
   * The same with several draws, which are independent where their purposes differ, and without
   * what rounding of x does.
   */
  public static ScorePass withDraws(
      double[] x, double[] inverseR, boolean withQ, List<Draws> draws) {
    return new ScorePass(x, inverseR, draws, 0, withQ);
  }

  private ScorePass(
      double[] x, double[] inverseR, List<Draws> draws, double lengthOfX, boolean withQ) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.lengthOfX = lengthOfX;
    this.withQ = withQ;
    this.draws = List.copyOf(draws);
  }

  /**
   * The same pass for other weights, of which the scores, their errors and the draws count.
   *
   * @param unit logarithm of the unit of f
   */
  public ScorePass with(Weights others, double unit) {
    ScorePass pass = new ScorePass(x, inverseR, draws, lengthOfX, withQ);
    pass.weights = others;
    pass.unit = unit;
    return pass;
  }

  @Override
  public SumShape shape() {
    return SumShape.none()
        .withMatrices(withQ ? 1 : 0)
        .withNumbers(7)
        .withExtremes(1)
        .withLists(Math.max(1, draws.size()));
  }

  @Override
  public double flopsPerRow(int columns) {
    return (withQ ? 2.0 : 1.0) * columns * columns + 4.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = x.length;
    Matrix inverse = space.matrix(d, d);
    device.upload(inverseR, inverse);
    BlockScores at = new BlockScores(device, space.upload(x), inverse, weights, unit);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector sigma = at.score(block);
      addErrors(device, block, w, sigma, sums);
      BlockScores.offerLargest(device, block, sigma, 0, sums);
      if (withQ) {
        Vector u = block.scratch(BlockScores.FREE);
        device.multiply(at.squaredWeight(block, w), at.residual(block, sigma), u);
        device.weightedGram(block.A(), u, sums.matrix(0)); // A^T diag(w^2 r) A
      }
      for (int k = 0; k < draws.size(); k++) {
        draws.get(k).draw(device, block, sigma, sums.list(k));
      }
    };
  }

  private void addErrors(Device device, RowBlock block, Vector w, Vector sigma, Sums sums) {
    Vector target = block.field(Field.TARGET);
    Vector f = block.scratch(BlockScores.FREE);
    Vector D = block.scratch(BlockScores.FREE + 1);
    Vector e = block.scratch(BlockScores.FREE + 2);
    device.copy(sigma, e);
    device.axpy(-1, target, e);
    sums.add(0, device.dot(e, e)); // (sigma - target)^2
    sums.add(1, device.dot(target, target));
    device.map(Formula.LOGIT_STEP, 1, sigma, target, null, f);
    device.map(Formula.DEGREE, 0, sigma, null, null, D); // sigma (1 - sigma)
    sums.add(2, device.dot(D, f, f));
    sums.add(3, device.sum(D));
    device.squaredRowNorms(block.original(), e);
    device.map(Formula.ROOT, 0, e, null, null, e); // ||a_i||
    device.map(Formula.SLACK_ROUNDING, lengthOfX, e, block.field(Field.OFFSET), w, e);
    device.map(Formula.ADD_SCORE_ERROR, 0, sigma, e, null, e);
    sums.add(4, device.dot(D, e, e));
    device.multiply(D, e, e);
    sums.add(5, 4 * device.dot(e, e)); // (2 sigma (1 - sigma) e)^2
    sums.add(6, device.dot(sigma, sigma));
  }

  @Override
  public ScoreSums answer(Sums total) {
    List<RowList> drawn = new ArrayList<>();
    for (int k = 0; k < Math.max(1, draws.size()); k++) {
      drawn.add(total.list(k));
    }
    return new ScoreSums(
        new ScoreError(
            total.number(0),
            total.number(1),
            total.number(2),
            total.number(3),
            total.number(4),
            total.number(5)),
        total.number(6),
        total.extreme(0),
        total.extremeRow(0),
        withQ ? total.matrix(0) : null,
        drawn);
  }
}
