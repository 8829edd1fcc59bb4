package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Row weights w = e^t such that diag(w) A has given scores: stage 1 of the global method run to the
 * end. t minimises the convex 0.5 logdet(A^T e^{2t} A) - target . t. With target d/n for all rows,
 * A is put in radial isotropic position, and A^T diag(w^2) A is Tyler's M-estimator of scatter
 * (David Tyler, "A Distribution-Free M-Estimator of Multivariate Scatter", 1987).
 *
 * <p>The iteration moves the logits of all scores to their targets at once, Anderson-mixed, one
 * score evaluation each; Newton's method is the safeguard. Where neither gets on, the subspaces of
 * the rows whose weights grow tell whether the target is infeasible.
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

  /** Evaluations after which rows that hold too much are looked for, first. */
  private static final int FIRST_LOOK = 40;

  /** Evaluations without progress before Newton's method takes over. */
  private static final int PATIENCE = 12;

  /**
   * Weights that spread further than e to this, beyond their start, call for a look at the rows.
   */
  private static final double SPREAD = 6;

  /** cond(R) up to which Gram matrices of A itself lose nothing that counts. */
  private static final double WELL_CONDITIONED = 100;

  /** cond(R) beyond which the rank of A is looked at. */
  private static final double SUSPICIOUS = 1e10;

  private final TallMatrix A;
  private final Device device;
  private final Workspace space;
  private final double[] target;
  private final Vector wanted;
  private final GramFactor coordinates;
  private final LogitIteration iteration;
  private final Vector t;
  private final Vector start;
  private final Vector weights;
  private final Vector work;
  private double best = Double.POSITIVE_INFINITY;
  private int evaluations;
  private Flats flats = new Flats(0, 0, new int[0]);
  private boolean diverging;

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
    long n = A.rows();
    int d = A.columns();
    wanted = space.upload(target);
    coordinates = new GramFactor(d, space);
    iteration = new LogitIteration(A, wanted, new GramFactor(d, space), space);
    t = space.vector(n);
    start = space.vector(n);
    weights = space.vector(n);
    work = space.vector(n);
    rebase();
  }

  /**
   * Where it is called for, A = A R^-1 with R from rows of norm 1; t such that rows of A would have
   * their targets alone.
   */
  private void rebase() {
    A.squaredRowNorms(start); // ||a_i||^2
    device.map(Formula.ROOT, 0, start, null, null, weights);
    device.map(Formula.RECIPROCAL, 0, weights, null, null, weights); // 1 / ||a_i||
    if (!factorOfSample() || coordinates.condition() > SUSPICIOUS) {
      boolean regular = coordinates.ofRows(A, weights);
      if (!regular || coordinates.condition() > SUSPICIOUS) {
        int rank = Rank.of(A, device).rank();
        if (!regular || rank < A.columns()) {
          throw new RankDeficientException(rank);
        }
      }
    }
    if (coordinates.condition() > WELL_CONDITIONED) {
      A.rebase(coordinates.inverseR());
      A.squaredRowNorms(start);
    } else {
      coordinates.setIdentity();
    }
    device.map(Formula.LOG, -0.5, start, null, null, start);
    device.map(Formula.LOG, 0.5, wanted, null, null, work);
    device.axpy(1, work, start); // t = 0.5 log(target) - log ||a_i||
    device.copy(start, t);
  }

  /** R of some rows; a sample that has full rank shows that A has. */
  private boolean factorOfSample() {
    int size = 20 * A.columns() + 500;
    if (A.rows() < 2L * size) {
      return coordinates.ofRows(A, weights);
    }
    try (Workspace own = new Workspace(device)) {
      int[] rows = new int[size];
      Arrays.setAll(rows, k -> (int) (k * A.rows() / size));
      Vector scale = own.vector(size);
      device.gather(weights, rows, scale);
      return coordinates.ofRows(A.rows(rows, own), scale);
    }
  }

  /** Until the mismatch is at most {@code tolerance}, or {@code limit} evaluations are spent. */
  public Status run(double tolerance, int limit, Steps steps) {
    if (singleRow()) {
      return Status.INFEASIBLE;
    }
    int bestAt = 0;
    int lookAt = FIRST_LOOK;
    while (evaluations < limit && best > tolerance && evaluations - bestAt < PATIENCE) {
      boolean regular = iteration.factor(t);
      evaluations++;
      if (!regular) {
        if (!iteration.retreat(t)) {
          return Status.STALLED;
        }
        continue;
      }
      double error = iteration.evaluate(t);
      steps.step("scale", evaluations, error);
      bestAt = error < 0.9 * best ? evaluations : bestAt;
      best = iteration.best();
      if (evaluations == lookAt && best > tolerance) {
        lookAt *= 2;
        if (look(growth())) {
          return Status.INFEASIBLE;
        }
      }
      iteration.advance(t);
    }
    iteration.toBest(t);
    if (best > tolerance && look(growth())) {
      return Status.INFEASIBLE;
    }
    if (best > tolerance && evaluations < limit) {
      MagnitudesNewton newton = new MagnitudesNewton(A, wanted, space);
      if (newton.run(t, tolerance, steps)) {
        best = Math.min(best, newton.reached());
      } else {
        iteration.toBest(t);
      }
      if (best > tolerance && look(growth())) {
        return Status.INFEASIBLE;
      }
    }
    diverging = spread() > SPREAD;
    if (diverging) {
      look(growth()); // the target may be met in the limit only
    }
    return best <= tolerance
        ? Status.CONVERGED
        : evaluations >= limit ? Status.ITERATION_LIMIT : Status.STALLED;
  }

  /** True where one row alone holds more than 1. */
  private boolean singleRow() {
    for (int i = 0; i < target.length; i++) {
      Flats row = new Flats(1, target[i], new int[] {i});
      if (row.isViolated()) {
        flats = row;
        return true;
      }
    }
    return false;
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
    device.copy(t, work);
    device.axpy(-1, start, work);
    double[] growth = new double[target.length];
    device.download(work, growth);
    return growth;
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
    return flats.isViolated() || (diverging && flats.isTight()) ? flats.rows() : new int[0];
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
    double top = device.max(t);
    device.map(Formula.EXP, top, t, null, null, weights);
    double[] w = new double[target.length];
    try (Workspace own = new Workspace(device)) {
      Matrix G = own.matrix(d, d);
      Matrix GR = own.matrix(d, d);
      device.map(Formula.SQUARE, 0, weights, null, null, work);
      A.weightedGram(work, G);
      device.multiply(G, false, coordinates.R(), false, GR);
      device.multiply(coordinates.R(), true, GR, false, G); // R^T G R
      device.download(G, scatter);
      double trace = 0;
      for (int j = 0; j < d; j++) {
        trace += scatter[j * d + j];
      }
      for (int k = 0; k < scatter.length; k++) {
        scatter[k] *= d / trace;
      }
      device.download(weights, w);
      double factor = Math.sqrt(d / trace);
      for (int i = 0; i < w.length; i++) {
        w[i] *= factor;
      }
    }
    return w;
  }
}
