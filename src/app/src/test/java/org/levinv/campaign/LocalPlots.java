package org.levinv.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;

/**
 * Loss against work for every method on a planted and a real problem, from a start inside the right
 * sign cell (the global method: from the signs) and from a start that knows nothing (the global
 * method: from none). What {@code ci/plots} draws. Arguments: the directory of the real problem,
 * and the one for the images.
 */
public final class LocalPlots {

  /** Losses below this are rounding. */
  private static final double LEAST = 1e-30;

  private LocalPlots() {}

  public static void main(String[] args) throws IOException {
    Path real = Path.of(args[0]);
    Path out = Files.createDirectories(Path.of(args[1]));
    PlantedProblem planted = PlantedProblem.of(Recipe.of(2000, 20).withSeed(1));
    try (Inverter inverter = Inverter.open()) {
      write(
          inverter,
          out.resolve("planted.svg"),
          "planted, n = 2000, d = 20",
          planted.matrix(),
          planted.offset().toArray(),
          planted.solution());
      write(
          inverter,
          out.resolve("wdbc.svg"),
          "wdbc, n = 569, d = 30",
          Inputs.matrix(real.resolve("A.csv")),
          Inputs.vector(real.resolve("b.csv")),
          Inputs.vector(real.resolve("x.csv")));
    }
  }

  private static void write(
      Inverter inverter, Path file, String name, RowSource A, double[] b, double[] x)
      throws IOException {
    double[] sigma = inverter.scores(A, b, x);
    Problem problem = new Problem(A, b, sigma);
    Starts starts = new Starts(A, b, x, 1);
    SvgPlot plot = new SvgPlot("work, n d² flops", "loss", LEAST);
    double[] inCell = starts.inCell(0.5);
    double[] generic = starts.generic();
    plot.panel(
        name + ": start in the cell",
        curves(inverter, problem, inCell, Signs.given(slacks(A, b, x))));
    plot.panel(name + ": no knowledge", curves(inverter, problem, generic, Signs.unknown()));
    Files.writeString(file, plot.svg());
  }

  private static double[] slacks(RowSource A, double[] b, double[] x) {
    double[] row = new double[x.length];
    double[] slacks = new double[b.length];
    for (int i = 0; i < b.length; i++) {
      A.read(i, 1, row);
      slacks[i] = -b[i];
      for (int j = 0; j < x.length; j++) {
        slacks[i] += row[j] * x[j];
      }
    }
    return slacks;
  }

  private static List<SvgPlot.Curve> curves(
      Inverter inverter, Problem problem, double[] start, Signs signs) {
    List<SvgPlot.Curve> curves = new ArrayList<>();
    double square = 0;
    double[] sigma = new double[Math.toIntExact(problem.sigma().length())];
    problem.sigma().read(0, sigma.length, sigma, 0);
    for (double value : sigma) {
      square += value * value;
    }
    for (Method method : Method.values()) {
      List<double[]> points = new ArrayList<>();
      double half = 0.5 * square;
      Options options =
          Options.defaults()
              .withMaxIterations(method == Method.GRADIENT ? 20_000 : 500)
              .withProgress(
                  step ->
                      points.add(
                          new double[] {step.work(), half * step.residual() * step.residual()}));
      options =
          method == Method.AUTO
              ? options.withSigns(signs)
              : options.withMethod(method).withStart(start);
      Result result = inverter.invert(problem, options);
      points.removeIf(p -> !(p[1] >= 0 && p[1] < Double.MAX_VALUE));
      points.add(new double[] {result.work(), result.loss()});
      System.out.printf(
          "%-16s %-20s loss %.1e, work %.0f%n",
          method, result.status().word(), result.loss(), result.work());
      curves.add(new SvgPlot.Curve(method.word(), points.toArray(double[][]::new)));
    }
    return curves;
  }
}
