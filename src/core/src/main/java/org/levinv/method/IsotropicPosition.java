package org.levinv.method;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Row weights w such that diag(w) A has given scores: stage 1 of the global method run to the end.
 * t = log w minimises the convex 0.5 logdet(A^T e^{2t} A) - target . t. With target d/n for all
 * rows, A is put in radial isotropic position, and A^T diag(w^2) A is Tyler's M-estimator of
 * scatter (David Tyler, "A Distribution-Free M-Estimator of Multivariate Scatter", 1987).
 *
 * <p>Each round moves all scores to their targets at once, mixed with the rounds before, one
 * evaluation of the scores each: {@link LeaveOneOut}, and where that gives up {@link
 * LogitIteration}, which cannot leave the positive weights; Newton's method is the safeguard. Where
 * none gets on, the subspaces of the rows whose weights grow tell whether the target is infeasible.
 */
public final class IsotropicPosition {

  /** How a run ended. */
  public enum Status {
    /** The mismatch is below the one asked for. */
    CONVERGED,
    /** The rows of a subspace hold more of the target than its dimension. */
    INFEASIBLE,
    /** The limit was reached. */
    ITERATION_LIMIT,
    /** No progress. */
    STALLED
  }

  /** Evaluations with logarithms after which rows that hold too much are looked for, first. */
  private static final int FIRST_LOOK = 20;

  /** Rows with larger targets shut others out, and their weights are found as logarithms. */
  private static final double COUPLED = 0.5;

  /** Evaluations without progress before Newton's method takes over. */
  private static final int PATIENCE = 12;

  /**
   * Weights that spread further than e to this, beyond their start, call for a look at the rows.
   */
  private static final double SPREAD = 6;

  /** cond(R) up to which Gram matrices of A itself lose nothing that counts. */
  private static final double WELL_CONDITIONED = 100;

  /** cond(R) up to which R from a Gram matrix is as good as one by QR, for coordinates. */
  private static final double TRUSTED = 1e6;

  /** cond(R) beyond which the rank of A is looked at. */
  private static final double SUSPICIOUS = 1e10;

  private final TallMatrix A;
  private final Device device;
  private final Workspace space;
  private final double[] target;
  private final int largest;
  private final Vector wanted;
  private final GramFactor coordinates;
  private final LeaveOneOut plain;
  private final double[] kept;
  private final Vector t;
  private final Vector start;
  private final Vector work;
  private double best = Double.POSITIVE_INFINITY;
  private double keptAt = Double.POSITIVE_INFINITY;
  private int evaluations;
  private boolean isPlain;
  private Flats flats = new Flats(0, 0, new int[0]);
  private boolean unmet;

  /**
   * For A of n x d, which is replaced by A R^-1 where its condition calls for that.
   *
   * @param target n positive scores with sum d
   * @throws RankDeficientException if the columns of A are dependent
   */
  public IsotropicPosition(TallMatrix A, double[] target, Workspace space) {
    this.A = A;
    this.device = space.device();
    this.space = space;
    this.target = target;
    int top = 0;
    for (int i = 1; i < target.length; i++) {
      top = target[i] > target[top] ? i : top;
    }
    largest = top;
    long n = A.rows();
    int d = A.columns();
    wanted = space.upload(target);
    coordinates = new GramFactor(d, space);
    plain = new LeaveOneOut(A, target, wanted, space);
    kept = new double[target.length];
    t = space.vector(n);
    start = space.vector(n);
    work = space.vector(n);
    setUp();
  }

  /**
   * The weights with which each row alone would have its target, and A = A R^-1 where called for.
   */
  private void setUp() {
    startFromLengths();
    if (!coordinates.of(plain.gram()) || coordinates.condition() > TRUSTED) {
      A.squaredRowNorms(work);
      device.map(Formula.ROOT, 0, work, null, null, work);
      device.map(Formula.RECIPROCAL, 0, work, null, null, work); // 1 / ||a_i||
      boolean regular = coordinates.ofRows(A, work);
      if (!regular || coordinates.condition() > SUSPICIOUS) {
        int rank = Rank.of(A, device).rank();
        if (!regular || rank < A.columns()) {
          throw new RankDeficientException(rank);
        }
      }
    }
    if (coordinates.condition() > WELL_CONDITIONED) {
      A.rebase(coordinates.inverseR());
      startFromLengths();
    } else {
      coordinates.setIdentity();
    }
  }

