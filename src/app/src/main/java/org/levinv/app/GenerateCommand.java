package org.levinv.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.PlantedModel;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.files.OutputException;
import org.levinv.files.ResultFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code levinv generate}. */
@Command(
    name = "generate",
    description = "Writes a random problem with a known answer: A.npy, b.npy, sigma.npy and x.npy.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "  levinv generate --rows 1000 --columns 5 --kind interior --out problem",
      "  levinv generate --rows 100000 --columns 20 --kind mixed --noise 1e-3 --seed 7 --out noisy",
      "  levinv generate --rows 500 --columns 5 --weights logistic --out model"
    })
final class GenerateCommand implements Callable<Integer> {
  private static final String[] NAMES = {"A.npy", "b.npy", "x.npy", "sigma.npy"};

  private final Screen screen;

  @Option(names = "--rows", paramLabel = "n", required = true, description = "Rows of A.")
  private long rows;

  @Option(
      names = "--columns",
      paramLabel = "d",
      required = true,
      description = "Columns of A, fewer than its rows.")
  private int columns;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      converter = Words.Kinds.class,
      completionCandidates = Words.Kinds.class,
      description = "The signs of Ax - b: interior (all positive) or mixed; without --weights.")
  private Kind kind;

  @Option(
      names = "--weights",
      paramLabel = "NAME",
      description =
          "A generalised linear model instead, whose hat values are the scores: logistic, probit,"
              + " cloglog, poisson, gamma, inverse-gaussian, cauchy[:SCALE], student:NU[:SCALE]. Its"
              + " first column is an intercept.")
  private String weights;

  @Option(
      names = "--reach",
      paramLabel = "E",
      description = "The largest |Ax - b|, with --weights (default 4).")
  private Double reach;

  @Option(names = "--with-offset", description = "An offset b, with --weights (default: b = 0).")
  private boolean withOffset;

  @Option(
      names = "--prior-weights",
      paramLabel = "v",
      description = "Prior weights, n numbers above 0, with --weights.")
  private Path prior;

  @Option(
      names = "--condition",
      paramLabel = "C",
      description = "Condition number of A, about (default 1: Gaussian entries).")
  private Double condition;

  @Option(
      names = "--slack-spread",
      paramLabel = "S",
      description = "Standard deviation of log(Ax - b), interior only (default 1).")
  private Double slackSpread;

  @Option(
      names = "--row-scale",
      paramLabel = "E",
      description = "Multiply each row of [A, b] by exp(U(-E/2, E/2)) (default 0).")
  private Double rowScale;

  @Option(
      names = "--noise",
      paramLabel = "E",
      defaultValue = "0",
      description = "Multiply each score by 1 + E N(0, 1) (default 0).")
  private double noise;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description = "Fixes every random draw (default 0).")
  private long seed;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "The directory for the files, made where it is missing.")
  private Path out;

  @Mixin private CommonOptions common;

  GenerateCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    common.check();
    checkUsage();
    ResultFiles.checkProblem(out, NAMES);
    ResultFiles.checkRoom(out, NAMES[0], (double) rows * columns);
    try (StatusLine line = common.line(screen);
        Inverter inverter = common.open(rows, columns);
        ResultFiles files = ResultFiles.in(out)) {
      if (weights == null) {
        write(PlantedProblem.of(recipe()), inverter, files, line);
      } else {
        line.doing("drawing b and x");
        double most = reach == null ? 4 : reach;
        write(
            PlantedModel.of(Weights.of(weights), rows, columns, most, withOffset, seed),
            inverter,
            files,
            line);
      }
    }
    if (!common.quiet()) {
      screen.say(String.join(", ", NAMES) + " (n = " + rows + ", d = " + columns + ") in " + out);
    }
    return Main.SUCCESS;
  }

  private void checkUsage() {
    if (!(noise >= 0 && noise < 1)) {
      throw new InvalidInputException("--noise: expected a number from 0 to below 1, got " + noise);
    }
    boolean isBarrier = weights == null;
    if (isBarrier && (reach != null || withOffset || prior != null)) {
      throw new InvalidInputException(
          "--reach, --with-offset, --prior-weights: expected --weights NAME with them");
    }
    if (isBarrier && kind == null) {
      throw new InvalidInputException("--kind: expected interior or mixed, or --weights NAME");
    }
    boolean isPlain = kind == null && condition == null && slackSpread == null && rowScale == null;
    if (!isBarrier && (!isPlain || Weights.of(weights).isBarrier())) {
      throw new InvalidInputException(
          "--weights: expected a generalised linear model, without --kind, --condition,"
              + " --slack-spread and --row-scale");
    }
    if (isBarrier) {
      recipe(); // refuses what cannot be, before any work
    }
  }

  private Recipe recipe() {
    if (slackSpread != null && kind != Kind.INTERIOR) {
      throw new InvalidInputException("--slack-spread: expected --kind interior");
    }
    return Recipe.of(rows, columns)
        .withKind(kind)
        .withCondition(condition == null ? 1 : condition)
        .withSlackSpread(slackSpread == null ? 1 : slackSpread)
        .withRowScale(rowScale == null ? 0 : rowScale)
        .withNoise(noise)
        .withSeed(seed);
  }

  private void write(
      PlantedProblem problem, Inverter inverter, ResultFiles files, StatusLine line) {
    Model model = new Model(problem.matrix(), problem.offset(), Weights.BARRIER);
    write(model, problem.solution(), inverter, files, line);
  }

  private void write(PlantedModel planted, Inverter inverter, ResultFiles files, StatusLine line) {
    try (VectorSource v = prior == null ? null : Shapes.openRows(prior, planted.matrix(), line)) {
      Model model = planted.model(Weights.of(weights)).withPriorWeights(v);
      write(model, planted.solution(), inverter, files, line);
    }
  }

  /** The largest file first: a full disk is noticed before the scores are computed. */
  private void write(
      Model model, double[] x, Inverter inverter, ResultFiles files, StatusLine line) {
    files.stage("A.npy", new HeardRows(model.A(), line.doing("writing A.npy")));
    files.stage("b.npy", model.b());
    files.stage("x.npy", x);
    VectorSink sigma = files.stage("sigma.npy", model.A().rows());
    line.doing("computing scores");
    try {
      inverter.evaluate(
          model,
          x,
          Options.defaults().withProgress(line),
          (first, count, slacks, scores) ->
              sigma.write(first, count, PlantedProblem.noisy(first, count, scores, noise, seed)));
    } catch (IOException e) {
      throw new OutputException(e.getMessage(), e);
    }
    files.commit();
  }
}
