package org.levinv.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.ScaleResult;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.IsotropicPosition;
import org.levinv.method.RankDeficientException;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Units;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/** One search for row weights, from matrix and target to result. */
public final class ScaleSolve {

  /** How far below the tolerance the iteration goes on. */
  private static final double MARGIN = 0.01;

  /** Sums of targets further from d than this are infeasible. */
  private static final double SUM = 1e-9;

  /** Rows that a message names at most. */
  private static final int NAMED = 10;

  private final Device device;
  private final RowSource source;
  private final double[] scores;
  private final Options options;
  private final Watch watch;
  private final List<String> warnings = new ArrayList<>();
  private double[] target;
  private int[] kept;
  private TallMatrix whole;
  private IsotropicPosition position;
  private double[] weights;
  private double[] scatter;

  /** With {@code scores} null for Tyler: the same target for every row that is not zero. */
  public ScaleSolve(Device device, RowSource source, double[] scores, Options options) {
    if (scores != null) {
      for (int i = 0; i < scores.length; i++) {
        if (scores[i] < 0) {
          throw new InvalidInputException(
              "scores, row " + i + ": expected a leverage score, 0 or more, got " + scores[i]);
        }
      }
    }
    this.device = device;
    this.source = source;
    this.scores = scores;
    this.options = options;
    watch = new Watch(options, () -> whole == null ? 0 : whole.meter().work());
  }

  public ScaleResult run() {
    int d = source.columns();
    try (Workspace space = new Workspace(device)) {
      whole = ResidentMatrix.upload(source, space);
      String infeasible = setTarget(whole, space);
      TallMatrix A = kept.length == whole.rows() ? whole : whole.rows(kept, space);
      double[] wanted = IntStream.of(kept).mapToDouble(i -> target[i]).toArray();
      if (kept.length <= d) {
        throw new InvalidInputException(
            source.name()
                + ": expected more rows with a target than columns, got "
                + kept.length
                + " x "
                + d);
      }
      position = new IsotropicPosition(A, wanted, space);
      IsotropicPosition.Status status =
          infeasible != null
              ? IsotropicPosition.Status.INFEASIBLE
              : position.run(MARGIN * options.tolerance(), options.maxIterations(), watch);
      return result(status, infeasible);
    } catch (RankDeficientException e) {
      throw Checks.dependentColumns(source, e.rank(), e);
    } catch (RuntimeException e) {
      return stopped(watch.reason(e), e);
    }
  }

  /** The target and the rows that have one; why it is infeasible at first sight, or null. */
  private String setTarget(TallMatrix A, Workspace space) {
    int n = Math.toIntExact(A.rows());
    int d = A.columns();
    double[] squares = new double[n];
    try (Workspace own = new Workspace(device)) {
      Vector norms = own.vector(n);
      A.squaredRowNorms(norms);
      device.download(norms, squares);
    }
    int[] zeros = IntStream.range(0, n).filter(i -> squares[i] == 0).toArray();
    target = new double[n];
    if (scores == null) {
      Arrays.setAll(target, i -> squares[i] == 0 ? 0 : (double) d / (n - zeros.length));
    } else {
      System.arraycopy(scores, 0, target, 0, n);
    }
    kept = IntStream.range(0, n).filter(i -> squares[i] > 0 && target[i] > 0).toArray();
    if (kept.length < n) {
      warnings.add(
          n - kept.length + " rows of zeros, or with a target of 0, are left out: weight 0");
    }
    int[] impossible = IntStream.of(zeros).filter(i -> target[i] > 0).toArray();
    if (impossible.length > 0) {
      return "rows of zeros have score 0, but a positive target: " + names(impossible);
    }
    double sum = Arrays.stream(target).sum();
    return Math.abs(sum - d) <= SUM * d
        ? null
        : String.format(
            Locale.ROOT, "the target sums to %.12g, scores of %d columns to %d", sum, d, d);
  }

  /** What a search has to show that was ended from outside; its scores were not verified. */
  private ScaleResult stopped(Stopped reason, RuntimeException e) {
    watch.off();
    if (weights == null) {
      double[] squares = position == null ? null : position.reached();
      if (squares == null && reason.status() == Status.DEVICE_FAILED) {
        throw e;
      }
      if (squares == null) { // before the first evaluation: rows as they are
        target = target == null ? new double[Math.toIntExact(source.rows())] : target;
        kept = kept == null ? IntStream.range(0, target.length).toArray() : kept;
        squares = HostVectors.constant(1, kept.length);
      }
      setWeights(Arrays.stream(squares).map(Math::sqrt).toArray());
      scatterOnHost();
    }
    return new ScaleResult(
        weights,
        rows(scatter),
        new double[0],
        ScaleResult.Status.valueOf(reason.status().name()),
        reason.getMessage() + "; the best weights so far are kept",
        new int[0],
        position == null ? 0 : position.evaluations(),
        Double.NaN,
        whole == null ? 0 : whole.meter().work(),
        watch.seconds(),
        device.name(),
        List.copyOf(warnings));
  }

  /** Weights of the rows that have a target. */
  private void setWeights(double[] found) {
    weights = new double[target.length];
    for (int k = 0; k < kept.length; k++) {
      weights[kept[k]] = found[k];
    }
  }

