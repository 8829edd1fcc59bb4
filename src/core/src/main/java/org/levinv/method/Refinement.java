package org.levinv.method;

import java.util.function.BiConsumer;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.Anderson;
import org.levinv.model.GramFactor;
import org.levinv.model.ScoreError;
import org.levinv.pass.ScorePass;
import org.levinv.pass.SignRule;
import org.levinv.rows.RowStore;

/**
 * Stage 3, in x. The Gram matrix G(x) comes from all rows, one reading and one unit of work; the
 * equations sigma_i(x) = target_i are asked only of a few rows of the sample. The step is that of a
 * {@link ReducedModel}, Anderson-mixed, and cut so that no slack changes sign: a step that went too
 * far is taken back by what the next Gram matrix says. When the next point is predicted to agree
 * with the targets, it is verified.
 */
final class Refinement {

  /** Of the way to the nearest pole that a step may take. */
  private static final double TO_BOUNDARY = 0.9;

  /** The sampled Jacobian is made where it costs at most this many units of n d^2, */
  private static final double JACOBIAN_UNITS = 10;

  /** and below this mismatch. */
  private static final double JACOBIAN_BELOW = 0.5;

  /** A model made above this mismatch is renewed when the mismatch has gone down to a share. */
  private static final double RENEW_ABOVE = 0.03;

  private static final double RENEW_SHARE = 0.3;

  /** A sampled Jacobian of at most this many units is always renewed then; */
  private static final double CHEAP_UNITS = 3;

  /** a dearer one that brings the mismatch down to this share in a step is good enough. */
  private static final double FAST = 0.05;

  /** Points verified: rounding alone makes some of them better than others. */
  private static final int VERIFICATIONS = 3;

  /** A mismatch below this is good enough where it does not go down. */
  private static final double GOOD = 1e-10;

  /**
   * Above this mismatch a step leaves more than single precision takes: about 1e-7, and steps lower
   * the mismatch to some hundredths.
   */
  private static final double SINGLE_ABOVE = 1e-3;

  /** Predictions are made below this mismatch. */
  private static final double PREDICT_BELOW = 1e-5;

  /** Mixed steps are forgotten where the mismatch exceeds the best by this factor, */
  private static final double OVERSHOT = 1.5;

  /** and models too above this mismatch. */
  private static final double FAR = 0.3;

  /** A second look at all rows must have lowered their mismatch to this share. */
  private static final double BETTER = 0.3;

  /** All rows are asked where progress ends below this mismatch, or this many floors. */
  private static final double WORTH_ASKING = 1e-6;

  private static final double WORTH_ASKING_FLOORS = 30;

  /** Steps that Anderson mixing looks back. */
  private static final int DEPTH = 8;

  /** How a refinement ended. */
  enum End {
    /** All rows agree with the target within the tolerance or rounding. */
    TOLERANCE,
    /** The next point was predicted to agree, and the verification found that it does. */
    PREDICTED,
    /** No further progress. */
    STALLED,
    /** The limit of iterations. */
    LIMIT,
    /** A Gram matrix could not be factored. */
    SINGULAR
  }

  /**
   * What was reached.
   *
   * @param mismatch on all rows, but for {@code PREDICTED}
   * @param floor what rounding of the slacks does to it
   * @param singularValues of the Jacobian, unknown where they are not at hand
   */
  record Outcome(
      End end, double mismatch, double floor, int iterations, SingularValues singularValues) {}

  /** Recomputes the scores at a point that is predicted to agree with the target. */
  @FunctionalInterface
  interface Check {
    /**
     * The mismatch on all rows that is left at x, or 0 where they agree.
     *
     * @param singularRatio of the outcome to be
     */
    double remainingError(Vector x, double singularRatio);
  }

  /**
   * What bounds a refinement.
   *
   * @param precision of the Gram matrices of the first steps
   */
  record Limits(double tolerance, int iterations, Precision precision) {}

