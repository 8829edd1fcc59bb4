package org.levinv;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.levinv.device.DeviceException;
import org.levinv.device.RowSource;
import org.levinv.solve.AuditSolve;
import org.levinv.solve.Forecast;
import org.levinv.solve.GlobalSolve;
import org.levinv.solve.LocalSolve;
import org.levinv.solve.ManySolves;
import org.levinv.solve.ResultBuilder;
import org.levinv.solve.ScaleSolve;
import org.levinv.solve.ScoresAt;
import org.levinv.solve.TylerSolve;
import org.levinv.solve.WeightsSolve;

/**
 * Solves problems on one device, which it owns. For one thread at a time: a second one is answered
 * with an {@link IllegalStateException}.
 *
 * <p>A solve ends early, with the best x so far and a status that says why, where its thread is
 * interrupted (the thread's flag stays set), its {@link Progress} says stop, a limit of its {@link
 * Options} is reached, or the device fails once there is an x. Unless the device failed, the
 * inverter can be used again.
 */
public final class Inverter implements AutoCloseable {
  private final DeviceChoice choice;
  private final Threads threads;
  private final AtomicReference<Thread> user = new AtomicReference<>();
  private boolean closed;

  private Inverter(DeviceChoice choice, Threads threads) {
    this.choice = choice;
    this.threads = threads;
  }

  /**
   * @param device {@code auto}, {@code cpu}, {@code reference}, {@code cuda}, {@code cuda:K} for
   *     card K, {@code cuda:K,L} or {@code cuda:all} for cards that share the rows; {@code auto}
   *     and {@code cuda} take the first card that works, {@code auto} the CPU where none does, and
   *     a device asked for by name is never replaced
   * @param threads limit on the cores that the CPU uses, or 0 for what the environment says: see
   *     {@link Threads}
   * @throws InvalidInputException if there is no such device
   * @throws DeviceException if the device does not work here
   */
  public static Inverter open(String device, int threads) {
    return open(device, threads, Double.POSITIVE_INFINITY);
  }

  /**
   * As {@link #open(String, int)}, for the size of a problem: {@code auto} takes a card only where
   * that pays, from n d^2 = 1e8 on, and the CPU below.
   *
   * @param rows n, of the largest problem
   * @param columns d
   */
  public static Inverter open(String device, int threads, long rows, int columns) {
    return open(device, threads, DeviceChoice.size(rows, columns));
  }

  private static Inverter open(String device, int threads, double size) {
    Threads limit = Threads.of(threads);
    return new Inverter(DeviceChoice.of(device, limit.count(), size), limit);
  }

  /** A card that works here, or else the CPU with all cores. */
  public static Inverter open() {
    return open("auto", 0);
  }

  /**
   * One line for each device: its name, libraries and versions, or the reason why it does not work
   * here.
   */
  public static List<String> devices() {
    return DeviceChoice.describe(Threads.of(0).count());
  }

  /** The cores that the CPU may use, and what said so. */
  public Threads threads() {
    return threads;
  }

  /** The device's name and libraries. */
  public String device() {
    return choice.name();
  }

  /**
   * Finds x such that the leverage scores of diag(Ax - b)^-1 A are sigma.
   *
   * @throws InvalidInputException if the problem or the options cannot be used: shapes, numbers,
   *     dependent columns
   * @throws DeviceException if the device fails before there is an x, or its memory does not
   *     suffice
   */
  public Result invert(Problem problem, Options options) {
    return alone(() -> noted(solve(problem, options), problem.A()));
  }

  /**
   * Solves for one A and b with many targets, one after the other, as {@link #invertAll(Model,
   * List, IntFunction, ObjIntConsumer)} does.
   */
  public List<Result> invertAll(
      RowSource A,
      VectorSource b,
      List<VectorSource> targets,
      Options options,
      ObjIntConsumer<Result> answered) {
    return invertAll(new Model(A, b, Weights.BARRIER), targets, k -> options, answered);
  }

