package org.levinv;

import java.util.Objects;
import org.levinv.device.RowSource;
import org.levinv.small.CounterRandom;

/**
 * A generalised linear model whose coefficients are known: Gaussian rows, the first column an
 * intercept, and linear predictors up to a reach. A is never held: each row is drawn from the seed
 * and its number whenever it is read.
 */
public final class PlantedModel {

  /** A cloglog weight is below rounding of the others where eta is above this. */
  private static final double MOST_CLOGLOG = 2.5;

  /** eta of gamma and inverse Gaussian models is above 0, by this part of its range. */
  private static final double ABOVE_ZERO = 0.1;

  private final Rows rows;
  private final double[] b;
  private final double[] x;

  private PlantedModel(Rows rows, double[] b, double[] x) {
    this.rows = rows;
    this.b = b;
    this.x = x;
  }

  /**
   * Plants one.
   *
   * @param reach the largest |eta|
   * @param withOffset whether b is Gaussian or 0
   * @throws InvalidInputException if shape or reach cannot be
   */
  public static PlantedModel of(
      Weights weights, int n, int d, double reach, boolean withOffset, long seed) {
    if (d < 1 || n <= d) {
      throw new InvalidInputException(
          "rows: expected more than the columns, of which there is one, got " + n + " x " + d);
    }
    if (!(reach > 0 && reach < Double.POSITIVE_INFINITY)) {
      throw new InvalidInputException("reach: expected a number above 0, got " + reach);
    }
    double[] x = new double[d];
    double[] b = new double[n];
    new CounterRandom(seed, 0, 0).normals(x);
    if (withOffset) {
      new CounterRandom(seed, 1, 0).normals(b);
    }
    PlantedModel model = new PlantedModel(new Rows(n, d, seed), b, x);
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double eta : model.predictor(x)) {
      least = Math.min(least, eta);
      most = Math.max(most, eta);
    }
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
    return model;
  }

  /** A, n x d. */
  public RowSource matrix() {
    return rows;
  }

  /** b, n values; zeros where there is no offset. */
  public double[] offset() {
    return b.clone();
  }

  /** x, d values. */
  public double[] solution() {
    return x.clone();
  }

  /** The model without its coefficients. */
  public Model model(Weights weights) {
    return new Model(rows, VectorSource.of("offset", b), weights);
  }

  /** A y - b. */
  public double[] predictor(double[] y) {
    double[] eta = new double[b.length];
    double[] a = new double[x.length];
    for (int i = 0; i < eta.length; i++) {
      rows.draw(i, a);
      double sum = -b[i];
      for (int j = 0; j < a.length; j++) {
        sum += a[j] * y[j];
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
    double plus = 0;
    double minus = 0;
    double size = 0;
    double[] exact = predictor(x);
    double[] found = predictor(y);
    for (int i = 0; i < b.length; i++) {
      double right = exact[i] + b[i];
      double there = found[i] + b[i];
      plus = Math.hypot(plus, there - right);
      minus = Math.hypot(minus, there + right);
      size = Math.hypot(size, right);
    }
    return (mirror ? Math.min(plus, minus) : plus) / size;
  }

  /** The rows of A. */
  private record Rows(long rows, int columns, long seed) implements RowSource {
    @Override
    public String name() {
      return "planted matrix";
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void read(long first, int count, double[] into) {
      Objects.checkFromIndexSize(first, count, rows);
      double[] a = new double[columns];
      for (int i = 0; i < count; i++) {
        draw(first + i, a);
        System.arraycopy(a, 0, into, i * columns, columns);
      }
    }

    void draw(long i, double[] a) {
      new CounterRandom(seed, 2, i).normals(a);
      a[0] = 1;
    }
  }
}
