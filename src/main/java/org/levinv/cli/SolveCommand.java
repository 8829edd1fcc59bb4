package org.levinv.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.levinv.InterruptedSolveException;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.io.Inputs;
import org.levinv.io.ResultFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code levinv solve}. */
@Command(
    name = "solve",
    description = {
      "Finds x such that the leverage scores of diag(Ax - b)^-1 A are the given ones,"
          + " and writes x.npy, x.csv and result.json.",
      "Vectors and matrices are .npy, .npz:NAME, .csv, .tsv, .txt, .mtx or .h5:/PATH files."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class SolveCommand implements Callable<Integer> {
  private static final Options DEFAULTS = Options.defaults();
  private static final Set<String> WORDS_FOR_SIGNS =
      Set.of("auto", "positive", "negative", "unknown");

  private final Screen screen;

  @Mixin private MatrixArgument matrix;

  @Mixin private OffsetArgument offset;

  @Option(
      names = "--scores",
      paramLabel = "sigma",
      required = true,
      description = "The target scores, n values that sum to d.")
  private Path scores;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The directory for the results, made where it is missing.")
  private Path out;

  @Option(
      names = "--signs",
      paramLabel = "SIGNS",
      defaultValue = "auto",
      description =
          "The signs of Ax - b: auto (default), positive, negative, unknown,"
              + " or a file of n numbers whose signs count.")
  private String signs;

  @Option(
      names = "--start",
      paramLabel = "x0",
      description = "A start point, d values; only the local methods need one.")
  private Path start;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "auto",
      description =
          "auto (default): global; or a local method, from --start: gradient, newton,"
              + " sampled-newton, gauss-newton.")
  private String method;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description = "Relative residual of the scores that counts as converged (default 1e-10).")
  private double tolerance = DEFAULTS.tolerance();

  @Option(
      names = "--max-iterations",
      paramLabel = "N",
      description = "Limit on the steps of every stage (default 500).")
  private int maxIterations = DEFAULTS.maxIterations();

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "double",
      description =
          "double (default), or mixed: early Gram matrices in single precision, faster where d is"
              + " large or a card has few units for doubles; the answer is as accurate.")
  private String precision;

  @Mixin private LocalArguments local;

  @Mixin private CommonOptions common;

  SolveCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Options options = options();
    ResultFiles.checkResult(out, inputs());
    Result result;
    List<String> names = null;
    try (RowSource A = matrix.open()) {
      names = Inputs.columnNames(A);
      Problem problem = problem(A);
      options = local.regularize(options, A).withSigns(signs(A)).withStart(start(A));
      result = solve(problem, options);
    } catch (InterruptedSolveException e) {
      ResultFiles.writeResult(out, e.reached(), options, names);
      throw e;
    }
    ResultFiles.writeResult(out, result, options, names);
    report(result);
    return result.status().usable() ? Main.SUCCESS : Main.NO_ANSWER;
  }

  private Options options() {
    common.check();
    Method chosen = LocalArguments.method(method, Method.values());
    if (chosen != Method.AUTO && start == null) {
      throw new InvalidInputException(
          "--method "
              + method
              + ": expected --start x0, a point near the answer where A x - b has its signs; --method auto needs none");
    }
    Precision chosenPrecision = precision();
    if (chosen != Method.AUTO && chosenPrecision != Precision.DOUBLE) {
      throw new InvalidInputException(
          "--precision " + precision + ": expected --method auto, got " + method);
    }
    return local
        .apply(DEFAULTS)
        .withMethod(chosen)
        .withTolerance(tolerance)
        .withMaxIterations(maxIterations)
        .withPrecision(chosenPrecision);
  }

  /** What must stay as it is. */
  private List<Path> inputs() {
    List<Path> inputs = new ArrayList<>(List.of(matrix.file(), offset.file(), scores));
    inputs.addAll(local.files());
    if (start != null) {
      inputs.add(start);
    }
    if (!WORDS_FOR_SIGNS.contains(signs)) {
      inputs.add(Path.of(signs));
    }
    return inputs;
  }

  private Precision precision() {
    return switch (precision) {
      case "double" -> Precision.DOUBLE;
      case "mixed" -> Precision.SINGLE;
      default ->
          throw new InvalidInputException(
              "--precision: expected double or mixed, got " + precision);
    };
  }

  private Problem problem(RowSource A) {
    double[] b = offset.read(A);
    return new Problem(A, b, Shapes.rowsVector(scores, A));
  }

  private Signs signs(RowSource A) {
    return switch (signs) {
      case "auto" -> Signs.auto();
      case "positive" -> Signs.positive();
      case "negative" -> Signs.negative();
      case "unknown" -> Signs.unknown();
      default -> signsFrom(Path.of(signs), A);
    };
  }

  private static Signs signsFrom(Path file, RowSource A) {
    return Signs.given(Shapes.rowsVector(file, A));
  }

  private double[] start(RowSource A) {
    return start == null ? null : Shapes.columnsVector(start, A);
  }

  private Result solve(Problem problem, Options options) {
    try (Inverter inverter = common.open();
        StatusLine line = StatusLine.on(screen, common.quiet())) {
      return inverter.invert(problem, options.withProgress(line));
    }
  }

  private void report(Result result) {
    if (!common.quiet()) {
      LocalArguments.report(result, screen);
    }
  }
}
