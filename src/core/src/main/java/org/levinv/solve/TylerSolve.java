package org.levinv.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.ScaleResult;
import org.levinv.Standing;
import org.levinv.Tyler;
import org.levinv.Tyler.Location;
import org.levinv.Tyler.Normalisation;
import org.levinv.TylerResult;
import org.levinv.VectorSink;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.method.common.Termination;
import org.levinv.method.scatter.AffineMedian;
import org.levinv.method.scatter.ColumnStatistics;
import org.levinv.method.scatter.RegularizedScatter;
import org.levinv.pass.Distances;
import org.levinv.pass.RootWeights;
import org.levinv.rows.Places;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.ShiftedRows;
import org.levinv.small.Counted;

/** Tyler's estimator: where the rows are, then their scatter, plain or regularised. */
public final class TylerSolve {

  /** How far below the tolerance the iterations go on. */
  private static final double MARGIN = 0.01;

  /** Where the location's last change is above this, it is worth a warning. */
  private static final double LOCATION_FOUND = 1e-8;

  private final Places places;
  private final RowSource A;
  private final Tyler how;
  private final Options options;
  private final VectorSink weights;
  private final VectorSink distances;
  private final List<String> warnings = new ArrayList<>();
  private final Watch watch;
  private double work;
  private double passes;
  private RowStore store;

  /**
   * @param weights takes w, or null for arrays in the result
   * @param distances takes r, likewise
   */
  public TylerSolve(
      List<Device> devices,
      RowSource A,
      Tyler how,
      Options options,
      VectorSink weights,
      VectorSink distances) {
    this(Places.on(devices, options.memory()), A, how, options, weights, distances);
  }

  /** With rows wherever they are. */
  public TylerSolve(
      Places places,
      RowSource A,
      Tyler how,
      Options options,
      VectorSink weights,
      VectorSink distances) {
    this.places = places;
    this.A = A;
    this.how = how;
    this.options = options;
    this.weights = weights;
    this.distances = distances;
    watch = new Watch(options, this::work, Double.POSITIVE_INFINITY);
  }

  private double work() {
    return work + (store == null ? 0 : inUnits(store));
  }

  /** In units of n d^2, whatever the columns of the store are. */
  private double inUnits(RowStore of) {
    double ratio = (double) of.columns() / A.columns();
    return ratio * ratio * of.counter().work();
  }

  /** Finds location and scatter; of a search that ends early the best so far. */
  public TylerResult run() {
    checkShape();
    double[] mu = new double[A.columns()];
    Stopped stopped = null;
    try {
      mu = isLocated() ? Arrays.copyOf(options.standing().x(), mu.length) : location();
    } catch (Stopped e) {
      stopped = e;
    }
    boolean moved = Arrays.stream(mu).anyMatch(value -> value != 0);
    RowSource rows = moved ? shifted(mu, null, false) : A;
    ScaleOutput r = new ScaleOutput(A.rows(), distances);
    boolean regularised =
        how.shrinkage() > 0 || (Double.isNaN(how.shrinkage()) && A.rows() <= A.columns());
    try {
      if (regularised && stopped == null) {
        return regularised(rows, mu, r);
      }
    } catch (Stopped e) {
      stopped = e;
    } finally {
      keepCounts();
    }
    ScaleSolve solve = new ScaleSolve(places, rows, null, options, weights);
    ScaleResult found =
        solve
            .asTyler(how.normalisation(), mu, r.sink(), warnings)
            .after(stopped, watch, work, passes)
            .run();
    return new TylerResult(found, how, mu, r.arrayOrNull(), 0);
  }

  private void checkShape() {
    boolean few = A.rows() <= A.columns();
    if (A.columns() < 1 || A.rows() < 1 || (few && how.shrinkage() == 0)) {
      throw new InvalidInputException(
          A.name()
              + ": expected more rows than columns where nothing is shrunk, got "
              + A.rows()
              + " x "
              + A.columns());
    }
    if (few && how.location() == Location.HR) {
      throw new InvalidInputException(
          A.name()
              + ": expected more rows than columns for the location hr, got "
              + A.rows()
              + " x "
              + A.columns());
    }
    if (how.given() != null && how.given().length != A.columns()) {
      throw new InvalidInputException(
          "location: expected "
              + Counted.of(A.columns(), "entry", "entries")
              + ", one for each column of the matrix, got "
              + how.given().length);
    }
  }

  /** Whether an earlier run has found the location, or none of its own was asked for. */
  private boolean isLocated() {
    Standing standing = options.standing();
    return standing != null
        && standing.stage() == Standing.Stage.WEIGHTS
        && standing.x().length >= A.columns();
  }

  private double[] location() {
    return switch (how.location()) {
      case ORIGIN -> new double[A.columns()];
      case GIVEN -> how.given();
      case MEAN -> counted(ColumnStatistics::means);
      case MEDIAN -> counted(ColumnStatistics::medians);
      case HR -> affineMedian();
    };
  }

  private <T> T counted(Function<ColumnStatistics, T> ask) {
    ColumnStatistics columns = new ColumnStatistics(A, places);
    T found = ask.apply(columns);
    passes += columns.readings();
    return found;
  }

