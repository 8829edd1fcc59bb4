package org.levinv.method.leastsquares;

import java.util.Locale;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Steps;
import org.levinv.method.common.FractionToBoundary;
import org.levinv.method.common.Termination;
import org.levinv.method.common.Termination.Type;
import org.levinv.pass.Draws;
import org.levinv.rows.RowStore;

/**
 * Minimises 0.5 ||sigma(x) - target||^2 from a start near the optimum, for targets that no x meets:
 * Newton's method on a Hessian from sampled rows, which secant updates correct ({@link
 * SecantModel}), damped where the model is not convex ({@link Damping}), within the cell of signs
 * where they are known ({@link DualActiveSet}). The loss goes down in every step.
 *
 * <p>It ends when the decrease that the model predicts is small beside the loss, or beside what
 * rounding leaves of it: a test that depends neither on coordinates nor on units. Sampled Newton
 * steps for this loss: Zhihang Li, Zhao Song, Weixin Wang, Junze Yin and Zheng Yu, "How to
 * Inverting the Leverage Score Distribution?", 2024, arXiv:2404.13785; the secant correction, the
 * damping and the bounds are additions.
 */
public final class LeastSquares {
  private static final String STAGE = "least squares";

  /** Decrease of the loss, in parts of it, that no longer counts. Larger: x is less accurate. */
  private static final double TOLERANCE = 1e-12;

  /** Decrease in parts of the loss's rounding error that no longer counts. */
  private static final double ROUNDING = 0.1;

  /**
   * Decrease in parts of the loss that moves x by some hundredth of its standard errors: rounding
   * is not to hide it. Smaller: runs begin twice that need not.
   */
  private static final double VISIBLE = 1e-4;

  /** Roundings of the loss that a step which was no good may have promised at an optimum. */
  private static final double MOST_ROUNDINGS = 4;

  /** Steps in a row that decrease the loss by less than the tolerance. */
  private static final int QUIET_STEPS = 3;

  /** A decrease of less than this part of the predicted one is no progress. */
  private static final double ENOUGH_DECREASE = 1e-4;

  /** A slack that changed by more than this part of itself makes the old model worthless, ... */
  private static final double MOST_CHANGE = 0.5;

  /** ... and so does a decrease beyond this factor of the predicted one, either way. */
  private static final double MOST_SURPRISE = 2;

  /** Looks at all rows for one step's bounds. More than a few: rows that pass each other by. */
  private static final int MOST_LOOKS = 20;

  /** Rounding of the coordinates that makes the loss larger by this factor rules what is left. */
  private static final double ROUNDED = 4;

  /** Rows drawn beside the sample, so that rows with high scores do not make it smaller. */
  private static final double AHEAD = 4;

  /** Tells the draws of this method apart from others of the same seed; one for each point. */
  private static final int PURPOSE = 1 << 16;

  /**
   * The end of a run.
   *
   * @param end why
   * @param loss 0.5 ||sigma(x) - target||^2
   * @param predictedDecrease of the loss by one more step, according to the model
   * @param iterations steps tried
   * @param boundRow a row whose slack the last step shrank as far as it may, or -1
   * @param isRough whether rounding hides how to go on, in coordinates that x has left, or that
   *     were not made for it: in others it may go on
   */
  public record Outcome(
      Termination end,
      double loss,
      double predictedDecrease,
      int iterations,
      long boundRow,
      boolean isRough) {

    /** The end of a run that went on from this one. */
    public Outcome after(Outcome before) {
      int all = before.iterations + iterations;
      return new Outcome(end, loss, predictedDecrease, all, boundRow, isRough);
    }
  }

  private final RowStore rows;
  private final Device device;
  private final long seed;
  private final int limit;
  private final boolean keepSigns;
  private final FractionToBoundary rule = FractionToBoundary.USUAL;
  private final SecantModel model;
  private final Damping damping;
  private final DualActiveSet activeSet;
  private final SlackBounds bounds;
  private final Vector step;
  private final double[] hostStep;
  private final double[] trial;
  private LossPoint here;
  private LossPoint there;
  private double part;
  private double predicted;
  private int points;
  private int quiet;
  private boolean isSharp;
  private double startLoss;

