package org.levinv.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.QRDecomposition;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;

/**
 * Real data: columns standardised, b the centred target, x the least-squares coefficients. Recovers
 * x from the scores of diag(Ax - b)^-1 A, which {@link PlainQr} computes. What {@code ci/real-data}
 * prints. Argument: the directory that holds wdbc.csv, digits.csv and diabetes.csv.
 */
public final class RealData {

  private static final double LARGEST_ERROR = 1e-9;

  /** A data set: A is n x d. */
  private record Data(double[][] A, double[] b, int dropped) {}

  private RealData() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      throw new IllegalArgumentException(
          "expected one argument: the directory of wdbc.csv, digits.csv and diabetes.csv");
    }
    boolean failed = false;
    try (Inverter inverter = Inverter.open()) {
      System.out.println(inverter.device());
      for (String name : List.of("wdbc", "digits", "diabetes")) {
        Data data = read(Path.of(args[0], name + ".csv"));
        int n = data.A().length;
        int d = data.A()[0].length;
        System.out.printf(
            "%s: n = %d, d = %d, constant columns dropped: %d%n", name, n, d, data.dropped());
        double[] x = leastSquares(data);
        PlainQr truth = PlainQr.at(data.A(), data.b(), x);
        System.out.printf(
            Locale.ROOT,
            "  smallest relative slack %.1e, largest score 1 - %.1e, least information %.1e%n",
            truth.smallestRelativeSlack(),
            1 - largest(truth.scores()),
            truth.leastInformation());
        failed |= !solve(inverter, data, x, truth, Signs.given(truth.signs()));
        if (n >= 3 * d) {
          failed |= !solve(inverter, data, x, truth, Signs.unknown());
          solve(inverter, data, x, truth, Signs.auto());
        }
      }
    }
    System.exit(failed ? 1 : 0);
  }

  private static boolean solve(
      Inverter inverter, Data data, double[] x, PlainQr truth, Signs signs) {
    Problem problem = Problem.of(data.A(), data.b(), truth.scores());
    Result result = inverter.invert(problem, Options.defaults().withSigns(signs));
    double error = relativeError(result.x(), x);
    boolean good = error <= LARGEST_ERROR;
    System.out.printf(
        Locale.ROOT,
        "  signs %-8s %-20s error in x %.1e, residual %.1e, work %.1f, passes %.1f, %.3f s%s%n",
        signs,
        result.status().word(),
        error,
        result.relativeResidual(),
        result.work(),
        result.passes(),
        result.seconds(),
        good ? "" : "  NOT RECOVERED");
    return good;
  }

  private static double[] leastSquares(Data data) {
    return new QRDecomposition(new Array2DRowRealMatrix(data.A(), false))
        .getSolver()
        .solve(new ArrayRealVector(data.b()))
        .toArray();
  }

  private static double relativeError(double[] x, double[] truth) {
    double error = 0;
    double size = 0;
    for (int j = 0; j < x.length; j++) {
      error = Math.hypot(error, x[j] - truth[j]);
      size = Math.hypot(size, truth[j]);
    }
    return error / size;
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  private static Data read(Path file) throws IOException {
    List<double[]> rows = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      double[] row = new double[cells.length];
      for (int j = 0; j < cells.length; j++) {
        row[j] = Double.parseDouble(cells[j]);
      }
      rows.add(row);
    }
    int n = rows.size();
    int columns = rows.get(0).length - 1;
    List<double[]> kept = new ArrayList<>();
    for (int j = 0; j < columns; j++) {
      double[] column = centred(rows, j);
      double square = 0;
      for (double value : column) {
        square += value * value;
      }
      double deviation = Math.sqrt(square / n);
      if (deviation > 0) {
        for (int i = 0; i < n; i++) {
          column[i] /= deviation;
        }
        kept.add(column);
      }
    }
    double[][] A = new double[n][kept.size()];
    for (int j = 0; j < kept.size(); j++) {
      for (int i = 0; i < n; i++) {
        A[i][j] = kept.get(j)[i];
      }
    }
    return new Data(A, centred(rows, columns), columns - kept.size());
  }

  private static double[] centred(List<double[]> rows, int j) {
    double mean = rows.stream().mapToDouble(row -> row[j]).average().orElseThrow();
    return rows.stream().mapToDouble(row -> row[j] - mean).toArray();
  }
}
