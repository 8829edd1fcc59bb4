package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import org.levinv.InterruptedScaleException;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Progress;
import org.levinv.ScaleResult;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.method.RankDeficientException;
import org.levinv.method.common.Termination;
import org.levinv.method.weights.WeightsProblem;
import org.levinv.method.weights.WeightsSearch;
import org.levinv.pass.TargetErrorPass;
import org.levinv.pass.TargetWeights;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

/** One search for row weights, from matrix and target to result. */
public final class ScaleSolve {

  /** How far below the tolerance the iteration goes on. */
  private static final double MARGIN = 0.01;

  private final Device device;
  private final ProblemRows rows;
  private final RowSource source;
  private final Options options;
  private final ScaleOutput output;
  private final long started = System.nanoTime();
  private final List<String> warnings = new ArrayList<>();
  private WeightsProblem problem;
  private WeightsSearch search;
  private RuntimeException stop;
  private ScaleResult reached;

  /**
   * @param scores targets, or null for Tyler: the same for every row that is not zero
   * @param weights takes w, or null for arrays in the result
   */
  public ScaleSolve(
      Device device, RowSource A, VectorSource scores, Options options, VectorSink weights) {
    if (A.columns() < 1 || A.rows() <= A.columns()) {
      throw new InvalidInputException(
          A.name()
              + ": expected more rows than columns and at least one column, got "
              + A.rows()
              + " x "
              + A.columns());
    }
    if (scores != null && scores.length() != A.rows()) {
      throw new InvalidInputException(
          scores.name()
              + ": expected "
              + A.rows()
              + " entries, one for each row of the matrix, got "
              + scores.length());
    }
    this.device = device;
    this.options = options;
    source = A;
    rows = ProblemRows.of(A).with(Field.TARGET, scores);
    output = new ScaleOutput(A.rows(), weights);
  }

  /**
   * Finds the weights and gives them to the sink. An exception of the progress report stops the
   * search; then {@link #reached} has the best weights so far.
   */
  public ScaleResult run() {
    try (RowStore store = LeafStore.resident(rows, device);
        Workspace space = new Workspace(device)) {
      problem = new WeightsProblem(store);
      checkTargets();
      search = new WeightsSearch(problem, space);
      Termination end = problem.isFeasibleAtSight() ? search(store, space) : null;
      return result(store, end, space);
    } catch (DeviceException e) {
      throw interrupted(e);
    } catch (RankDeficientException e) {
      throw InvalidInputException.dependentColumns(source, e.rank(), e);
    }
  }

  /**
   * The best weights so far, which the sink has too, after {@link #run} was stopped; null where
   * none were evaluated.
   */
  public ScaleResult reached() {
    return reached;
  }

  private void checkTargets() {
    if (problem.sums().smallest() < 0) {
      throw new InvalidInputException(
          rows.field(Field.TARGET).name()
              + ", row "
              + problem.sums().smallestRow()
              + ": expected a leverage score, 0 or more, got "
              + problem.sums().smallest());
    }
    long kept = problem.sums().positive();
    if (kept <= source.columns()) {
      throw new InvalidInputException(
          source.name()
              + ": expected more rows with a target than columns, got "
              + kept
              + " x "
              + source.columns());
    }
    if (kept < source.rows()) {
      warnings.add(
          source.rows() - kept + " rows of zeros, or with a target of 0, are left out: weight 0");
    }
  }

  private Termination search(RowStore store, Workspace space) {
    try {
      return search.run(
          MARGIN * options.tolerance(),
          options.maxIterations(),
          (stage, k, residual) -> report(stage, k, residual, store.counter().work()));
    } catch (RuntimeException e) {
      if (e == stop) {
        keep(store, space, "stopped, and these are the best weights so far");
      }
      throw e;
    }
  }

  private void report(String stage, int iteration, double residual, double work) {
    try {
      options.progress().step(new Progress.Step(stage, iteration, residual, work, seconds()));
    } catch (RuntimeException e) {
      stop = e;
      throw e;
    }
  }

  private ScaleResult result(RowStore store, Termination end, Workspace space) {
    ScaledRows scaled = new ScaledRows(store, problem, search.weights(), space);
    TargetErrorPass.Errors errors = scaled.errors();
    scaled.weightsTo(output.weights());
    if (output.keepsScores()) {
      scaled.scoresTo(output.scores());
    }
    ScaleVerdict verdict = ScaleVerdict.of(problem, search, end, errors, options.tolerance());
    warnings.addAll(verdict.warnings());
    return new ScaleResult(
        output.weightsOrNull(),
        scaled.scatter(),
        output.scoresOrNull(),
        source.rows(),
        verdict.status(),
        verdict.message(),
        verdict.rows(),
        search.evaluations(),
        errors.given(),
        store.counter().work(),
        store.counter().passes(),
        seconds(),
        device.name(),
        List.copyOf(warnings));
  }

  /**
   * What a search has to show when its device fails: the best weights so far, worked out from the
   * small state by the device that is always there.
   */
  private DeviceException interrupted(DeviceException e) {
    if (search == null) {
      return e;
    }
    Partition partition = Partition.of(source.rows(), source.columns());
    try (Device reference = new ReferenceDevice();
        RowStore store = new LeafStore(rows, reference, partition, 0);
        Workspace space = new Workspace(reference)) {
      store.setUnits(problem.units());
      if (problem.coordinates() != null) {
        Matrix M = space.matrix(source.columns(), source.columns());
        reference.upload(problem.coordinates(), M);
        store.setCoordinates(M, true);
      }
      keep(
          store,
          space,
          "the device failed, and these are the best weights so far: " + e.getMessage());
      return reached == null ? e : new InterruptedScaleException(e, reached);
    }
  }

  /** Gives the best weights so far to the sink, where there are any. */
  private void keep(RowStore store, Workspace space, String message) {
    TargetWeights best = search.reached(space);
    if (best == null) {
      return;
    }
    ScaledRows scaled = new ScaledRows(store, problem, best, space);
    scaled.weightsTo(output.weights());
    reached =
        new ScaleResult(
            output.weightsOrNull(),
            scaled.scatter(),
            null,
            source.rows(),
            ScaleResult.Status.STALLED,
            message,
            new long[0],
            search.evaluations(),
            Double.NaN,
            Double.NaN,
            Double.NaN,
            seconds(),
            device.name(),
            List.copyOf(warnings));
  }

  private double seconds() {
    return (System.nanoTime() - started) * 1e-9;
  }
}