  /**
   * For rows with offset and target.
   *
   * @param space of the store's device; d x d matrices, and all rows where they are few
   * @param seed of the samples of rows
   * @param limit on the iterations
   * @param keepSigns no slack changes its sign; for starts whose signs are known
   */
  public LeastSquares(RowStore rows, Workspace space, long seed, int limit, boolean keepSigns) {
    int d = rows.columns();
    this.rows = rows;
    this.device = rows.device();
    this.seed = seed;
    this.limit = limit;
    this.keepSigns = keepSigns;
    model = new SecantModel(rows, space);
    damping = new Damping(d, space);
    activeSet = new DualActiveSet(d, space);
    bounds = new SlackBounds(rows, rule);
    step = space.vector(d);
    hostStep = new double[d];
    trial = new double[d];
    here = new LossPoint(rows, !model.isWhole(), space);
    there = new LossPoint(rows, !model.isWhole(), space);
  }

  /** The same from now on with rounding of each slack from its own terms, for coordinates of x. */
  public LeastSquares sharpened() {
    isSharp = true;
    here.sharpen();
    there.sharpen();
    return this;
  }

  /**
   * Improves x (d, in the coordinates of the store) in place; it holds the best point at any time.
   *
   * @param steps hears the relative residual at the start of each iteration; what it throws ends
   *     the run
   */
  public Outcome run(double[] x, Steps steps) {
    return run(x, steps, Double.POSITIVE_INFINITY);
  }

  /**
   * The same from a point whose loss is known, in other coordinates: where x rounds to one that is
   * far worse, no step is taken, since none comes near the known loss.
   */
  public Outcome run(double[] x, Steps steps, double knownLoss) {
    predicted = Double.NaN;
    quiet = 0;
    model.forget();
    damping.reset();
    here.moveTo(x, null);
    here.evaluate(nextDraws());
    startLoss = here.loss();
    Termination unseen = unseen(knownLoss);
    if (unseen != null) {
      return outcome(unseen, 0, !isSharp);
    }
    here.differentiate(true, false);
    // Reads all rows 3 times a step that is taken, some 6 n d^2 flops; twice where it is not. One
    // more for the first matrix M of a damped model, and two for a step that new bounds cut.
    for (int k = 0; k < limit; k++) {
      steps.step(STAGE, k, here.relativeResidual());
      steps.point(x::clone);
      if (!model.isKnown()) {
        model.refresh(here);
      }
      if (!damping.factor(model.B(), here)) {
        return outcome(notConvex(), k);
      }
      findStep();
      Termination end = smallDecrease();
      if (end == null) {
        tryStep();
        end = smallDecrease(); // bounds may have left nothing of it
      }
      if (end == null) {
        end = evaluateStep() ? accept(x) : reject();
      }
      if (end != null) {
        return outcome(end, k + 1);
      }
    }
    return outcome(limitReached(), limit);
  }

  /** What keeps a run from its start, or null. */
  private Termination unseen(double knownLoss) {
    if (!Double.isFinite(startLoss)) {
      return noLoss();
    }
    if (startLoss > ROUNDED * knownLoss) {
      return rounded(ROUNDED * knownLoss);
    }
    return isHidden() && !isSharp ? rough() : null;
  }

  /** Whether rounding hides a decrease of the loss that counts. */
  private boolean isHidden() {
    return ROUNDING * here.floor() > VISIBLE * here.loss();
  }

  /** Where coordinates are sharp already others help only if these were left since. */
  private Outcome outcome(Termination end, int iterations) {
    boolean isLeft = here.loss() < (1 - VISIBLE) * startLoss;
    boolean isOver = end.type() == Type.ITERATION_LIMIT;
    return outcome(end, iterations, isHidden() && (isLeft || !isSharp) && !isOver);
  }

  private Outcome outcome(Termination end, int iterations, boolean isRough) {
    return new Outcome(
        end, here.loss(), predicted, iterations, keepSigns ? activeSet.activeRow() : -1, isRough);
  }

  private Draws nextDraws() {
    points++;
    return model.isWhole()
        ? null
        : new Draws(seed, PURPOSE + points, AHEAD * model.size() / rows.columns());
  }

  // ---- a step

  /** The minimiser of the damped model within the bounds known so far. */
  private void findStep() {
    activeSet.solve(damping.F(), here.gradient(), bounds.at(here), step);
    device.download(step, hostStep);
    part = 1;
    predicted = model.decrease(here.gradient(), step, 1);
  }