  private final RowStore rows;
  private final Device device;
  private final SampleProblem sample;
  private final Equations equations;
  private final RelaxedRows relaxed;
  private final SignRule signs;
  private final double[] sampleSigns;
  private final Coordinates coordinates;
  private final PointGram gram;
  private final Limits limits;
  private final Check check;
  private final Steps steps;
  private final LogitProjection projection;
  private final SampledJacobian jacobian;
  private final double jacobianUnits;
  private final Anderson mixing;
  private final MismatchHistory history = new MismatchHistory();
  private final Vector step;
  private final Vector next;
  private final Vector dx;
  private final Vector before;
  private final Vector best;
  private final Vector x;

  private ReducedModel model;
  private double modelMadeAt;
  private double mismatch;
  private double floor;
  private double everywhere;
  private double lastEverywhere = Double.POSITIVE_INFINITY;
  private double bestMismatch = Double.POSITIVE_INFINITY;
  private double bestEverywhere = Double.POSITIVE_INFINITY;
  private double bestFloor;
  private boolean askAll;
  private boolean stepTaken;
  private boolean mayPassBoundary;
  private double rejected;
  private int verifications;
  private SingularValues singularValues = SingularValues.UNKNOWN;
  private int iteration;
  private End end;

  /**
   * @param signs what is known of them
   * @param gram of all rows, perhaps at the start already
   * @param check asked where the next point is predicted to agree; null to go on and look
   * @param x the start, which is improved in place
   */
  Refinement(
      RowStore rows,
      SampleProblem sample,
      Equations equations,
      RelaxedRows relaxed,
      SignRule signs,
      Coordinates coordinates,
      PointGram gram,
      Limits limits,
      Check check,
      Steps steps,
      Vector x,
      Workspace space) {
    int d = rows.columns();
    this.rows = rows;
    device = rows.device();
    this.sample = sample;
    this.equations = equations;
    this.relaxed = relaxed;
    this.signs = signs;
    this.coordinates = coordinates;
    this.gram = gram;
    this.limits = limits;
    this.check = check;
    this.steps = steps;
    this.x = x;
    jacobianUnits = 4.0 * equations.size() * sample.size() / ((double) rows.rows() * d);
    projection = new LogitProjection(equations, space);
    jacobian =
        jacobianUnits <= JACOBIAN_UNITS ? new SampledJacobian(sample, equations, space) : null;
    mixing = new Anderson(DEPTH, d, d, space);
    step = space.vector(d);
    next = space.vector(d);
    dx = space.vector(d);
    before = space.vector(d);
    best = space.vector(d);
    sampleSigns = relaxed.isEmpty() || !signs.isKnown() ? null : signsOfSample();
  }

  private double[] signsOfSample() {
    double[] values = new double[sample.size()];
    try (Workspace own = new Workspace(device)) {
      Vector v = own.vector(sample.size());
      sample.signs(signs, rows, v);
      device.download(v, values);
    }
    return values;
  }

  /**
   * Improves x, up to the best point met. An iteration reads all rows once, one unit of n d^2, once
   * more where a step went beyond the boundary of its cell, and once more where all are asked.
   */
  Outcome run() {
    device.copy(x, best);
    askAll = equations.areAll();
    equations.leaveOut(relaxed);
    while (end == null && iteration < limits.iterations()) {
      iterate();
      iteration++;
    }
    if (end == End.PREDICTED) {
      return new Outcome(end, mismatch, floor, iteration, singularValues);
    }
    end = end == null ? End.LIMIT : end;
    if (end == End.TOLERANCE && !singularValues.isKnown()) {
      singularValues = estimateSingularValues();
    }
    device.copy(best, x);
    if (bestEverywhere == Double.POSITIVE_INFINITY && end != End.SINGULAR) {
      judgeBest();
    }
    return new Outcome(end, bestEverywhere, bestFloor, iteration, singularValues);
  }

