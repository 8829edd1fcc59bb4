package org.levinv.method;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.Anderson;
import org.levinv.model.GramFactor;
import org.levinv.model.Ridge;
import org.levinv.pass.LinkGradientPass;
import org.levinv.pass.LinkStepPass;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.RowStore;

/**
 * From an x that is near to one whose scores are the target, for weights that are a function of A x
 * - b: the logit step of each row, projected on moves of x, two readings of all rows an iteration;
 * or, for targets that no x meets, the least-squares optimum. Both are fixed-point iterations,
 * Anderson-mixed.
 */
final class LinkRefinement {

  /** Steps mixed: more gain little and remember steps from afar. */
  private static final int DEPTH = 8;

  /** A mismatch this many times the best one is a step that failed. */
  private static final double WORSE = 1.5;

  /** Iterations without a better mismatch after which rounding is what is left. */
  private static final int PATIENCE = 6;

  /**
   * The logit errors are orthogonal to all moves of x where a step would take less than this part
   * of their square: what noise leaves, or a wrong x. Larger: slow progress is given up.
   */
  private static final double ORTHOGONAL = 1e-3;

  /** The decrease that least squares still promises, of the loss, where it ends. */
  static final double TOLERANCE = 1e-12;

  /**
   * Where an iteration ended.
   *
   * @param mismatch the larger of relative residual and logit error there
   * @param predicted decrease of the loss by another step, of the loss; 0 without least squares
   * @param isLimit whether the limit of iterations ended it
   * @param isSettled whether no move lowers the logit errors that are left; not said of least
   *     squares
   */
  record End(
      double mismatch, double predicted, int iterations, boolean isLimit, boolean isSettled) {}

  private final RowStore rows;
  private final Device device;
  private final Weights weights;
  private final double unit;
  private final Steps steps;
  private final int d;
  private final GramFactor gram;
  private final GramFactor normal;
  private final Matrix equations;
  private final Matrix work;
  private final Matrix N;
  private final Vector step;
  private final Vector measured;
  private final Vector best;
  private final Vector next;
  private final Workspace space;
  private final double[] host;
  private final double[] inverse;
  private final double[] hostN;

  /**
   * @param unit logarithm of the unit of f
   */
  LinkRefinement(RowStore rows, Weights weights, double unit, Steps steps, Workspace space) {
    this.rows = rows;
    this.weights = weights;
    this.unit = unit;
    this.steps = steps;
    this.space = space;
    device = rows.device();
    d = rows.columns();
    gram = new GramFactor(d, space);
    normal = new GramFactor(d, space);
    equations = space.matrix(d, d);
    work = space.matrix(d, d);
    N = space.matrix(d, d);
    step = space.vector(d);
    measured = space.vector(d);
    best = space.vector(d);
    next = space.vector(d);
    host = new double[d];
    inverse = new double[d * d];
    hostN = new double[d * d];
  }

  /**
   * Improves x in place until the next mismatch is predicted to be below the tolerance, or no move
   * lowers it. That x is not looked at again: it is one step ahead of the last mismatch.
   */
  End run(Vector x, double tolerance, int limit) {
    Anderson anderson = new Anderson(DEPTH, d, d, space);
    double least = Double.POSITIVE_INFINITY;
    int since = 0;
    int k = 0;
    boolean near = false;
    boolean settled = false;
    device.copy(x, best);
    for (; k < limit && since < PATIENCE && least > tolerance && !near && !settled; k++) {
      LinkStepPass.Step found = look(x) ? logits(false) : null;
      double mismatch = found == null ? Double.NaN : mismatch(found);
      steps.step("refinement", k, mismatch);
      near = k > 0 && mismatch < least && mismatch * (mismatch / least) <= tolerance;
      if (mismatch < least) {
        least = mismatch;
        since = 0;
        device.copy(x, best);
        tellBest();
      } else {
        since++;
      }
      if (!(mismatch <= WORSE * least) || !solve(found)) {
        if (k == 0) {
          break;
        }
        anderson.forget(); // halfway back, without what was learnt
        device.scale(0.25, x);
        device.axpy(0.75, best, x);
        continue;
      }
      settled = isOrthogonal(found);
      anderson.next(x, step, measured, next);
      device.copy(next, x);
    }
    if (!near) {
      device.copy(best, x);
    }
    return new End(least, 0, k, k == limit, settled);
  }

  /** Whether the step R dx that was found takes hardly anything of the errors D^1/2 f. */
  private boolean isOrthogonal(LinkStepPass.Step found) {
    double square = found.logitError() * found.logitError() * found.degrees();
    return device.dot(measured, measured) <= ORTHOGONAL * square;
  }

  private void tellBest() {
    steps.point(
        () -> {
          double[] at = new double[d];
          device.download(best, at);
          return at;
        });
  }

  private static double mismatch(LinkStepPass.Step found) {
    return Math.max(found.relativeResidual(), found.logitError());
  }

