package org.levinv;

import java.util.Arrays;
import org.levinv.small.CounterRandom;

/**
 * A generalised linear model whose coefficients are known: Gaussian rows, the first column an
 * intercept, and linear predictors up to a reach.
 *
 * @param A n x d
 * @param b offset, n; zeros where there is none
 * @param x coefficients, d
 */
public record PlantedModel(double[][] A, double[] b, double[] x) {

  /** A cloglog weight is below rounding of the others where eta is above this. */
  private static final double MOST_CLOGLOG = 2.5;

  /** eta of gamma and inverse Gaussian models is above 0, by this part of its range. */
  private static final double ABOVE_ZERO = 0.1;

  /**
   * Plants one.
   *
   * @param reach the largest |eta|
   * @param withOffset whether b is Gaussian or 0
   */
  public static PlantedModel of(
      Weights weights, int n, int d, double reach, boolean withOffset, long seed) {
    double[][] A = new double[n][d];
    double[] x = new double[d];
    double[] b = new double[n];
    new CounterRandom(seed, 0, 0).normals(x);
    if (withOffset) {
      new CounterRandom(seed, 1, 0).normals(b);
    }
    for (int i = 0; i < n; i++) {
      new CounterRandom(seed, 2, i).normals(A[i]);
      A[i][0] = 1;
    }
    double[] eta = predictor(A, b, x);
    double least = Arrays.stream(eta).min().orElse(0);
    double most = Arrays.stream(eta).max().orElse(0);
    double low = -reach;
    double high = reach;
    switch (weights.shape()) {
      case PEAKED -> high = Math.min(reach, MOST_CLOGLOG);
      case POWER, BARRIER -> low = ABOVE_ZERO * reach;
      default -> {}
    }
    double scale = (high - low) / (most - least);
    if (weights.shape() == Weights.Shape.EVEN) {
      scale = reach / Math.max(most, -least);
    }
    for (int j = 0; j < d; j++) {
      x[j] *= scale;
    }
    for (int i = 0; i < n; i++) {
      b[i] *= scale;
    }
    if (weights.shape() != Weights.Shape.EVEN) {
      x[0] += high - scale * most; // eta from low to high
    }
    return new PlantedModel(A, b, x);
  }

  /** A x - b. */
  public static double[] predictor(double[][] A, double[] b, double[] x) {
    double[] eta = new double[A.length];
    for (int i = 0; i < eta.length; i++) {
      double sum = -b[i];
      for (int j = 0; j < x.length; j++) {
        sum += A[i][j] * x[j];
      }
      eta[i] = sum;
    }
    return eta;
  }

  /**
   * The relative error of A y, up to what scores cannot tell: the sign of x.
   *
   * @param mirror whether -y is as good
   */
  public double error(double[] y, boolean mirror) {
    double[] none = new double[A.length];
    double[] exact = predictor(A, none, x);
    double[] found = predictor(A, none, y);
    double plus = 0;
    double minus = 0;
    double size = 0;
    for (int i = 0; i < exact.length; i++) {
      plus = Math.hypot(plus, found[i] - exact[i]);
      minus = Math.hypot(minus, found[i] + exact[i]);
      size = Math.hypot(size, exact[i]);
    }
    return (mirror ? Math.min(plus, minus) : plus) / size;
  }
}
