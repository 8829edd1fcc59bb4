package org.levinv.pass;

import org.levinv.Weights;
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
 * The scores at x for weights w = f(A x - b), how far they are from the targets, and the normal
 * equations of a step, in one reading. With the move f_i of log w_i that would bring row i alone to
 * its target (2 at most), S = diag(d log f / d eta) and D = diag(sigma (1 - sigma)), the step dx
 * minimises the sum of D (S A dx + c - f)^2 over dx and a constant c, which scores do not see. Rows
 * without a target have no part in them. 2 d^2 flops a row, and d^2 for each matrix more.
 */
public final class LinkStepPass implements Pass<LinkStepPass.Step> {
  private final double[] x;
  private final double[] inverseR;
  private final Weights weights;
  private final double unit;
  private final boolean withMetric;
  private final boolean forLoss;

  /**
   * What the pass answers; matrices and vectors are valid until the next pass.
   *
   * @param relativeResidual ||sigma - target|| / ||target||
   * @param logitError root mean square of f, weighted by D
   * @param loss 0.5 ||sigma - target||^2
   * @param degrees the sum of D
   * @param moves the sum of D f
   * @param normal A^T S D S A, d x d; for the loss A^T S D^2 S A
   * @param metric A^T S diag(sigma) S A, or A^T diag(w^2 r) A with r = sigma - target for the loss;
   *     null where it was not asked for
   * @param right A^T S D f, d
   * @param mean A^T S D 1, d
   */
  public record Step(
      double relativeResidual,
      double logitError,
      double loss,
      double degrees,
      double moves,
      Matrix normal,
      Matrix metric,
      Vector right,
      Vector mean) {}

  private LinkStepPass(
      double[] x,
      double[] inverseR,
      Weights weights,
      double unit,
      boolean withMetric,
      boolean forLoss) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.weights = weights;
    this.unit = unit;
    this.withMetric = withMetric;
    this.forLoss = forLoss;
  }

  /**
   * For a step of the logits.
   *
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param weights f
   * @param unit logarithm of the unit of f
   * @param withMetric whether {@link Step#metric} is asked for
   */
  public static LinkStepPass ofLogits(
      double[] x, double[] inverseR, Weights weights, double unit, boolean withMetric) {
    return new LinkStepPass(x, inverseR, weights, unit, withMetric, false);
  }

  /** For a step of the loss 0.5 ||sigma - target||^2. */
  public static LinkStepPass ofLoss(double[] x, double[] inverseR, Weights weights, double unit) {
    return new LinkStepPass(x, inverseR, weights, unit, true, true);
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(withMetric ? 2 : 1).withVectors(2).withNumbers(5);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (withMetric ? 3.0 : 2.0) * columns * columns + 6.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Matrix inverse = space.matrix(x.length, x.length);
    device.upload(inverseR, inverse);
    BlockScores at = new BlockScores(device, space.upload(x), inverse, weights, unit);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector sigma = at.score(block);
      Vector S = at.slope(block);
      Vector target = block.field(Field.TARGET);
      Vector r = at.residual(block, sigma);
      Vector f = block.scratch(BlockScores.FREE);
      Vector D = block.scratch(BlockScores.FREE + 1);
      Vector u = block.scratch(BlockScores.FREE + 2);
      device.map(Formula.LOGIT_STEP, 1, sigma, target, null, f);
      findDegrees(device, sigma, target, D, u);
      sums.add(0, device.dot(r, r));
      sums.add(1, device.dot(target, target));
      sums.add(2, device.dot(D, f, f));
      sums.add(3, device.sum(D));
      sums.add(4, device.dot(D, f));
      device.multiply(D, S, u);
      device.transposeTimes(block.A(), u, sums.vector(1)); // A^T S D 1
      device.multiply(u, f, f);
      device.transposeTimes(block.A(), f, sums.vector(0)); // A^T S D f
      device.multiply(u, forLoss ? u : S, u);
      device.weightedGram(block.A(), u, sums.matrix(0)); // A^T S D S A
      if (withMetric) {
        metric(device, block, at, w, u);
        device.weightedGram(block.A(), u, sums.matrix(1));
      }
    };
  }

  /** D = sigma (1 - sigma), and 0 where there is no positive target. */
  private static void findDegrees(
      Device device, Vector sigma, Vector target, Vector D, Vector work) {
    device.map(Formula.MULTIPLE, -1, target, null, null, work);
    device.map(Formula.SIGN_CHANGED, 0, work, sigma, null, work); // 1 where the target is positive
    device.map(Formula.DEGREE, 0, sigma, null, null, D);
    device.multiply(work, D, D);
  }

  private void metric(Device device, RowBlock block, BlockScores at, Vector w, Vector u) {
    if (forLoss) {
      device.multiply(at.squaredWeight(block, w), at.residual(block, at.score(block)), u);
    } else {
      Vector S = at.slope(block);
      device.multiply(S, S, u);
      device.multiply(at.score(block), u, u);
    }
  }

  @Override
  public Step answer(Sums total) {
    return new Step(
        Math.sqrt(total.number(0) / total.number(1)),
        Math.sqrt(total.number(2) / total.number(3)),
        0.5 * total.number(0),
        total.number(3),
        total.number(4),
        total.matrix(0),
        withMetric ? total.matrix(1) : null,
        total.vector(0),
        total.vector(1));
  }
}