  private RowSource shifted(double[] mu, double[] scale, boolean withOne) {
    return new ShiftedRows(A, new ShiftedRows.Shift(mu, scale, withOne));
  }

  /** In units in which the middle half of each column has length 1. */
  private double[] affineMedian() {
    long n = A.rows();
    double[][] ordered =
        counted(at -> at.ordered(n / 4, (n - 1) / 2, n / 2, n - 1 - n / 4, 0, n - 1));
    double[] center = new double[A.columns()];
    double[] scale = new double[A.columns()];
    for (int j = 0; j < center.length; j++) {
      center[j] = 0.5 * ordered[1][j] + 0.5 * ordered[2][j];
      double half = ordered[3][j] - ordered[0][j];
      double all = ordered[5][j] - ordered[4][j];
      scale[j] = half > 0 ? half : all > 0 ? all : 1;
    }
    RowSource augmented = shifted(center, scale, true);
    try (RowStore rows = places.open(ProblemRows.of(augmented));
        Workspace space = new Workspace(places.home())) {
      store = rows;
      watch.over(rows);
      AffineMedian median = new AffineMedian(rows, space);
      Termination end =
          median.run(
              Checks.state(
                  options, Standing.Stage.LOCATION, 0, center.length * (center.length + 1)),
              MARGIN * options.tolerance(),
              options.maxIterations(),
              watch.telling(Standing.Stage.LOCATION));
      double[] mu = median.location();
      if (mu == null) {
        throw new InvalidInputException(
            A.name()
                + ": expected rows that span all columns about their median for the location hr");
      }
      if (end.value() > LOCATION_FOUND) {
        warnings.add("the location was not found to the end: " + end.message());
      }
      for (int j = 0; j < mu.length; j++) {
        mu[j] = center[j] + scale[j] * mu[j];
      }
      return mu;
    } finally {
      keepCounts();
    }
  }

  private void keepCounts() {
    if (store != null) {
      work += inUnits(store);
      passes += store.counter().passes();
      store = null;
    }
  }

  private TylerResult regularised(RowSource rows, double[] mu, ScaleOutput r) {
    ScaleOutput w = new ScaleOutput(A.rows(), weights);
    try (RowStore all = places.open(ProblemRows.of(rows));
        Workspace space = new Workspace(places.home())) {
      store = all;
      watch.over(all);
      RegularizedScatter scatter = new RegularizedScatter(all, space);
      if (scatter.count() == 0) {
        throw new InvalidInputException(A.name() + ": expected rows away from the location");
      }
      boolean chosen = Double.isNaN(how.shrinkage());
      double rho = chosen ? scatter.bestShrinkage() : how.shrinkage();
      double bound = MARGIN * options.tolerance();
      ScaleResult.Status status;
      String message;
      try {
        Termination end =
            scatter.run(
                rho,
                Checks.state(options, Standing.Stage.WEIGHTS, mu.length, mu.length * mu.length),
                bound,
                options.maxIterations(),
                watch.telling(Standing.Stage.WEIGHTS, mu));
        status = status(end, options.tolerance());
        message = message(end, rho, chosen);
      } catch (Stopped e) {
        if (scatter.rounds() == 0) {
          throw e;
        }
        watch.off();
        status = ScaleResult.Status.valueOf(e.status().name());
        message = e.getMessage() + "; the best scatter so far is kept";
      }
      double size = size(scatter.inverseR());
      all.map(
          new RootWeights(scatter.weights(), Math.sqrt(size * scatter.share()), true), w.sink());
      all.map(new Distances(scatter.inverseR(), 1 / Math.sqrt(size)), r.sink());
      double[] S = scatter.scatter();
      int d = A.columns();
      double[][] matrix = new double[d][d];
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          matrix[j][k] = size * S[j * d + k];
        }
      }
      ScaleResult result =
          new ScaleResult(
              w.arrayOrNull(),
              matrix,
              null,
              A.rows(),
              status,
              message,
              new long[0],
              scatter.rounds(),
              null,
              Double.NaN,
              work(),
              passes + all.counter().passes(),
              watch.seconds(),
              places.home().name(),
              List.copyOf(warnings));
      return new TylerResult(result, how, mu, r.arrayOrNull(), rho);
    }
  }

  /** What S of trace d is multiplied by. */
  private double size(double[] inverseR) {
    if (how.normalisation() == Normalisation.TRACE) {
      return 1;
    }
    int d = A.columns();
    double logs = 0;
    for (int j = 0; j < d; j++) {
      logs += 2 * Math.log(Math.abs(inverseR[j * d + j])); // -logdet S
    }
    return Math.exp(logs / d);
  }

  private static ScaleResult.Status status(Termination end, double tolerance) {
    if (end.value() <= tolerance) {
      return ScaleResult.Status.CONVERGED;
    }
    return end.type() == Termination.Type.ITERATION_LIMIT
        ? ScaleResult.Status.ITERATION_LIMIT
        : ScaleResult.Status.STALLED;
  }

  private String message(Termination end, double rho, boolean chosen) {
    return String.format(
        Locale.ROOT,
        "regularised estimator of %d rows and %d columns, shrinkage %.4g (%s): last change %.2e",
        A.rows(),
        A.columns(),
        rho,
        chosen ? "chosen for rows of an elliptical distribution" : "given",
        end.value());
  }
}
