package org.levinv.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.levinv.GradientProblem;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.RowSource;
import org.levinv.files.Digests;
import org.levinv.files.ResultFiles;
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
    versionProvider = Main.Version.class,
    footer =
        "  levinv solve-gradient --matrix A.npy --offset b.npy --gradient g.csv --start x0.csv --out"
            + " result")
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
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "The directory for the results, made where it is missing.")
  private Path out;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "newton",
      converter = Words.NewtonMethods.class,
      completionCandidates = Words.NewtonMethods.class,
      description = "newton (default) or sampled-newton.")
  private Method method;

  @Mixin private AnswerArguments answer;

  @Mixin private CheckpointArguments checkpoint;

  @Mixin private LimitArguments limits;

  @Mixin private MemoryArgument memory;

  @Mixin private LocalArguments local;

  @Mixin private CommonOptions common;

  SolveGradientCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    common.check();
    checkpoint.check();
    local.check(method);
    Options options = memory.apply(limits.apply(local.apply(DEFAULTS))).withMethod(method);
    answer.refuseResiduals();
    ResultFiles.checkResult(out, inputs().values(), answer.files());
    try (StatusLine line = common.line(screen);
        Digests digests = Digests.of(inputs());
        RowSource A = matrix.open(line);
        VectorSource b = offset.open(A, line)) {
      double[] g = Shapes.columnsVector(gradient, A);
      options = local.regularize(options, A, line).withStart(Shapes.columnsVector(start, A));
      return solve(new GradientProblem(A, b, g), options, line, digests);
    }
  }

  private int solve(GradientProblem problem, Options options, StatusLine line, Digests digests) {
    Model model = new Model(problem.A(), problem.b(), Weights.BARRIER);
    try (Inverter inverter = common.open(problem.A())) {
      Search search =
          new Search(
              new Search.Context(screen, common, answer, checkpoint, line, inverter),
              out,
              model,
              null,
              options,
              Map.of(),
              wait -> common.provenance(inverter, digests, wait));
      common.begin(line, inverter, model.A(), options);
      return search.run(own -> inverter.invertGradient(problem, own));
    }
  }

  /** What must stay as it is. */
  private Map<String, Path> inputs() {
    Map<String, Path> inputs = new LinkedHashMap<>();
    inputs.put("matrix", matrix.file());
    inputs.put("offset", offset.file());
    inputs.put("gradient", gradient);
    inputs.put("start", start);
    local.files().forEach(file -> inputs.put("regularization", file));
    return inputs;
  }
}
