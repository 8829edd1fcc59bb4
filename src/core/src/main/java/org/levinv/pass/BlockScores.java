package org.levinv.pass;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.rows.Field;
import org.levinv.rows.RowBlock;
import org.levinv.rows.Sums;

/**
 * The row-local formulas at a point x on one block of rows: slacks s = A x - b, weights w = 1 / s
 * (or another function f of them), scores sigma_i = w_i^2 ||R^-T a_i||^2 with R^T R = A^T diag(w^2)
 * A of all rows, residuals r = sigma - target, and L r = sigma o r - w^2 o quadraticForms(N). They
 * live in the scratch vectors from {@link #FREE} down; a pass uses those from {@link #FREE} on.
 */
final class BlockScores {

  /** The first scratch vector that a pass may use. */
  static final int FREE = 9;

  private static final int SLACK = 0;
  private static final int WEIGHT = 1;
  private static final int SQUARE = 2;
  private static final int SCORE = 3;
  private static final int RESIDUAL = 4;
  private static final int LAPLACIAN = 5;
  private static final int SLOPE = 6;
  private static final int MOVE = 7;
  private static final int BEND = 8;

  private final Device device;
  private final Vector x;
  private final Matrix inverseR;
  private final Weights weights;
  private final double unit;

  /**
   * @param x d entries
   * @param inverseR R^-1, or null where no scores are asked for
   */
  BlockScores(Device device, Vector x, Matrix inverseR) {
    this(device, x, inverseR, Weights.BARRIER, 0);
  }

  /**
   * For other weights.
   *
   * @param unit logarithm of the unit of f, which keeps squares in the range of doubles
   */
  BlockScores(Device device, Vector x, Matrix inverseR, Weights weights, double unit) {
    this.device = device;
    this.x = x;
    this.inverseR = inverseR;
    this.weights = weights;
    this.unit = unit;
  }

  /** s = A x - b; 2 d flops a row. */
  Vector slack(RowBlock block) {
    Vector s = block.scratch(SLACK);
    device.times(block.A(), x, s);
    device.axpy(-1, block.field(Field.OFFSET), s); // s = A x - b
    return s;
  }

  /** s that the last call of {@link #slack} or {@link #weight} for this block found. */
  Vector slackAt(RowBlock block) {
    return block.scratch(SLACK);
  }

  /** w = 1 / s, and 0 where s is 0; or sqrt(v) f(s), v the prior weight. */
  Vector weight(RowBlock block) {
    Vector w = block.scratch(WEIGHT);
    weigh(block, slack(block), w);
    return w;
  }

  private void weigh(RowBlock block, Vector s, Vector w) {
    if (weights.isBarrier()) {
      device.map(Formula.RECIPROCAL, 0, s, null, null, w);
      return;
    }
    device.map(weights.log(), weights.parameter(), s, null, null, w); // log f
    if (block.field(Field.PRIOR) != null) {
      device.axpy(1, block.field(Field.PRIOR), w); // log sqrt(v) f
    }
    device.map(Formula.EXP, unit, w, null, null, w);
  }

  /** d log f / d s, once the slacks have been found. */
  Vector slope(RowBlock block) {
    Vector slope = block.scratch(SLOPE);
    device.map(weights.slope(), weights.parameter(), slackAt(block), null, null, slope);
    return slope;
  }

  /**
   * u = -d log f / d s, so that u o A v is minus the relative change of the weights along v: w
   * itself for w = 1 / s. Once the slacks have been found.
   */
  Vector fall(RowBlock block, Vector w) {
    if (weights.isBarrier()) {
      return w;
    }
    Vector u = block.scratch(MOVE);
    device.map(weights.slope(), weights.parameter(), slackAt(block), null, null, u);
    device.scale(-1, u);
    return u;
  }

  /**
   * d^2 log f / d s^2, once the slacks have been found; null for w = 1 / s, where it is w^2, and
   * where it is 0.
   */
  Vector bend(RowBlock block) {
    if (weights.isBarrier() || weights.bend() == null) {
      return null;
    }
    Vector bend = block.scratch(BEND);
    device.map(weights.bend(), weights.parameter(), slackAt(block), null, null, bend);
    return bend;
  }

  /** w^2 from w. */
  Vector squaredWeight(RowBlock block, Vector w) {
    Vector w2 = block.scratch(SQUARE);
    device.multiply(w, w, w2);
    return w2;
  }

  /** w and sigma, which {@link #score} returns, in one reading; d^2 + 2 d flops a row. */
  Vector weightAndScore(RowBlock block) {
    Vector w = block.scratch(WEIGHT);
    Vector sigma = block.scratch(SCORE);
    Vector s = weights.isBarrier() ? w : block.scratch(SLACK);
    device.slackNorms( // s = A x - b, ||R^-T a_i||^2
        block.A(), x, block.field(Field.OFFSET), inverseR, s, sigma);
    weigh(block, s, w);
    device.map(Formula.SCORE, 0, w, sigma, null, sigma);
    return w;
  }

  /** sigma, once {@link #weightAndScore} has found it. */
  Vector score(RowBlock block) {
    return block.scratch(SCORE);
  }

  /** r = sigma - target. */
  Vector residual(RowBlock block, Vector sigma) {
    Vector r = block.scratch(RESIDUAL);
    device.copy(sigma, r);
    device.axpy(-1, block.field(Field.TARGET), r);
    return r;
  }

  /** w^2 o sigma o (1 - sigma), the weights of the metric. */
  Vector metric(RowBlock block, Vector sigma, Vector squaredWeight) {
    Vector u = block.scratch(FREE);
    device.map(Formula.DEGREE, 0, sigma, null, null, u);
    device.multiply(squaredWeight, u, u);
    return u;
  }

  /**
   * L u = sigma o u - w^2 o quadraticForms(N), N = G^-1 A^T diag(w^2 o u) A G^-1 of all rows; 2 d^2
   * flops a row. {@code squaredWeight} is w^2.
   */
  Vector laplacian(RowBlock block, Vector sigma, Vector squaredWeight, Vector u, Matrix N) {
    Vector Lu = block.scratch(LAPLACIAN);
    Vector free = block.scratch(FREE);
    smooth(block, squaredWeight, N, Lu);
    device.multiply(sigma, u, free);
    device.axpy(-1, Lu, free);
    device.copy(free, Lu);
    return Lu;
  }

  /**
   * to = w^2 o quadraticForms(M), the diagonal of W A M A^T W: (P o P) u for M = G^-1 A^T diag(w^2
   * o u) A G^-1; 2 d^2 flops a row.
   */
  void smooth(RowBlock block, Vector squaredWeight, Matrix M, Vector to) {
    device.quadraticForms(block.A(), M, to);
    device.multiply(squaredWeight, to, to);
  }

  /**
   * to = diag(u) A v with {@link #fall}: W A v, the relative changes of the slacks along v (d), for
   * w = 1 / s; 2 d flops a row.
   */
  void tangent(RowBlock block, Vector u, Vector v, Vector to) {
    device.times(block.A(), v, to);
    device.multiply(u, to, to);
  }

  /** The largest entry of a vector of the block for extreme {@code extreme}, with its row. */
  static void offerLargest(Device device, RowBlock block, Vector v, int extreme, Sums sums) {
    int row = device.argmax(v);
    sums.offer(extreme, device.pick(v, new int[] {row})[0], block.first() + row);
  }
}
