package org.levinv.campaign;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.levinv.ArrayRows;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.ScaleResult;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.io.Inputs;
import org.levinv.method.IsotropicPosition;
import org.levinv.model.GramFactor;
import org.levinv.tall.ResidentMatrix;
import org.levinv.tall.TallMatrix;

/**
 * Tyler's M-estimator of five data sets: {@code levinv scale --tyler} beside the usual fixed point
 * S = (d/n) sum of a a^T / (a^T S^-1 a), run with the same primitives on the same device to a
 * change of 1e-12 in an entry. What {@code ci/tyler} prints. Argument: the directory of wdbc's
 * A.csv.
 */
public final class TylerTable {
  private static final double CHANGE = 1e-12;
  private static final int LIMIT = 5000;

  private TylerTable() {}

  public static void main(String[] args) {
    Map<String, RowSource> data = new LinkedHashMap<>();
    data.put("Gaussian", rows(20_000, 20, 1, 0, 0));
    data.put("Cauchy", rows(10_000, 100, 2, 1, 0));
    data.put("Student t, 0.5 degrees", rows(2_000, 400, 3, 2, 0));
    data.put("correlated 0.99, Cauchy", rows(500, 200, 4, 1, 0.99));
    data.put("wdbc, real", Inputs.matrix(Path.of(args[0], "A.csv")));
    System.out.printf(
        "%-26s %12s | %12s %9s %9s | %12s %9s | %s%n",
        "data",
        "n, d",
        "evaluations",
        "seconds",
        "verified",
        "fixed point",
        "seconds",
        "difference");
    data.forEach(TylerTable::compare);
  }

  private static void compare(String name, RowSource A) {
    ScaleResult best = null;
    double seconds = Double.POSITIVE_INFINITY;
    try (Inverter inverter = Inverter.open("cpu", 0)) {
      for (int run = 0; run < 5; run++) {
        ScaleResult result = inverter.tyler(A, Options.defaults());
        seconds = Math.min(seconds, result.seconds());
        best = result;
      }
    }
    try (Device device = new CpuDevice(0)) {
      double[] S = null;
      double fixed = Double.POSITIVE_INFINITY;
      double bare = Double.POSITIVE_INFINITY;
      int rounds = 0;
      double[] target = new double[(int) A.rows()];
      Arrays.fill(target, (double) A.columns() / target.length);
      for (int run = 0; run < 5; run++) {
        try (Workspace own = new Workspace(device)) {
          long started = System.nanoTime();
          IsotropicPosition position =
              new IsotropicPosition(ResidentMatrix.upload(A, own), target, own);
          position.run(CHANGE, LIMIT, (stage, k, residual) -> {});
          position.weights(new double[A.columns() * A.columns()]);
          bare = Math.min(bare, (System.nanoTime() - started) * 1e-9);
        }
        try (Workspace own = new Workspace(device)) {
          long started = System.nanoTime();
          TallMatrix tall = ResidentMatrix.upload(A, own);
          S = new double[A.columns() * A.columns()];
          rounds = fixedPoint(tall, S, own);
          fixed = Math.min(fixed, (System.nanoTime() - started) * 1e-9);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%-26s %12s | %12d %9.3f %9.3f | %12s %9.3f | %.1e  %s%n",
          name,
          A.rows() + ", " + A.columns(),
          best.evaluations(),
          bare,
          seconds,
          rounds < LIMIT ? rounds : "> " + LIMIT,
          fixed,
          difference(best.scatter(), S),
          best.status().word());
    }
  }

  private static double difference(double[][] found, double[] expected) {
    int d = found.length;
    double worst = 0;
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < d; k++) {
        double size = Math.sqrt(expected[j * d + j] * expected[k * d + k]);
        worst = Math.max(worst, Math.abs(found[j][k] - expected[j * d + k]) / size);
      }
    }
    return worst;
  }

  /** S and the number of rounds, one score evaluation each. */
  private static int fixedPoint(TallMatrix A, double[] S, Workspace space) {
    Device device = space.device();
    int d = A.columns();
    GramFactor factor = new GramFactor(d, space);
    Vector u = space.vector(A.rows());
    Matrix G = space.matrix(d, d);
    A.squaredRowNorms(u);
    device.map(Formula.RECIPROCAL, 0, u, null, null, u);
    double[] last = new double[d * d];
    double change = 1;
    int rounds = 0;
    for (; rounds < LIMIT && change > CHANGE; rounds++) {
      factor.ofSquaredWeights(A, u); // S = A^T diag(u) A
      device.multiply(factor.R(), true, factor.R(), false, G);
      device.download(G, S);
      double trace = 0;
      for (int j = 0; j < d; j++) {
        trace += S[j * d + j];
      }
      change = 0;
      for (int k = 0; k < S.length; k++) {
        S[k] *= d / trace;
      }
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          double size = Math.sqrt(S[j * d + j] * S[k * d + k]);
          change = Math.max(change, Math.abs(S[j * d + k] - last[j * d + k]) / size);
        }
      }
      System.arraycopy(S, 0, last, 0, S.length);
      A.squaredNorms(factor.inverseR(), u); // a^T S^-1 a
      device.map(Formula.RECIPROCAL, 0, u, null, null, u);
    }
    return rounds;
  }

  /** Rows of correlated normals, divided by |normal|^power. */
  private static RowSource rows(int n, int d, long seed, double power, double correlation) {
    Random random = new Random(seed);
    double[][] A = new double[n][d];
    for (double[] a : A) {
      Arrays.setAll(a, j -> random.nextGaussian());
      for (int j = 1; j < d; j++) {
        a[j] = correlation * a[j - 1] + Math.sqrt(1 - correlation * correlation) * a[j];
      }
      double length = Math.pow(Math.abs(random.nextGaussian()), -power);
      for (int j = 0; j < d; j++) {
        a[j] *= length;
      }
    }
    return ArrayRows.of(A);
  }
}
