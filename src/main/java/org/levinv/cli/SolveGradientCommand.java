package org.levinv.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.levinv.GradientProblem;
import org.levinv.InterruptedSolveException;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.device.RowSource;
import org.levinv.io.Inputs;
import org.levinv.io.ResultFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code levinv solve-gradient}. */
@Command(
    name = "solve-gradient",
    description = {
      "Finds x such that A(x)^T sigma(x) is the given gradient, where A(x) = diag(Ax - b)^-1 A has"
          + " the leverage scores sigma(x), and writes x.npy, x.csv and result.json.",
      "The signs of Ax - b stay those of the start point; there is at most one answer for them."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class SolveGradientCommand implements Callable<Integer> {
  private static final Options DEFAULTS = Options.defaults();

  private final Screen screen;

  @Mixin private MatrixArgument matrix;

  @Mixin private OffsetArgument offset;

  @Option(
      names = "--gradient",
      paramLabel = "g",
      required = true,
      description = "The target A(x)^T sigma(x), d values.")
  private Path gradient;

  @Option(
      names = "--start",
      paramLabel = "x0",
      required = true,
      description = "A start point with the signs of the answer, d values.")
  private Path start;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The directory for the results, made where it is missing.")
  private Path out;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "newton",
      description = "newton (default) or sampled-newton.")
  private String method;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description = "Relative residual that counts as converged (default 1e-10).")
  private double tolerance = DEFAULTS.tolerance();

  @Option(
      names = "--max-iterations",
      paramLabel = "N",
      description = "Limit on the steps (default 500).")
  private int maxIterations = DEFAULTS.maxIterations();

  @Mixin private LocalArguments local;

  @Mixin private CommonOptions common;

  SolveGradientCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    common.check();
    Options options =
        local
            .apply(DEFAULTS)
            .withMethod(LocalArguments.method(method, Method.NEWTON, Method.SAMPLED_NEWTON))
            .withTolerance(tolerance)
            .withMaxIterations(maxIterations);
    ResultFiles.checkResult(out, inputs());
    Result result;
    List<String> names = null;
    try (RowSource A = matrix.open()) {
      names = Inputs.columnNames(A);
      GradientProblem problem = problem(A);
      options = local.regularize(options, A).withStart(Shapes.columnsVector(start, A));
      try (Inverter inverter = common.open();
          StatusLine line = StatusLine.on(screen, common.quiet())) {
        result = inverter.invertGradient(problem, options.withProgress(line));
      }
    } catch (InterruptedSolveException e) {
      ResultFiles.writeResult(out, e.reached(), options, names);
      throw e;
    }
    ResultFiles.writeResult(out, result, options, names);
    if (!common.quiet()) {
      LocalArguments.report(result, screen);
    }
    return result.status().usable() ? Main.SUCCESS : Main.NO_ANSWER;
  }

  /** What must stay as it is. */
  private List<Path> inputs() {
    List<Path> inputs = new ArrayList<>(List.of(matrix.file(), offset.file(), gradient, start));
    inputs.addAll(local.files());
    return inputs;
  }

  private GradientProblem problem(RowSource A) {
    double[] b = offset.read(A);
    return new GradientProblem(A, b, Shapes.columnsVector(gradient, A));
  }
}
