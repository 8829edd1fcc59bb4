package org.levinv.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;

/**
 * Gaussian rows with normal slacks, exact scores and unknown signs: how often x is found where rows
 * are few. What {@code ci/few-rows} prints. x is judged against the planted one; other x may have
 * the same scores, and more often where n is near 2 d.
 *
 * <p>Arguments: count=50 seed=0 columns=5,10,20,40 ratios=2.0,2.2,2.5,3.0.
 */
public final class FewRows {

  /** A x is the planted one within this relative error. */
  private static final double FOUND = 1e-6;

  /**
   * How solves of one size ended.
   *
   * @param found success, at the planted x
   * @param other success, at another x with the same scores
   * @param missed no success
   * @param work of each, in units of n d^2
   */
  record Rate(double ratio, int columns, int found, int other, int missed, List<Double> work) {
    int problems() {
      return found + other + missed;
    }
  }

  private FewRows() {}

  public static void main(String[] args) {
    int count = 50;
    long seed = 0;
    String columns = "5,10,20,40";
    String ratios = "2.0,2.2,2.5,3.0";
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      switch (parts[0]) {
        case "count" -> count = Integer.parseInt(parts[1]);
        case "seed" -> seed = Long.parseLong(parts[1]);
        case "columns" -> columns = parts[1];
        case "ratios" -> ratios = parts[1];
        default ->
            throw new IllegalArgumentException(
                "expected count=, seed=, columns= or ratios=, got " + arg);
      }
    }
    System.out.printf(
        "%6s %4s %6s %6s %6s %8s %8s%n", "n/d", "d", "found", "other", "missed", "work", "worst");
    for (String ratio : ratios.split(",")) {
      for (String d : columns.split(",")) {
        print(run(Double.parseDouble(ratio), Integer.parseInt(d), count, seed));
      }
    }
  }

  private static void print(Rate rate) {
    double[] work = rate.work().stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "%6.1f %4d %6d %6d %6d %8.1f %8.1f%n",
        rate.ratio(),
        rate.columns(),
        rate.found(),
        rate.other(),
        rate.missed(),
        work[work.length / 2],
        work[work.length - 1]);
  }

  /** So many problems of one size. */
  static Rate run(double ratio, int d, int count, long seed) {
    int[] ends = new int[3];
    List<Double> work = new ArrayList<>();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      for (int k = 0; k < count; k++) {
        Random random = new Random(seed * 0x9E3779B97F4A7C15L + (k * 1000L + d) * 131);
        int n = (int) Math.round(ratio * d);
        double[][] A = new double[n][d];
        double[] x = new double[d];
        double[] b = new double[n];
        Arrays.setAll(x, j -> random.nextGaussian());
        for (int i = 0; i < n; i++) {
          Arrays.setAll(A[i], j -> random.nextGaussian());
          b[i] = PlainQr.exactDot(A[i], x, random.nextGaussian());
        }
        double[] sigma = PlainQr.at(A, b, x).scores();
        Options options = Options.defaults().withSigns(Signs.unknown());
        Result result = inverter.invert(Problem.of(A, b, sigma), options);
        work.add(result.work());
        ends[result.status() != Status.CONVERGED ? 2 : error(A, result.x(), x) <= FOUND ? 0 : 1]++;
      }
    }
    return new Rate(ratio, d, ends[0], ends[1], ends[2], work);
  }

  /** || A (found - x) || / || A x ||. */
  private static double error(double[][] A, double[] found, double[] x) {
    double off = 0;
    double all = 0;
    double[] move = new double[x.length];
    Arrays.setAll(move, j -> found[j] - x[j]);
    for (double[] row : A) {
      off = Math.hypot(off, PlainQr.exactDot(row, move, 0));
      all = Math.hypot(all, PlainQr.exactDot(row, x, 0));
    }
    return off / all;
  }
}