  /**
   * Solves for one model with many targets, one after the other; A is read and uploaded once, and
   * every result has the bits that {@link #invert} gives. After a solve that was interrupted, or
   * whose device failed, no other begins.
   *
   * @param options for a target, by its number; asked for when its turn has come. Limits hold for
   *     each, and all have the memory of the first
   * @param answered hears of each result as soon as it is there, with the number of its target
   * @return the results in the order of their targets, fewer where one was the last
   * @throws InvalidInputException as {@link #invert}; targets before the one that cannot be used
   *     have been answered
   */
  public List<Result> invertAll(
      Model model,
      List<VectorSource> targets,
      IntFunction<Options> options,
      ObjIntConsumer<Result> answered) {
    List<Problem> problems = targets.stream().map(sigma -> new Problem(model, sigma)).toList();
    return alone(
        () -> {
          List<Result> results = new ArrayList<>();
          try (ManySolves solves = new ManySolves(choice.devices())) {
            for (int k = 0; k < problems.size(); k++) {
              Options own = options.apply(k);
              own.orientation().check(model);
              boolean isGlobal = own.local().equals(LocalOptions.NONE);
              Result found =
                  isGlobal ? solves.solve(problems.get(k), own) : solve(problems.get(k), own);
              Result result = noted(found, model.A());
              answered.accept(result, k);
              results.add(result);
              if (result.status() == Status.INTERRUPTED
                  || result.status() == Status.DEVICE_FAILED) {
                break;
              }
            }
          }
          return results;
        });
  }

  /** The same for targets in arrays, n values each. */
  public List<Result> invertAll(double[][] A, double[] b, List<double[]> targets, Options options) {
    return invertAll(
        RowSource.of(A),
        VectorSource.of("offset", b),
        targets.stream().map(sigma -> VectorSource.of("scores", sigma)).toList(),
        options,
        (result, k) -> {});
  }

  private Result solve(Problem problem, Options options) {
    options.orientation().check(problem.model());
    if (options.local().method() != Method.AUTO) {
      return LocalSolve.of(choice.devices(), problem, options).run();
    }
    Result result =
        problem.weights().isBarrier()
            ? new GlobalSolve(choice.devices(), problem, options).run()
            : new WeightsSolve(choice.devices(), problem, options).run();
    return options.local().equals(LocalOptions.NONE) || result.status().stopped()
        ? result
        : LocalSolve.continued(choice.devices(), problem, options, result);
  }

  private Result noted(Result result, RowSource A) {
    String note = choice.note(A, result.deviceNote());
    return note == null ? result : new ResultBuilder(result).deviceNote(note).build();
  }

  /**
   * Finds x such that A(x)^T sigma(x) is the given gradient, from the start point of the options,
   * by Newton's method with the exact or the sampled Hessian; {@code AUTO} means the exact one. In
   * the result the relative residual is ||A(x)^T sigma(x) - g|| / ||g||.
   *
   * @throws InvalidInputException if the problem or the options cannot be used
   * @throws DeviceException as {@link #invert}
   */
  public Result invertGradient(GradientProblem problem, Options options) {
    return alone(() -> noted(LocalSolve.of(choice.devices(), problem, options).run(), problem.A()));
  }

  /**
   * The loss of arXiv:2404.13785, or that for other weights, and its derivatives at x (d values),
   * the Hessian in its three parts, d x d each; some 18 n d^3 flops, so for small d.
   *
   * @param omega of the regulariser: one number for every row or n of them, or null for none
   */
  public Derivatives derivatives(Problem problem, double[] x, double[] omega) {
    return alone(() -> LocalSolve.derivatives(choice.devices(), problem, x, omega));
  }

  /**
   * Row weights w such that diag(w) A has given scores (radial isotropic position, for equal ones).
   *
   * @param target n scores with sum d
   * @param options of which the tolerance, the limits and the progress count
   * @throws InvalidInputException if the input cannot be used: shapes, numbers, dependent columns
   * @throws DeviceException if the device fails before there are weights, or its memory does not
   *     suffice
   */
  public ScaleResult scale(RowSource A, VectorSource target, Options options) {
    return scale(A, target, options, null);
  }

  /** The same with arrays; the weights are in the result. */
  public ScaleResult scale(double[][] A, double[] target, Options options) {
    return scale(RowSource.of(A), target, options);
  }

  /** The same for a target in an array. */
  public ScaleResult scale(RowSource A, double[] target, Options options) {
    return scale(A, VectorSource.of("scores", target), options, null);
  }