  /**
   * Moves {@link #there} along the step, one reading; where that shrinks a slack too far, finds out
   * which, and the step once more within their bounds: two readings a round. How far slacks shrank
   * does not tell whether one did that stands at the boundary: then the look at all rows comes
   * first.
   */
  private void tryStep() {
    boolean lookFirst = keepSigns && SlackBounds.isAtBoundary(here);
    for (int looks = 0; lookFirst && looks < MOST_LOOKS && findMoreBounds(); looks++) {
      findStep();
    }
    moveThere();
    double most = rule.tau() + DualActiveSet.SLOPPINESS;
    for (int looks = 0; keepSigns && there.shrinkage() > most; looks++) {
      if (!lookFirst && looks < MOST_LOOKS && findMoreBounds()) {
        findStep();
      } else {
        part *= rule.part(there.shrinkage());
        predicted = model.decrease(here.gradient(), step, part);
      }
      moveThere();
    }
  }

  private boolean findMoreBounds() {
    return bounds.look(here, hostStep, activeSet);
  }

  private void moveThere() {
    for (int j = 0; j < trial.length; j++) {
      trial[j] = here.x()[j] + part * hostStep[j];
    }
    there.moveTo(trial, here.x());
  }

  /**
   * Evaluates the loss at the end of the step, one reading; true where it is lower, as it should.
   */
  private boolean evaluateStep() {
    there.evaluate(nextDraws());
    return ratio() > ENOUGH_DECREASE && there.loss() < here.loss(); // false for NaN
  }

  /** The decrease of the loss beside the predicted one. */
  private double ratio() {
    return (here.loss() - there.loss()) / Math.max(predicted, 1e-300);
  }

  /** Takes the step, one reading for the gradient. */
  private Termination accept(double[] x) {
    double ratio = ratio();
    double decrease = here.loss() - there.loss();
    boolean keepsModel =
        there.largestChange() <= MOST_CHANGE && ratio > 1 / MOST_SURPRISE && ratio < MOST_SURPRISE;
    quiet = decrease <= TOLERANCE * here.loss() ? quiet + 1 : 0;
    System.arraycopy(there.x(), 0, x, 0, x.length);
    damping.follow(ratio);
    LossPoint left = here;
    here = there;
    there = left;
    if (quiet >= QUIET_STEPS) {
      return quietSteps(decrease);
    }
    here.differentiate(!keepsModel, damping.isOn());
    if (keepsModel) {
      model.update(step, part, there.gradient(), here.gradient());
    } else {
      model.forget();
    }
    return null;
  }

  /** A fresh model, or more damping of one that is fresh. */
  private Termination reject() {
    if (model.isFresh()) {
      Termination end = onlyRounding();
      return end != null || damping.raise() ? end : noDecrease();
    }
    model.forget();
    damping.reset();
    return null;
  }

  // ---- ends

  private static Termination end(Type type, String what, double value, double bound) {
    return new Termination(
        type, String.format(Locale.ROOT, "%s: %.2e, bound %.2e", what, value, bound), value, bound);
  }

  private Termination noLoss() {
    return end(Type.STALLED, "no loss is defined at the start", here.loss(), Double.MAX_VALUE);
  }

  private Termination rounded(double bound) {
    return end(Type.STALLED, "the start rounds to one with a larger loss", here.loss(), bound);
  }

  private Termination rough() {
    return end(
        Type.STALLED,
        "rounding hides the decrease",
        ROUNDING * here.floor(),
        VISIBLE * here.loss());
  }

  private Termination notConvex() {
    return end(
        Type.STALLED, "no damping makes the model convex", damping.relative(), Damping.HOPELESS);
  }

  private double enough() {
    return Math.max(TOLERANCE * here.loss(), ROUNDING * here.floor());
  }

  /** A step of Newton's that promises nothing. */
  private Termination smallDecrease() {
    return damping.isLight() && predicted <= enough()
        ? end(Type.CONVERGED, "no decrease of the loss is predicted", predicted, enough())
        : null;
  }

  /** No decrease where the best model there is promises some roundings. */
  private Termination onlyRounding() {
    double bound = Math.max(enough(), MOST_ROUNDINGS * here.floor());
    return predicted <= bound
        ? end(Type.CONVERGED, "the predicted decrease is within rounding", predicted, bound)
        : null;
  }

  private Termination noDecrease() {
    return end(
        Type.STALLED,
        "no step decreases the loss, however damped",
        damping.relative(),
        Damping.MOST);
  }

  private Termination quietSteps(double decrease) {
    return end(
        Type.CONVERGED,
        "steps in a row hardly decreased the loss",
        decrease,
        TOLERANCE * here.loss());
  }

  private Termination limitReached() {
    return end(Type.ITERATION_LIMIT, "the limit of iterations was reached", limit, limit);
  }
}