  /** w_i^2 = target_i / ||a_i||^2. */
  private void startFromLengths() {
    A.squaredRowNorms(start);
    device.map(Formula.RECIPROCAL, 0, start, null, null, start);
    device.multiply(wanted, start, start);
    plain.start(start);
  }

  /**
   * Until the next mismatch is predicted to be at most {@code tolerance}, or {@code limit}
   * evaluations are spent.
   */
  public Status run(double tolerance, int limit, Steps steps) {
    if (singleRow()) {
      return Status.INFEASIBLE;
    }
    isPlain = target[largest] <= COUPLED && plain.run(tolerance, limit, steps, this::keep);
    evaluations = plain.evaluations();
    Vector u = plain.squaredWeights();
    boolean diverging;
    if (isPlain) {
      best = tolerance;
      diverging = spread(u) > SPREAD;
      if (diverging) {
        device.map(Formula.LOG, 0.5, u, null, null, t);
      }
    } else {
      device.map(Formula.LOG, 0.5, u, null, null, t);
      device.map(Formula.MAGNITUDE, 0, t, null, null, work);
      if (!(device.max(work) < Double.POSITIVE_INFINITY)) {
        device.map(Formula.LOG, 0.5, start, null, null, t);
      }
      if (look(growth()) || !withLogarithms(tolerance, limit, steps)) {
        unmet = true;
        return flats.isViolated() ? Status.INFEASIBLE : Status.STALLED;
      }
      diverging = spread() > SPREAD;
    }
    if (diverging) {
      look(growth()); // the target may be met in the limit only
    }
    unmet = diverging || best > tolerance;
    return best <= tolerance
        ? Status.CONVERGED
        : evaluations >= limit ? Status.ITERATION_LIMIT : Status.STALLED;
  }

  /** Goes on from t; false where nothing can be evaluated, or rows hold too much. */
  private boolean withLogarithms(double tolerance, int limit, Steps steps) {
    LogitIteration iteration =
        new LogitIteration(A, wanted, new GramFactor(A.columns(), space), space);
    int bestAt = evaluations;
    int lookAt = evaluations + FIRST_LOOK;
    while (evaluations < limit && best > tolerance && evaluations - bestAt < PATIENCE) {
      boolean regular = iteration.factor(t);
      evaluations++;
      if (!regular) {
        if (!iteration.retreat(t)) {
          return false;
        }
        continue;
      }
      double error = iteration.evaluate(t);
      steps.step("scale", evaluations, error);
      if (error < 0.1 * keptAt) {
        device.map(Formula.EXP, device.max(t), t, null, null, work);
        device.map(Formula.SQUARE, 0, work, null, null, work);
        keep(work, error);
      }
      bestAt = error < 0.9 * best ? evaluations : bestAt;
      best = iteration.best();
      if (evaluations == lookAt && best > tolerance) {
        lookAt += evaluations;
        if (look(growth())) {
          return false;
        }
      }
      iteration.advance(t);
    }
    iteration.toBest(t);
    if (best > tolerance && look(growth())) {
      return false;
    }
    if (best > tolerance && evaluations < limit) {
      MagnitudesNewton newton = new MagnitudesNewton(A, wanted, space);
      if (newton.run(t, tolerance, steps)) {
        best = Math.min(best, newton.reached());
      } else {
        iteration.toBest(t);
      }
      return best <= tolerance || !look(growth());
    }
    return true;
  }

  /** Squared weights for {@link #reached}, each time the mismatch has fallen tenfold. */
  private void keep(Vector u, double error) {
    if (error < 0.1 * keptAt) {
      keptAt = error;
      device.download(u, kept);
    }
  }

  /**
   * Squared weights on the host, about the best so far, for when the device fails; null before the
   * first evaluation.
   */
  public double[] reached() {
    return keptAt < Double.POSITIVE_INFINITY ? kept.clone() : null;
  }