  /**
   * The same for any number of rows: the weights go to a sink, piece by piece, once they are found,
   * and the result has no arrays of n numbers.
   *
   * @param weights takes w, also of a search that ends early; null for arrays in the result
   * @throws VectorSinkException if the sink cannot keep them
   */
  public ScaleResult scale(RowSource A, VectorSource target, Options options, VectorSink weights) {
    Problem.checkShape(A);
    Problem.checkLength(target, A.rows());
    return alone(() -> new ScaleSolve(choice.devices(), A, target, options, weights).run());
  }

  /**
   * The weights that give every row of A (but rows of zeros) the score d/n, and with them Tyler's
   * M-estimator of scatter.
   *
   * @param options as in {@link #scale}
   */
  public ScaleResult tyler(RowSource A, Options options) {
    return tyler(A, options, null);
  }

  /** The same for an array of rows. */
  public ScaleResult tyler(double[][] A, Options options) {
    return tyler(RowSource.of(A), options);
  }

  /**
   * The same for any number of rows.
   *
   * @param weights takes w, as in {@link #scale(RowSource, VectorSource, Options, VectorSink)}
   */
  public ScaleResult tyler(RowSource A, Options options, VectorSink weights) {
    Problem.checkShape(A);
    return alone(() -> new ScaleSolve(choice.devices(), A, null, options, weights).run());
  }

  /**
   * Tyler's M-estimator about a location, for rows that may be few.
   *
   * @param how the location, the normalisation and the shrinkage
   * @param options as in {@link #scale}
   * @param weights takes w, or null for arrays in the result
   * @param distances takes the distances of the rows, likewise
   */
  public TylerResult tyler(
      RowSource A, Tyler how, Options options, VectorSink weights, VectorSink distances) {
    return alone(() -> new TylerSolve(choice.devices(), A, how, options, weights, distances).run());
  }

  /** The same with arrays; weights and distances are in the result. */
  public TylerResult tyler(double[][] A, Tyler how, Options options) {
    return tyler(RowSource.of(A), how, options, null, null);
  }

  /**
   * Hands the leverage scores of diag(Ax - b)^-1 A at x (d values) to a sink: n values that sum to
   * d.
   *
   * @param options of which memory, limits and progress count
   * @return what it cost, and how exact they are
   * @throws InvalidInputException if the input cannot be used: shapes, numbers, dependent columns,
   *     a slack of 0
   * @throws IOException if the sink fails
   */
  public Evaluation scores(
      RowSource A, VectorSource b, double[] x, Options options, VectorSink sink)
      throws IOException {
    return scores(new Model(A, b, Weights.BARRIER), x, options, sink);
  }

  /**
   * The same for other weights: the leverage scores of diag(sqrt(v) f(Ax - b)) A, which are the hat
   * values of a generalised linear model with coefficients x and offset -b.
   */
  public Evaluation scores(Model model, double[] x, Options options, VectorSink sink)
      throws IOException {
    return scoresAt(
        model,
        x,
        options,
        model.weights().hasWalls(),
        (first, count, slacks, scores) -> sink.write(first, count, scores));
  }

  /** The same with the options' defaults. */
  public Evaluation scores(RowSource A, VectorSource b, double[] x, VectorSink sink)
      throws IOException {
    return scores(A, b, x, Options.defaults(), sink);
  }

  /** The same with arrays. */
  public double[] scores(RowSource A, double[] b, double[] x) {
    return inArray(A, sink -> scores(A, VectorSource.of("offset", b), x, Options.defaults(), sink));
  }

  /** The same in an array, for other weights. */
  public double[] scores(Model model, double[] x) {
    return inArray(model.A(), sink -> scores(model, x, Options.defaults(), sink));
  }

  /**
   * Hands the leverage scores of A, the diagonal of the hat matrix A (A^T A)^-1 A^T, or those of
   * diag(w) A to a sink.
   *
   * @param w n row weights, or null for none: the square roots of the weights of a weighted
   *     regression
   * @param options as in {@link #scores(RowSource, VectorSource, double[], Options, VectorSink)}
   * @return what it cost, and how exact they are
   * @throws InvalidInputException if the input cannot be used: shapes, numbers, dependent columns
   * @throws IOException if the sink fails
   */
  public Evaluation hatValues(RowSource A, VectorSource w, Options options, VectorSink sink)
      throws IOException {
    if (w != null) {
      Problem.checkLength(w, A.rows());
    }
    VectorSource b = VectorSource.constant("offset", A.rows(), -1); // A x - b = 1 at x = 0
    RowSource rows = w == null ? A : new WeightedRows(A, w);
    return scores(rows, b, new double[A.columns()], options, sink);
  }