  private void iterate() {
    releaseRows();
    if (!evaluate()) {
      end = End.SINGULAR;
      return;
    }
    keepBest();
    relaxed.updateWeights(gram.factor());
    if (stops()) {
      return;
    }
    askAll = equations.areAll();
    if (!renewModel()) {
      end = End.SINGULAR;
      return;
    }
    takeStep();
    verifyWherePredicted();
  }

  /** Relaxed rows that agree with their slacks become ordinary ones: the problem has changed. */
  private void releaseRows() {
    if (relaxed.release(x, sampleSigns)) {
      mixing.forget();
      model = null;
      history.restart();
      bestMismatch = Double.POSITIVE_INFINITY;
      equations.leaveOut(relaxed);
    }
  }

  /** G(x), the scores of the equations, and those of all rows where asked; false if singular. */
  private boolean evaluate() {
    Precision precision = history.last() > SINGLE_ABOVE ? limits.precision() : Precision.DOUBLE;
    boolean guarded = stepTaken && mayPassBoundary;
    boolean regular = gram.goTo(x, guarded ? before : null, relaxed, signs, precision);
    if (regular && guarded && gram.shrinkage() > TO_BOUNDARY * (1 + 1e-9)) {
      device.copy(before, x);
      device.axpy(TO_BOUNDARY / gram.shrinkage(), dx, x); // not beyond the boundary
      regular = gram.goTo(x, null, relaxed, signs, precision);
    }
    stepTaken = false;
    if (!regular) {
      return false;
    }
    mismatch = equations.evaluate(gram);
    floor = equations.floor(lengthOfX());
    everywhere = Double.POSITIVE_INFINITY;
    if (askAll && equations.areAll()) {
      everywhere = mismatch;
    } else if (askAll) {
      ScoreError error = errorOfAll();
      everywhere = error.mismatch();
      floor = error.floor();
    }
    history.add(mismatch);
    steps.step(
        askAll ? "verification" : "refinement", iteration + 1, askAll ? everywhere : mismatch);
    return true;
  }

  private ScoreError errorOfAll() {
    int d = rows.columns();
    double[] inverseR = new double[d * d];
    double[] point = new double[d];
    device.download(gram.factor().inverseR(), inverseR);
    device.download(x, point);
    return rows.run(new ScorePass(point, inverseR, lengthOfX(), false, null)).error();
  }

  private void keepBest() {
    if (mismatch > OVERSHOT * bestMismatch) {
      mixing.forget();
      if (mismatch > FAR) {
        model = null;
      }
    }
    if (mismatch < bestMismatch || everywhere < bestEverywhere) {
      bestMismatch = mismatch;
      device.copy(x, best);
      bestEverywhere = relaxed.isEmpty() ? everywhere : Double.POSITIVE_INFINITY;
      bestFloor = floor;
      if (relaxed.isEmpty() && gram.wrongSide().offered() == 0) {
        steps.point(() -> coordinates.toOriginal(x));
      }
    }
    if (!relaxed.isEmpty()) {
      everywhere = Double.POSITIVE_INFINITY; // their weights are not those of x
    }
  }

  // ---- stops

  /** Whether this iteration ends here, with or without the end of the refinement. */
  private boolean stops() {
    if (toleranceReached()) {
      end = End.TOLERANCE;
    } else if (secondLookInVain() || noBetterThanRejected()) {
      end = End.STALLED;
    } else if ((relaxed.isEmpty() && history.isAtRounding()) || history.isSlow()) {
      if (mayAskAll()) {
        askAllAtBest();
        return true;
      }
      end = End.STALLED;
    }
    return end != null;
  }

  private boolean toleranceReached() {
    return askAll && everywhere <= Math.max(limits.tolerance(), floor);
  }

  /** All rows were asked before, and agree hardly better now. */
  private boolean secondLookInVain() {
    if (!askAll || equations.areAll()) {
      return false;
    }
    boolean inVain = everywhere > BETTER * lastEverywhere;
    lastEverywhere = everywhere;
    return inVain;
  }

