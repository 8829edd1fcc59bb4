package org.levinv.method.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Groups;
import org.levinv.method.Steps;
import org.levinv.method.common.Termination;
import org.levinv.method.groups.Effort;
import org.levinv.method.groups.GroupWeights;
import org.levinv.method.groups.HostMatrix;
import org.levinv.pass.RootWeights;
import org.levinv.pass.TargetWeights;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Row weights w such that diag(w) A has given scores: stage 1 of the global method run to the end.
 * t = log w minimises the convex 0.5 logdet(A^T e^{2t} A) - target . t. With target d/n for all
 * rows, A is put in radial isotropic position, and A^T diag(w^2) A is Tyler's M-estimator of
 * scatter (David Tyler, "A Distribution-Free M-Estimator of Multivariate Scatter", 1987).
 *
 * <p>{@link WeightsIteration} reads all rows once a round. Where it does not get on, {@link
 * SubspaceCondition} tells whether the target is infeasible, and {@link GroupWeights} is the
 * safeguard for as many rows as fit into memory beside themselves.
 */
public final class WeightsSearch {

  /** Evaluations after which rows that hold too much are looked for, first. */
  private static final int FIRST_LOOK = 20;

  /** Evaluations without progress before Newton's method takes over. */
  private static final int PATIENCE = 12;

  /** The error falls at least to this in what counts as progress. */
  private static final double PROGRESS = 0.9;

  /**
   * Weights that spread further than e to this, beyond their start, call for a look at the rows.
   */
  private static final double SPREAD = 6;

  /**
   * The last error is at most this multiple of the tolerance, which callers set 100 times below the
   * one that counts: so that nothing is lost where the prediction is wrong.
   */
  private static final double BOLDEST = 90;

  /** Of Newton's method, for each row: vectors on the host, and those of the device. */
  private static final long BYTES_PER_ROW = 200;

  /** Of all rows, that it has on the heap. */
  private static final long COPIES = 5;

  private final WeightsProblem problem;
  private final RowStore store;
  private final Device device;
  private final Workspace space;
  private final WeightsIteration iteration;
  private SubspaceCondition subspace = SubspaceCondition.NONE;
  private int evaluations;
  private boolean atHand;
  private boolean decoupled;
  private boolean tooLarge;

  public WeightsSearch(WeightsProblem problem, Workspace space) {
    this.problem = problem;
    this.space = space;
    store = problem.store();
    device = store.device();
    iteration = new WeightsIteration(problem, space);
    atHand = iteration.factor();
  }

  /**
   * Goes on where another search of the same problem stood.
   *
   * @param numbers as {@link Steps#point} tells them, {@link WeightsProblem#numbers} of them
   */
  public void goOn(double[] numbers) {
    iteration.restart(numbers);
    atHand = iteration.factor();
  }

  /**
   * Until the next error is predicted to be at most {@code tolerance}, or {@code limit} evaluations
   * are spent, one reading each. The state is the best one met.
   */
  public Termination run(double tolerance, int limit, Steps steps) {
    if (oneRowHoldsTooMuch()) {
      return end(Termination.Type.STALLED, tolerance);
    }
    boolean converged = iterate(tolerance, limit, steps);
    if (!converged && !subspace.isViolated()) {
      atHand = iteration.toBest();
      if (atHand) {
        look();
      }
    }
    if (!converged && !subspace.isViolated() && evaluations < limit && atHand) {
      converged = newton(tolerance, steps);
    }
    atHand = converged ? atHand : iteration.toBest();
    if (converged && iteration.spread() > SPREAD && store.columns() > 1) {
      look(); // the target may be met in the limit only
    }
    if (atHand && !subspace.isViolated()) {
      lookForFreeScales();
    }
    return end(
        converged
            ? Termination.Type.CONVERGED
            : evaluations >= limit && !subspace.isViolated()
                ? Termination.Type.ITERATION_LIMIT
                : Termination.Type.STALLED,
        tolerance);
  }

  private Termination end(Termination.Type type, double tolerance) {
    double error = iteration.bestError();
    return new Termination(
        type,
        String.format(
            Locale.ROOT, "%d evaluations: error %.2e, bound %.2e", evaluations, error, tolerance),
        error,
        tolerance);
  }

