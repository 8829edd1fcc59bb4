package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.levinv.Accuracy;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.ScaleResult;
import org.levinv.Standing;
import org.levinv.Status;
import org.levinv.Tyler.Normalisation;
import org.levinv.VectorSink;
import org.levinv.VectorSinkException;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.method.RankDeficientException;
import org.levinv.method.common.Termination;
import org.levinv.method.weights.WeightsProblem;
import org.levinv.method.weights.WeightsSearch;
import org.levinv.pass.Profile;
import org.levinv.pass.SurveyPass;
import org.levinv.pass.TargetErrorPass;
import org.levinv.pass.TargetWeights;
import org.levinv.rows.Field;
import org.levinv.rows.Places;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.small.Counted;

/** One search for row weights, from matrix and target to result. */
public final class ScaleSolve {

  /** How far below the tolerance the iteration goes on. */
  private static final double MARGIN = 0.01;

  private final Places places;
  private final Device device;
  private final ProblemRows rows;
  private final RowSource source;
  private final Options options;
  private final ScaleOutput output;
  private final ScaleOutput scores;
  private Normalisation normalisation = Normalisation.TRACE;
  private VectorSink distances;
  private double[] location = {};
  private Stopped before;
  private double workBefore;
  private double passesBefore;
  private Watch watch;
  private final List<String> warnings = new ArrayList<>();
  private WeightsProblem problem;
  private WeightsSearch search;
  private DoubleSupplier work = () -> 0;

  /**
   * @param scores targets, or null for Tyler: the same for every row that is not zero
   * @param weights takes w, or null for arrays in the result
   */
  public ScaleSolve(
      List<Device> devices, RowSource A, VectorSource scores, Options options, VectorSink weights) {
    this(Places.on(devices, options.memory()), A, scores, options, weights);
  }

  /** With rows wherever they are. */
  public ScaleSolve(
      Places places, RowSource A, VectorSource scores, Options options, VectorSink weights) {
    this.places = places;
    device = places.home();
    this.options = options;
    source = A;
    rows = ProblemRows.of(A).with(Field.TARGET, scores);
    output = new ScaleOutput(A.rows(), weights);
    this.scores = weights == null ? new ScaleOutput(A.rows(), null) : null;
    watch = new Watch(options, () -> work.getAsDouble(), Double.POSITIVE_INFINITY);
  }

  /**
   * Whose scatter matrix has some normalisation, and rows distances by it; with earlier warnings.
   *
   * @param about where the rows are taken about, which belongs to what a later run goes on from
   */
  ScaleSolve asTyler(
      Normalisation value, double[] about, VectorSink ofDistances, List<String> earlier) {
    normalisation = value;
    location = about;
    distances = ofDistances;
    warnings.addAll(earlier);
    return this;
  }

  /**
   * After an earlier part of the search.
   *
   * @param stopped what ended that, or null
   */
  ScaleSolve after(Stopped stopped, Watch started, double units, double readings) {
    before = stopped;
    workBefore = units;
    passesBefore = readings;
    watch =
        new Watch(options, () -> units + work.getAsDouble(), Double.POSITIVE_INFINITY)
            .after(started.seconds());
    return this;
  }

  /** Finds the weights and gives them to the sink; of a search that ends early the best so far. */
  public ScaleResult run() {
    try (RowStore store = places.open(rows);
        Workspace space = new Workspace(device)) {
      work = store.counter()::work;
      watch.over(store);
      try {
        if (before != null) {
          throw before;
        }
        Profile profile = store.run(new SurveyPass(store.rows(), store.columns(), null));
        if (store.has(Field.TARGET)) {
          Checks.scores(rows.field(Field.TARGET), source, profile);
        }
        problem = new WeightsProblem(store, profile);
        checkTargets();
        search = new WeightsSearch(problem, space);
        goOn();
        Termination end = problem.isFeasibleAtSight() ? search() : null;
        return result(store, end, space);
      } catch (RankDeficientException e) {
        throw Checks.dependentColumns(source, e.rank(), e);
      } catch (InvalidInputException | VectorSinkException e) {
        throw e;
      } catch (RuntimeException e) {
        return stopped(watch.reason(e), e, store, space);
      }
    }
  }

