package org.levinv.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    versionProvider = Main.Version.class,
    footer = {
      "  levinv solve --matrix A.csv --offset b.csv --scores sigma.csv --out result --report",
      "  levinv solve --matrix all.npz:A --offset all.npz:b --scores all.npz:sigma --out result \\",
      "               --signs positive --write scores,residuals",
      "  levinv solve --matrix A.npy --offset b.npy --scores sigma.npy --out result \\",
      "               --method newton --start x0.csv --certificate",
      "  levinv show result"
    })
final class SolveCommand implements Callable<Integer> {
  private static final Options DEFAULTS = Options.defaults();

  private static final Words.SignWords SIGNS = new Words.SignWords();

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
      completionCandidates = Words.SignWords.class,
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
      paramLabel = "METHOD",
      defaultValue = "auto",
      converter = Words.Methods.class,
      completionCandidates = Words.Methods.class,
      description =
          "auto (default): global; or a local method, from --start: gradient, newton,"
              + " sampled-newton, gauss-newton.")
  private Method method;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "double",
      converter = Words.Precisions.class,
      completionCandidates = Words.Precisions.class,
      description =
          "double (default), or mixed: early Gram matrices in single precision, faster where d is"
              + " large or a card has few units for doubles; the answer is as accurate.")
  private Precision precision;

  @Mixin private AnswerArguments answer;

  @Mixin private UncertaintyArguments uncertainty;

  @Mixin private LimitArguments limits;

  @Mixin private LocalArguments local;

  @Mixin private CommonOptions common;

  SolveCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Options options = options();
    ResultFiles.checkResult(out, inputs(), answer.files());
    try (StatusLine line = common.line(screen);
        RowSource A = matrix.open(line);
        VectorSource b = offset.open(A, line);
        VectorSource sigma = Shapes.openRows(scores, A, line);
        VectorSource given = isFile(signs) ? Shapes.openRows(Path.of(signs), A, line) : null) {
      options = local.regularize(options, A, line).withSigns(signs(given)).withStart(start(A));
      return solve(new Problem(A, b, sigma), options, line);
    }
  }

  private Options options() {
    common.check();
    if (method != Method.AUTO && start == null) {
      throw new InvalidInputException(
          "--method "
              + method.word()
              + ": expected --start x0, a point near the answer where A x - b has its signs;"
              + " --method auto needs none");
    }
    if (method != Method.AUTO && precision != Precision.DOUBLE) {
      throw new InvalidInputException(
          "--precision mixed: expected --method auto, got " + method.word());
    }
    if (isFile(signs) && !Files.exists(Path.of(signs))) {
      throw new InvalidInputException(
          "--signs: expected auto, positive, negative, unknown or a file, got '"
              + signs
              + "'"
              + SIGNS.suggestions(signs));
    }
    return uncertainty
        .apply(limits.apply(local.apply(DEFAULTS)))
        .withMethod(method)
        .withPrecision(precision);
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

  private static boolean isFile(String signs) {
    return SIGNS.find(signs) == null;
  }

  private Signs signs(VectorSource given) {
    return given == null ? SIGNS.find(signs) : Signs.given(given);
  }

  private double[] start(RowSource A) {
    return start == null ? null : Shapes.columnsVector(start, A);
  }

  private int solve(Problem problem, Options options, StatusLine line) {
    Result result;
    AnswerArguments.Written rows;
    try (Inverter inverter = common.open();
        ResultFiles files = ResultFiles.in(out)) {
      RowSource A = problem.A();
      common.begin(line, inverter, A, options);
      Options heard = options.withProgress(answer.listen(line));
      result = inverter.invert(problem, heard);
      line.doing("looking at every row at the answer");
      rows = answer.write(files, inverter, A, problem.b(), problem.sigma(), result, heard);
      files.stage(result, options, Inputs.columnNames(A), Main.Version.number(), rows.said());
      files.commit();
    }
    line.clear();
    LocalArguments.report(result, screen, common.quiet());
    return answer.exitCode(result, rows, screen);
  }
}