  /** One reading and two units a round; true where the state is as good as asked for. */
  private boolean iterate(double tolerance, int limit, Steps steps) {
    double last = Double.POSITIVE_INFINITY;
    double best = Double.POSITIVE_INFINITY;
    int bestAt = evaluations;
    int lookAt = evaluations + FIRST_LOOK;
    boolean near = false;
    while (evaluations - bestAt < PATIENCE) {
      atHand = iteration.factor();
      if (atHand && near) {
        return true;
      }
      if (evaluations >= limit || (!atHand && !iteration.retreat())) {
        return false;
      }
      evaluations++;
      if (!atHand) {
        near = false;
        continue;
      }
      double error = iteration.evaluate();
      steps.step("scale", evaluations, error);
      if (error < best) {
        steps.point(iteration::bestNumbers);
      }
      if (error <= tolerance) {
        return true;
      }
      near = error * Math.min(1, error / last) <= tolerance && error <= BOLDEST * tolerance;
      last = error;
      bestAt = error < PROGRESS * best ? evaluations : bestAt;
      best = Math.min(best, error);
      if (evaluations == lookAt) {
        lookAt += evaluations;
        if (look()) {
          return false;
        }
      }
      iteration.advance();
    }
    return false;
  }

  /** True where one row alone holds more than 1. */
  private boolean oneRowHoldsTooMuch() {
    double t = problem.sums().largest();
    if (problem.targets().isGiven() && t > 1) {
      SubspaceCondition row =
          new SubspaceCondition(
              new double[][] {new double[store.columns()]},
              t,
              1,
              new long[] {problem.sums().largestRow()});
      subspace = row.isViolated() ? row : subspace;
    }
    return subspace.isViolated();
  }

  /** True where the rows whose weights have grown most hold too much. */
  private boolean look() {
    SubspaceCondition found = SubspaceCondition.of(problem, iteration.weights());
    if (subspace.rank() == 0 || found.excess() > subspace.excess()) {
      subspace = found;
    }
    return subspace.isViolated();
  }

  /** Goes on group by group with all rows in memory, where they fit. */
  private boolean newton(double tolerance, Steps steps) {
    long n = store.rows();
    long rowBytes = 8L * store.columns() + BYTES_PER_ROW;
    boolean hasHeap = n <= Runtime.getRuntime().maxMemory() / 2 / (COPIES * rowBytes);
    if (2 * n * rowBytes > store.room() || !hasHeap) {
      tooLarge = true;
      return false;
    }
    double[] w = new double[(int) n];
    store.map(
        new RootWeights(iteration.weights(), 1, false),
        (first, count, values) -> System.arraycopy(values, 0, w, (int) first, count));
    long[] rows = LongStream.range(0, n).filter(i -> w[(int) i] > 0).toArray();
    double[] target = targets(rows);
    try (Workspace own = new Workspace(device)) {
      TallMatrix A = problem.gather(rows, own);
      double[] logs = Arrays.stream(rows).mapToDouble(i -> Math.log(w[(int) i])).toArray();
      HostMatrix host = new HostMatrix(HeavyRows.download(A, own), rows.length, store.columns());
      Effort effort =
          new Effort(
              Double.POSITIVE_INFINITY,
              (stage, step, misfit) -> {
                steps.step(stage + " (Newton)", step + 1, misfit);
                return true;
              });
      double[] found = GroupWeights.of(host, target, logs, device, effort);
      store.counter().compute(effort.flops());
      if (found == null) {
        return false;
      }
      iteration.restart(state(rows, found, A, own));
    }
    atHand = iteration.factor();
    return atHand && iteration.evaluate() <= BOLDEST * tolerance;
  }

  private double[] targets(long[] rows) {
    double[] target = new double[rows.length];
    if (problem.targets().isGiven()) {
      double[] given = store.gather(Field.TARGET, rows);
      Arrays.setAll(target, k -> problem.targets().of(given[k]));
    } else {
      Arrays.fill(target, problem.targets().equal());
    }
    return target;
  }

  /** The state of weights of all rows that have a target, from their logarithms. */
  private WeightsState state(long[] rows, double[] logs, TallMatrix A, Workspace own) {
    int d = store.columns();
    double[] u = new double[logs.length];
    double[] heavyLogs = new double[problem.heavy().size()];
    double top = Arrays.stream(logs).max().orElse(0);
    Arrays.setAll(u, k -> Math.exp(2 * (logs[k] - top)));
    for (int i = 0; i < heavyLogs.length; i++) {
      int k = Arrays.binarySearch(rows, problem.heavy().numbers()[i]);
      heavyLogs[i] = logs[k] - top;
      u[k] = 0;
    }
    Matrix S = own.matrix(d, d);
    double[] light = new double[d * d];
    A.weightedGram(own.upload(u), S);
    device.download(S, light);
    return new WeightsState(light, heavyLogs);
  }

  /**
   * Rows of two complementary subspaces are problems of their own, each with its scale. Some rows
   * that are connected show that all are; where they are not, all rows tell.
   */
  private void lookForFreeScales() {
    if (subspace.isTight()) {
      decoupled = subspace.isDecoupled(store);
      return;
    }
    double[][] basis;
    try (Workspace own = new Workspace(device)) {
      basis = groupOfSomeRows(own);
    }
    if (basis.length > 0 && basis.length < store.columns()) {
      SubspaceCondition group = SubspaceCondition.spannedBy(basis, problem, iteration.weights());
      decoupled = group.isDecoupled(store);
      subspace = decoupled ? group : subspace;
    }
  }