  /** A^T diag(w^2) A from the source, and both scaled to its trace d. */
  private void scatterOnHost() {
    int d = source.columns();
    scatter = new double[d * d];
    double[] a = new double[d];
    for (int i : kept) {
      source.read(i, 1, a);
      double square = weights[i] * weights[i];
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          scatter[j * d + k] += square * a[j] * a[k];
        }
      }
    }
    double trace = IntStream.range(0, d).mapToDouble(j -> scatter[j * d + j]).sum();
    scatter = Arrays.stream(scatter).map(value -> value * d / trace).toArray();
    weights = Arrays.stream(weights).map(value -> value * Math.sqrt(d / trace)).toArray();
  }

  private double[][] rows(double[] S) {
    int d = source.columns();
    double[][] matrix = new double[d][];
    Arrays.setAll(matrix, j -> Arrays.copyOfRange(S, j * d, (j + 1) * d));
    return matrix;
  }

  private ScaleResult result(IsotropicPosition.Status status, String infeasible) {
    int n = target.length;
    int d = source.columns();
    scatter = new double[d * d];
    setWeights(position.weights(scatter));
    double[] verified = new double[n];
    double verifiedWork = verify(verified);
    double off = 0;
    double size = 0;
    for (int i = 0; i < n; i++) {
      off = Math.hypot(off, verified[i] - target[i]);
      size = Math.hypot(size, target[i]);
    }
    double residual = off / size;
    int[] rows =
        infeasible == null
            ? IntStream.of(position.heldRows()).map(k -> kept[k]).toArray()
            : new int[0];
    ScaleResult.Status ended = ended(status, residual);
    if (ended == ScaleResult.Status.CONVERGED && rows.length > 0) {
      warnings.add(limit(rows));
      rows = new int[0];
    }
    return new ScaleResult(
        weights,
        rows(scatter),
        verified,
        ended,
        infeasible != null ? infeasible : message(ended, residual, rows),
        rows,
        position.evaluations(),
        residual,
        whole.meter().work() + verifiedWork,
        watch.seconds(),
        device.name(),
        List.copyOf(warnings));
  }

  /**
   * The scores of diag(w) A from the source of A; all 0 where weights of an infeasible target have
   * left the range of doubles. Returns the work.
   */
  private double verify(double[] to) {
    ProblemRows rows =
        ProblemRows.of(source).with(Field.OFFSET, VectorSource.of("weights", inverse(weights)));
    Partition leaves = Partition.of(source.rows(), source.columns());
    try (LeafStore store = new LeafStore(rows, device, leaves, 0)) {
      new Verification(rows, store, Units.NONE)
          .at(
              new double[source.columns()],
              false,
              (first, count, values) -> System.arraycopy(values, 0, to, (int) first, count));
      return store.counter().work();
    }
  }

  /** b with 0 - b = 1 / w: the slacks at x = 0 whose weights are w. */
  private static double[] inverse(double[] weights) {
    double largest = 0;
    for (double w : weights) {
      largest = w > 0 ? Math.max(largest, 1 / w) : largest;
    }
    double none = -1e150 * Math.min(largest, 1e100);
    return Arrays.stream(weights).map(w -> w > 0 ? Math.max(none, -1 / w) : none).toArray();
  }

  private ScaleResult.Status ended(IsotropicPosition.Status status, double residual) {
    return switch (status) {
      case INFEASIBLE -> ScaleResult.Status.INFEASIBLE_TARGET;
      default ->
          residual <= options.tolerance()
              ? ScaleResult.Status.CONVERGED
              : position.heldRows().length > 0
                  ? ScaleResult.Status.INFEASIBLE_TARGET // met in the limit only
                  : status == IsotropicPosition.Status.ITERATION_LIMIT
                      ? ScaleResult.Status.ITERATION_LIMIT
                      : ScaleResult.Status.STALLED;
    };
  }

  private String message(ScaleResult.Status ended, double residual, int[] rows) {
    return switch (ended) {
      case CONVERGED ->
          String.format(
              Locale.ROOT,
              "the scores agree with the target: relative residual %.2e <= %.2e",
              residual,
              options.tolerance());
      case INFEASIBLE_TARGET ->
          position.isLimit()
              ? limit(rows)
              : String.format(
                  Locale.ROOT,
                  "%s %.6g of the target, more than the scores of rows in a subspace of dimension %d can sum to",
                  holding(rows),
                  position.held(),
                  position.heldRank());
      case ITERATION_LIMIT ->
          String.format(
              Locale.ROOT,
              "%d evaluations: relative residual %.2e > %.2e",
              position.evaluations(),
              residual,
              options.tolerance());
      default ->
          String.format(
              Locale.ROOT,
              "no progress: relative residual %.2e > %.2e",
              residual,
              options.tolerance());
    };
  }

  private String limit(int[] rows) {
    return String.format(
        Locale.ROOT,
        "the target is met in the limit of infinite weights only: %s all of it that rows in a subspace of dimension %d can",
        holding(rows),
        position.heldRank());
  }

  private static String holding(int[] rows) {
    return names(rows) + (rows.length == 1 ? " holds" : " hold");
  }

  private static String names(int[] rows) {
    String some =
        IntStream.of(rows).limit(NAMED).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    return rows.length > NAMED
        ? rows.length + " rows (" + some + ", ...)"
        : (rows.length == 1 ? "row " : "rows ") + some;
  }
}