  /** True where one row alone holds more than 1. */
  private boolean singleRow() {
    Flats row = new Flats(1, target[largest], new int[] {largest});
    if (row.isViolated()) {
      flats = row;
    }
    return row.isViolated();
  }

  /** True where the first rows in an order hold too much. */
  private boolean look(double[] key) {
    Flats found = Flats.of(A, target, key, device);
    if (flats.rank() == 0 || found.held() - found.rank() > flats.held() - flats.rank()) {
      flats = found;
    }
    return flats.isViolated();
  }

  /** How much each weight has grown, as a logarithm. */
  private double[] growth() {
    device.map(Formula.LOG, -0.5, start, null, null, work);
    device.axpy(1, t, work); // t - 0.5 log start
    double[] growth = new double[target.length];
    device.download(work, growth);
    return growth;
  }

  /** The same for squared weights, without logarithms of vectors. */
  private double spread(Vector u) {
    device.divide(u, start, work);
    double most = device.max(work);
    device.divide(start, u, work);
    return 0.5 * Math.log(most * device.max(work));
  }

  private double spread() {
    double least = Double.POSITIVE_INFINITY;
    double largest = Double.NEGATIVE_INFINITY;
    for (double value : growth()) {
      least = Math.min(least, value);
      largest = Math.max(largest, value);
    }
    return largest - least;
  }

  /** The mismatch reached. */
  public double mismatch() {
    return best;
  }

  /** Score evaluations, without those of Newton's method. */
  public int evaluations() {
    return evaluations;
  }

  /** The rows that hold too much, or all that they can; empty where no such rows were found. */
  public int[] heldRows() {
    return flats.isViolated() || isLimit() ? flats.rows() : new int[0];
  }

  /**
   * Whether these rows hold all that they can while other rows reach out of their complement: only
   * infinite weights meet the target.
   */
  public boolean isLimit() {
    if (!unmet || !flats.isTight()) {
      return false;
    }
    boolean[] held = new boolean[target.length];
    for (int i : flats.rows()) {
      held[i] = true;
    }
    int[] others = IntStream.range(0, target.length).filter(i -> !held[i]).toArray();
    int d = A.columns();
    int[] enough = new int[Math.max(others.length, d)]; // a rank needs d rows, the same ones or not
    Arrays.setAll(enough, k -> others[k % others.length]);
    try (Workspace own = new Workspace(device)) {
      return Rank.of(A.rows(enough, own), device).rank() > d - flats.rank();
    }
  }

  /** The dimension of their subspace. */
  public int heldRank() {
    return flats.rank();
  }

  /** The sum of their targets. */
  public double held() {
    return flats.held();
  }

  /**
   * w, n values for the original rows, such that the trace of A^T diag(w^2) A is d for the original
   * A; that matrix, d x d, goes into {@code scatter}.
   */
  public double[] weights(double[] scatter) {
    int d = A.columns();
    double[] w = new double[target.length];
    try (Workspace own = new Workspace(device)) {
      Matrix G = own.matrix(d, d);
      if (isPlain) {
        device.map(Formula.ROOT, 0, plain.squaredWeights(), null, null, work);
        device.copy(plain.gram(), G);
      } else {
        device.map(Formula.EXP, device.max(t), t, null, null, work);
        device.map(Formula.SQUARE, 0, work, null, null, start);
        A.weightedGram(start, G);
      }
      device.download(work, w);
      Matrix GR = own.matrix(d, d);
      device.multiply(G, false, coordinates.R(), false, GR);
      device.multiply(coordinates.R(), true, GR, false, G); // R^T G R
      device.download(G, scatter);
    }
    double trace = 0;
    for (int j = 0; j < d; j++) {
      trace += scatter[j * d + j];
    }
    for (int k = 0; k < scatter.length; k++) {
      scatter[k] *= d / trace;
    }
    double factor = Math.sqrt(d / trace);
    for (int i = 0; i < w.length; i++) {
      w[i] *= factor;
    }
    return w;
  }
}