  /** The leverage scores of A in an array. */
  public double[] hatValues(RowSource A) {
    return inArray(A, sink -> hatValues(A, null, Options.defaults(), sink));
  }

  /** The same for an array of rows. */
  public double[] hatValues(double[][] A) {
    return hatValues(RowSource.of(A));
  }

  /** Writes the scores of some rows. */
  @FunctionalInterface
  private interface Scoring {
    Evaluation to(VectorSink sink) throws IOException;
  }

  private static double[] inArray(RowSource A, Scoring scoring) {
    double[] sigma = new double[Math.toIntExact(A.rows())];
    try {
      scoring.to(
          (first, count, values) ->
              System.arraycopy(values, 0, sigma, Math.toIntExact(first), count));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array takes all
    }
    return sigma;
  }

  /** The same with A as an array of rows. */
  public double[] scores(double[][] A, double[] b, double[] x) {
    return scores(RowSource.of(A), b, x);
  }

  /**
   * Hands the slacks Ax - b and the leverage scores of diag(Ax - b)^-1 A at x (d values) to a sink,
   * in two or three readings of A: what there is to know of each row at an answer.
   *
   * @param A the matrix, n x d
   * @param b the offset, n values
   * @param x where, d values
   * @param options of which memory, limits and progress count; where these end it, the result says
   *     that it is not complete
   * @param sink takes the slacks and the scores
   * @return what it cost
   * @throws InvalidInputException if the input cannot be used: shapes, numbers, dependent columns
   * @throws IOException if the sink fails
   */
  public Evaluation evaluate(RowSource A, VectorSource b, double[] x, Options options, RowSink sink)
      throws IOException {
    return evaluate(new Model(A, b, Weights.BARRIER), x, options, sink);
  }

  /** The same with the leverage scores of diag(sqrt(v) f(Ax - b)) A, for other weights. */
  public Evaluation evaluate(Model model, double[] x, Options options, RowSink sink)
      throws IOException {
    return scoresAt(model, x, options, false, sink);
  }

  private Evaluation scoresAt(
      Model model, double[] x, Options options, boolean strict, RowSink sink) throws IOException {
    Problem.checkColumns("x", x, model.A());
    try {
      return alone(() -> ScoresAt.of(choice.devices(), model, x, options, strict, sink));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * What publishing the scores of a model gives away of it, for 2 to 8 decimals: the errors of the
   * best estimate. For n d up to 4 million; 3 n d^3 flops, and some 2,000 n d of the host for each
   * number of decimals.
   *
   * @param x its coefficients, d values
   * @param options of which memory, limits, progress and seed count
   * @throws InvalidInputException if the input cannot be used: shapes, numbers, dependent columns,
   *     size
   */
  public Audit audit(Model model, double[] x, Options options) {
    Problem.checkColumns("x", x, model.A());
    return alone(() -> AuditSolve.of(choice.devices(), model, x, options));
  }

  /**
   * What {@link #invert} will take in memory and time, as far as can be said beforehand; measures
   * the device, for some milliseconds.
   *
   * @param A of which no row is read
   * @param options of which method, signs and memory count
   * @return what such problems usually take
   */
  public Estimate estimate(RowSource A, Options options) {
    Problem.checkShape(A);
    return alone(() -> Forecast.of(choice.devices(), A, options));
  }

  /** Runs something that no other thread may disturb. */
  private <T> T alone(Supplier<T> work) {
    enter();
    try {
      if (closed) {
        throw new IllegalStateException("inverter: expected to be used before it is closed");
      }
      return work.get();
    } finally {
      user.set(null);
    }
  }

  private void enter() {
    if (!user.compareAndSet(null, Thread.currentThread())) {
      throw new IllegalStateException(
          "inverter: expected one thread at a time, but it is in use by another or within a call"
              + " of its own");
    }
  }

  /** Frees the device; a second call does nothing. */
  @Override
  public void close() {
    enter();
    try {
      if (!closed) {
        closed = true;
        choice.close();
      }
    } finally {
      user.set(null);
    }
  }
}