  /** A verified point was good, and these equations have nothing more to say. */
  private boolean noBetterThanRejected() {
    return rejected > 0 && rejected < GOOD && mismatch > 0.5 * rejected;
  }

  /** As good as it gets on the equations: what do all rows say? */
  private boolean mayAskAll() {
    return !askAll && bestMismatch < Math.max(WORTH_ASKING, WORTH_ASKING_FLOORS * floor);
  }

  private void askAllAtBest() {
    device.copy(best, x);
    askAll = true;
    mixing.forget();
    relaxed.clear();
    equations.leaveOut(relaxed);
  }

  // ---- model and step

  /** A model that serves at x; false where the equations do not determine a move. */
  private boolean renewModel() {
    boolean mayBeSampled = jacobian != null && mismatch < JACOBIAN_BELOW;
    boolean fast =
        model == jacobian && jacobianUnits > CHEAP_UNITS && mismatch < FAST * history.previous();
    boolean outgrown = modelMadeAt > RENEW_ABOVE && mismatch < RENEW_SHARE * modelMadeAt && !fast;
    if (model != null && !outgrown && (model == jacobian || !mayBeSampled)) {
      return true;
    }
    model = null;
    modelMadeAt = mismatch;
    if (mayBeSampled && jacobian.make(gram, relaxed)) {
      model = jacobian;
    } else if (projection.make()) {
      model = projection;
    }
    return model != null;
  }

  private void takeStep() {
    model.step(equations.step(), step);
    Matrix R = model.measure(gram.factor());
    BiConsumer<Vector, Vector> measure =
        (from, to) -> device.multiply(R, false, from, to); // ||R dx||
    mixing.next(x, step, measure, next);
    device.copy(next, dx);
    device.axpy(-1, x, dx);
    device.copy(x, before);
    device.copy(next, x);
    // |a_i.dx / s_i| <= sqrt(sigma_i) ||R dx||, R^T R = G(x): a short step passes no boundary
    device.multiply(gram.factor().R(), false, dx, step);
    mayPassBoundary = Math.sqrt(device.dot(step, step)) > TO_BOUNDARY;
    stepTaken = true;
  }

  private void verifyWherePredicted() {
    boolean predicted =
        relaxed.isEmpty()
            && mismatch < PREDICT_BELOW
            && mismatch * history.rate() <= Math.max(limits.tolerance(), floor);
    if (!predicted) {
      return;
    }
    askAll = true;
    if (check == null || verifications >= VERIFICATIONS) {
      return;
    }
    singularValues = estimateSingularValues();
    rejected = check.remainingError(x, singularValues.ratio());
    if (rejected == 0) {
      end = End.PREDICTED;
      return;
    }
    verifications++;
    askAll = equations.areAll();
    device.copy(x, best);
    bestMismatch = Double.POSITIVE_INFINITY;
    bestEverywhere = rejected;
    bestFloor = floor;
    lastEverywhere = rejected;
  }

  /** How well x is determined, at the Gram matrix of the moment. */
  private SingularValues estimateSingularValues() {
    if (model == jacobian && jacobian != null && sample.isWhole()) {
      return jacobian.singularValues(gram.factor());
    }
    try (Workspace own = new Workspace(device)) {
      Vector w = own.upload(gram.slacks());
      device.map(Formula.RECIPROCAL, 0, w, null, null, w); // w = 1 / s
      GramFactor factor = gram.factor();
      return Determination.quick(
          sample.A(), w, factor.inverseR(), sample.counted(), sample.target(), device);
    }
  }

  /** What all rows say of the best point. */
  private void judgeBest() {
    relaxed.clear();
    if (gram.goTo(x, null, relaxed, signs, Precision.DOUBLE)) {
      ScoreError error = errorOfAll();
      bestEverywhere = error.mismatch();
      bestFloor = error.floor();
    }
  }

  /** ||x|| in the original coordinates. */
  private double lengthOfX() {
    double square = 0;
    for (double value : coordinates.toOriginal(x)) {
      square += value * value;
    }
    return Math.sqrt(square);
  }
}