  /** Goes to x: R, R^-1; one reading. False where the Gram matrix is singular. */
  private boolean look(Vector x) {
    device.download(x, host);
    boolean regular = gram.of(rows.run(SlackGramPass.at(host).with(weights, unit)).G());
    if (regular) {
      device.download(gram.inverseR(), inverse);
    }
    return regular;
  }

  private LinkStepPass.Step logits(boolean withMetric) {
    return rows.run(LinkStepPass.ofLogits(host, inverse, weights, unit, withMetric));
  }

  /** The step of the normal equations without their constant; false where there is none. */
  private boolean solve(LinkStepPass.Step found) {
    reduce(found);
    device.copy(found.right(), step);
    device.axpy(-found.moves() / found.degrees(), found.mean(), step);
    if (!normal.of(equations)) {
      return false;
    }
    normal.solve(step);
    device.multiply(normal.R(), false, step, measured);
    double size = device.dot(measured, measured);
    return size >= 0 && size < Double.POSITIVE_INFINITY;
  }

  /** A^T S D S A less what a constant takes, and a ridge. */
  private void reduce(LinkStepPass.Step found) {
    device.copy(found.normal(), equations);
    device.rankOne(-1 / found.degrees(), found.mean(), found.mean(), equations);
    Ridge.add(device, equations);
  }

  /**
   * How well scores determine x: the singular values of sqrt(D) (S A - mean) relative to
   * sqrt(sigma) S A, changes of weights that scores see, of those that there are; three readings.
   *
   * @param direction takes the direction of the smallest, d
   */
  SingularValues determine(Vector x, Vector direction) {
    if (!look(x)) {
      return SingularValues.UNKNOWN;
    }
    LinkStepPass.Step found = logits(true);
    reduce(found);
    if (!normal.of(found.metric())) {
      return SingularValues.UNKNOWN;
    }
    Matrix V = space.matrix(d, d);
    Vector values = space.vector(d);
    device.multiply(equations, false, normal.inverseR(), false, work);
    device.multiply(normal.inverseR(), true, work, false, N); // R^-T M R^-1
    device.symmetricEigen(N, V, values);
    double[] all = new double[d];
    device.download(values, all);
    double[] first = new double[d];
    first[0] = 1;
    device.multiply(V, false, space.upload(first), step);
    device.multiply(normal.inverseR(), false, step, direction);
    return new SingularValues(Math.sqrt(Math.max(0, all[0])), Math.sqrt(Math.max(0, all[d - 1])));
  }

  /** Improves x in place to a minimum of 0.5 ||sigma - target||^2. */
  End leastSquares(Vector x, int limit) {
    Anderson anderson = new Anderson(DEPTH, d, d, space);
    double least = Double.POSITIVE_INFINITY;
    double predicted = Double.POSITIVE_INFINITY;
    double mismatch = Double.NaN;
    int failed = 0;
    int k = 0;
    device.copy(x, best);
    for (; k < limit && failed < PATIENCE && predicted > TOLERANCE; k++) {
      LinkStepPass.Step found = look(x) ? loss() : null;
      double loss = found == null ? Double.NaN : found.loss();
      if (!(loss < least)) {
        failed++;
        anderson.forget();
        device.scale(0.25, x);
        device.axpy(0.75, best, x);
        continue;
      }
      failed = 0;
      least = loss;
      mismatch = mismatch(found);
      device.copy(x, best);
      steps.step("least squares", k, found.relativeResidual());
      tellBest();
      if (!descend(found)) {
        break;
      }
      predicted = 0.5 * device.dot(measured, measured) / Math.max(loss, Double.MIN_NORMAL);
      anderson.next(x, step, measured, next);
      device.copy(next, x);
    }
    device.copy(best, x);
    return new End(mismatch, predicted, k, k == limit, false);
  }

  private LinkStepPass.Step loss() {
    return rows.run(LinkStepPass.ofLoss(host, inverse, weights, unit));
  }

  /**
   * step = -H^-1 g with H = 4 A^T S D^2 S A, the Gauss-Newton matrix where no rows share scores.
   */
  private boolean descend(LinkStepPass.Step found) {
    device.copy(found.normal(), equations);
    device.axpy(3, found.normal(), equations);
    Ridge.add(device, equations);
    device.multiply(found.metric(), false, gram.inverseR(), false, work);
    device.multiply(gram.inverseR(), true, work, false, N);
    device.multiply(N, false, gram.inverseR(), true, work);
    device.multiply(gram.inverseR(), false, work, false, N); // G^-1 A^T diag(w^2 r) A G^-1
    device.download(N, hostN);
    device.copy(rows.run(new LinkGradientPass(host, inverse, hostN, weights, unit)), step);
    device.scale(-1, step);
    if (!normal.of(equations)) {
      return false;
    }
    normal.solve(step);
    device.multiply(normal.R(), false, step, measured);
    return true;
  }
}