  /**
   * An orthonormal basis of what one of some rows spans with those that are coupled with it, |P_ij|
   * > 0 for P of the weights of the state; of all columns where all are coupled.
   */
  private double[][] groupOfSomeRows(Workspace own) {
    int d = store.columns();
    long n = store.rows();
    long count = Math.min(n, 20L * d + 500);
    long[] numbers = LongStream.range(0, count).map(k -> k * n / count).toArray();
    TallMatrix V = problem.gather(numbers, own);
    double[] rows = HeavyRows.download(V, own);
    int[] some =
        IntStream.range(0, numbers.length)
            .filter(i -> Arrays.stream(rows, i * d, (i + 1) * d).anyMatch(a -> a != 0))
            .toArray();
    V = some.length < numbers.length ? V.rows(some, own) : V;
    if (some.length == 0) {
      return new double[0][];
    }
    Matrix inverse = own.matrix(d, d);
    device.upload(iteration.inverseR(), inverse);
    V.rebase(inverse); // R^-T a_i
    double[] w = new double[some.length];
    double[] ones = new double[some.length];
    Vector squares = own.vector(some.length);
    V.squaredRowNorms(squares);
    device.download(squares, w);
    Arrays.setAll(w, i -> 1 / Math.sqrt(w[i]));
    Arrays.fill(ones, 1);
    Groups groups = Groups.of(V, w, ones, null, device);
    List<double[]> basis = new ArrayList<>();
    for (int i = 0; i < some.length && basis.size() < d; i++) {
      if (groups.member()[i] == groups.member()[0]) {
        SubspaceCondition.orthogonalize(
            Arrays.copyOfRange(rows, some[i] * d, (some[i] + 1) * d), basis);
      }
    }
    return basis.toArray(new double[0][]);
  }

  /** Rounds, one evaluation of the scores each. */
  public int evaluations() {
    return evaluations;
  }

  /** The weights at the end; null where there are none. */
  public TargetWeights weights() {
    return atHand ? iteration.weights() : null;
  }

  /**
   * The Gram matrix S of the state with trace d, d x d row by row, in the coordinates of the rows:
   * A^T diag(u) A within the error reached.
   */
  public double[] scatter() {
    int d = store.columns();
    double[] S = new double[d * d];
    try (Workspace own = new Workspace(device)) {
      Matrix T = own.matrix(d, d);
      Matrix R = own.matrix(d, d);
      Matrix G = own.matrix(d, d);
      device.upload(iteration.inverseR(), T);
      if (problem.coordinates() != null) {
        Matrix M = own.matrix(d, d);
        device.upload(problem.coordinates(), M);
        device.multiply(M, false, T, false, R);
        device.copy(R, T); // M R^-1
      }
      device.invertTriangular(T, R);
      device.multiply(R, true, R, false, G); // (R M^-1)^T R M^-1
      device.download(G, S);
    }
    double trace = 0;
    for (int j = 0; j < d; j++) {
      trace += S[j * d + j];
    }
    for (int k = 0; k < S.length; k++) {
      S[k] *= d / trace;
    }
    return S;
  }

  /**
   * About the best weights so far, for when the device has failed, computed on another one; null
   * before the first evaluation.
   */
  public TargetWeights reached(Workspace elsewhere) {
    StateFactor factor = new StateFactor(problem, elsewhere);
    WeightsState best = iteration.best();
    return best != null && factor.of(best) ? problem.weights(factor.inverseOnHost(), best) : null;
  }

  /** The rows that hold too much, or all that they can; empty where no such rows were found. */
  public long[] heldRows() {
    return subspace.isViolated() || isLimit() ? subspace.rows() : new long[0];
  }

  /** How many these are. */
  public long heldCount() {
    return heldRows().length == 0 ? 0 : subspace.count();
  }

  /**
   * Whether some rows hold all that they can while other rows reach out of their complement: only
   * infinite weights meet the target.
   */
  public boolean isLimit() {
    return !decoupled && subspace.isTight();
  }

  /** Whether the rows lie in complementary subspaces, so that a scale between them is free. */
  public boolean isDecoupled() {
    return decoupled;
  }

  /** Whether Newton's method was called for, and all rows were more than memory holds twice. */
  public boolean isTooLargeForNewton() {
    return tooLarge;
  }

  /** The dimension of the subspace of {@link #heldRows} or {@link #isDecoupled}. */
  public int heldRank() {
    return subspace.rank();
  }

  /** d. */
  public int columns() {
    return store.columns();
  }

  /** The sum of the targets of its rows. */
  public double held() {
    return subspace.held();
  }
}
