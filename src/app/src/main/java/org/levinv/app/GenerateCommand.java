package org.levinv.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.VectorSource;
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
      "  levinv generate --rows 100000 --columns 20 --kind mixed --noise 1e-3 --seed 7 --out noisy"
    })
final class GenerateCommand implements Callable<Integer> {
  private static final String[] NAMES = {"A.npy", "b.npy", "x.npy", "sigma.npy"};

  private final Screen screen;

  @Option(names = "--rows", paramLabel = "n", required = true, description = "Rows of A.")
  private int rows;

  @Option(
      names = "--columns",
      paramLabel = "d",
      required = true,
      description = "Columns of A, fewer than its rows.")
  private int columns;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      required = true,
      converter = Words.Kinds.class,
      completionCandidates = Words.Kinds.class,
      description = "The signs of Ax - b: interior (all positive) or mixed.")
  private Kind kind;

  @Option(
      names = "--condition",
      paramLabel = "C",
      defaultValue = "1",
      description = "Condition number of A, about (default 1: Gaussian entries).")
  private double condition;

  @Option(
      names = "--slack-spread",
      paramLabel = "S",
      description = "Standard deviation of log(Ax - b), interior only (default 1).")
  private Double slackSpread;

  @Option(
      names = "--row-scale",
      paramLabel = "E",
      defaultValue = "0",
      description = "Multiply each row of [A, b] by exp(U(-E/2, E/2)) (default 0).")
  private double rowScale;

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
      names = "--out",
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
    Recipe recipe = recipe();
    ResultFiles.checkProblem(out, NAMES);
    try (StatusLine line = common.line(screen);
        Inverter inverter = common.open(rows, columns);
        ResultFiles files = ResultFiles.in(out)) {
      line.doing("drawing b and x");
      write(PlantedProblem.of(recipe), inverter, files, line);
    }
    if (!common.quiet()) {
      screen.say(String.join(", ", NAMES) + " (n = " + rows + ", d = " + columns + ") in " + out);
    }
    return Main.SUCCESS;
  }

  private Recipe recipe() {
    if (slackSpread != null && kind != Kind.INTERIOR) {
      throw new InvalidInputException("--slack-spread: expected --kind interior");
    }
    return Recipe.of(rows, columns)
        .withKind(kind)
        .withCondition(condition)
        .withSlackSpread(slackSpread == null ? 1 : slackSpread)
        .withRowScale(rowScale)
        .withNoise(noise)
        .withSeed(seed);
  }

  /** The largest file first: a full disk is noticed before the scores are computed. */
  private static void write(
      PlantedProblem problem, Inverter inverter, ResultFiles files, StatusLine line) {
    double[] b = problem.offset();
    double[] x = problem.solution();
    files.stage("A.npy", new HeardRows(problem.matrix(), line.doing("writing A.npy")));
    files.stage("b.npy", b);
    files.stage("x.npy", x);
    files.stage("sigma.npy", problem.noisy(scores(problem, b, x, inverter, line)));
    files.commit();
  }

  private static double[] scores(
      PlantedProblem problem, double[] b, double[] x, Inverter inverter, StatusLine line) {
    double[] sigma = new double[b.length];
    line.doing("computing scores");
    try {
      inverter.evaluate(
          problem.matrix(),
          VectorSource.of("offset", b),
          x,
          Options.defaults().withProgress(line),
          (first, count, slacks, scores) ->
              System.arraycopy(scores, 0, sigma, Math.toIntExact(first), count));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an array takes all
    }
    return sigma;
  }
}