  private void goOn() {
    double[] numbers =
        Checks.state(options, Standing.Stage.WEIGHTS, location.length, problem.numbers());
    if (numbers != null) {
      search.goOn(numbers);
    }
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
          Counted.of(
                  source.rows() - kept,
                  "row of zeros, or with a target of 0, is",
                  "rows of zeros, or with a target of 0, are")
              + " left out: weight 0");
    }
  }

  private Termination search() {
    return search.run(
        MARGIN * options.tolerance(),
        options.maxIterations(),
        watch.telling(Standing.Stage.WEIGHTS, location));
  }

  private ScaleResult result(RowStore store, Termination end, Workspace space) {
    ScaledRows scaled = new ScaledRows(store, problem, search.weights(), normalisation, space);
    TargetErrorPass.Errors errors = scaled.errors();
    scaled.weightsTo(output.sink());
    if (scores != null) {
      scaled.scoresTo(scores.sink());
    }
    distancesOf(scaled);
    Accuracy accuracy = scaled.accuracy();
    ScaleVerdict verdict =
        ScaleVerdict.of(problem, search, end, errors, accuracy, options.tolerance());
    warnings.addAll(verdict.warnings());
    if (accuracy != null && accuracy.isPoor()) {
      warnings.add("the columns of diag(w) A are nearly dependent: " + accuracy);
    }
    return new ScaleResult(
        output.arrayOrNull(),
        scaled.scatter(),
        scores == null ? null : scores.arrayOrNull(),
        source.rows(),
        verdict.status(),
        verdict.message(),
        verdict.rows(),
        search.evaluations(),
        accuracy,
        errors.given(),
        workBefore + store.counter().work(),
        passesBefore + store.counter().passes(),
        watch.seconds(),
        device.name(),
        List.copyOf(warnings));
  }

  private void distancesOf(ScaledRows scaled) {
    if (distances != null) {
      scaled.distancesTo(distances);
    }
  }

  /** What a search has to show that was ended from outside; its scores were not verified. */
  private ScaleResult stopped(
      Stopped reason, RuntimeException failure, RowStore store, Workspace space) {
    watch.off();
    boolean failed = reason.status() == Status.DEVICE_FAILED;
    if (failed && search == null) {
      throw failure;
    }
    if (!failed) {
      return best(reason, store, space);
    }
    // the device that is always there works the weights out from the small state
    try (Device reference = new ReferenceDevice();
        RowStore again = places.openAgain(rows, reference);
        Workspace own = new Workspace(reference)) {
      if (again == null) {
        throw failure;
      }
      again.setUnits(problem.units());
      if (problem.coordinates() != null) {
        Matrix M = own.matrix(source.columns(), source.columns());
        reference.upload(problem.coordinates(), M);
        again.changeCoordinates(M, true);
      }
      if (search.reached(own) == null) {
        throw failure;
      }
      return best(reason, again, own);
    }
  }

  /** Gives the best weights so far to the sink; before the first evaluation those of the start. */
  private ScaleResult best(Stopped reason, RowStore store, Workspace space) {
    TargetWeights best = search == null ? null : search.reached(space);
    double[][] scatter = null;
    if (best != null) {
      ScaledRows scaled = new ScaledRows(store, problem, best, normalisation, space);
      scaled.weightsTo(output.sink());
      distancesOf(scaled);
      scatter = scaled.scatter();
    } else {
      output.fill(1, source.rows());
      if (distances != null) {
        new ScaleOutput(source.rows(), distances).fill(0, source.rows());
      }
    }
    return new ScaleResult(
        output.arrayOrNull(),
        scatter == null ? identity() : scatter,
        null,
        source.rows(),
        ScaleResult.Status.valueOf(reason.status().name()),
        reason.getMessage()
            + (best == null
                ? "; no weights were evaluated, all are 1"
                : "; the best weights so far are kept"),
        new long[0],
        search == null ? 0 : search.evaluations(),
        null,
        Double.NaN,
        workBefore + work.getAsDouble(),
        passesBefore + store.counter().passes(),
        watch.seconds(),
        device.name(),
        List.copyOf(warnings));
  }

  private double[][] identity() {
    int d = source.columns();
    double[][] I = new double[d][d];
    for (int j = 0; j < d; j++) {
      I[j][j] = 1;
    }
    return I;
  }
}
