package org.levinv.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.VectorSource;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import org.levinv.files.ResultFiles;
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

  private static final Map<String, Signs> WORDS =
      Map.of(
          "auto", Signs.auto(),
          "positive", Signs.positive(),
          "negative", Signs.negative(),
          "unknown", Signs.unknown());

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
      description =
          "A start point, d values. The local methods need one; the global method tries it first, and"
              + " searches where it leads nowhere.")
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
      names = "--precision",
      paramLabel = "P",
      defaultValue = "double",
      description =
          "double (default), or mixed: early Gram matrices in single precision, faster where d is"
              + " large or a card has few units for doubles; the answer is as accurate.")
  private String precision;

  @Mixin private LimitArguments limits;

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
    try (RowSource A = matrix.open();
        VectorSource b = offset.open(A);
        VectorSource sigma = Shapes.openRows(scores, A);
        VectorSource given = isFile(signs) ? Shapes.openRows(Path.of(signs), A) : null) {
      options = local.regularize(options, A).withSigns(signs(given)).withStart(start(A));
      result = solve(new Problem(A, b, sigma), options);
      ResultFiles.writeResult(out, result, options, Inputs.columnNames(A), Main.Version.number());
    }
    LocalArguments.report(result, screen, common.quiet());
    return Main.exitCode(result.status());
  }

  private Options options() {
    common.check();
    Method chosen = LocalArguments.method(method, Method.values());
    if (chosen != Method.AUTO && start == null) {
      throw new InvalidInputException(
          "--method "
              + method
              + ": expected --start x0, a point near the answer where A x - b has its signs;"
              + " --method auto needs none");
    }
    Precision chosenPrecision = precision();
    if (chosen != Method.AUTO && chosenPrecision != Precision.DOUBLE) {
      throw new InvalidInputException(
          "--precision " + precision + ": expected --method auto, got " + method);
    }
    return limits.apply(local.apply(DEFAULTS)).withMethod(chosen).withPrecision(chosenPrecision);
  }

  /** What must stay as it is. */
  private List<Path> inputs() {
    List<Path> inputs = new ArrayList<>(List.of(matrix.file(), offset.file(), scores));
    inputs.addAll(local.files());
    if (start != null) {
      inputs.add(start);
    }
    if (isFile(signs)) {
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

  private static boolean isFile(String signs) {
    return !WORDS.containsKey(signs);
  }

  private Signs signs(VectorSource given) {
    return given == null ? WORDS.get(signs) : Signs.given(given);
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
}
