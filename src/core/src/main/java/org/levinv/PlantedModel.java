package org.levinv;

import java.util.Arrays;
import java.util.Objects;
import org.levinv.device.RowSource;
import org.levinv.small.CounterRandom;

/**
 * A generalised linear model whose coefficients are known: Gaussian rows, the first column an
 * intercept, and linear predictors up to a reach. Nothing of n numbers is held: each row and its
 * offset are drawn from the seed and its number whenever they are read.
 */
public final class PlantedModel {

  /** A cloglog weight is below rounding of the others where eta is above this. */
  private static final double MOST_CLOGLOG = 2.5;

  /** eta of gamma and inverse Gaussian models is above 0, by this part of its range. */
  private static final double ABOVE_ZERO = 0.1;

  private final Rows rows;
  private final double spread;
  private final double[] x;

  /**
   * @param spread of the offset; 0 where there is none
   */
  private PlantedModel(Rows rows, double spread, double[] x) {
    this.rows = rows;
    this.spread = spread;
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
      Weights weights, long n, int d, double reach, boolean withOffset, long seed) {
    if (d < 1 || n <= d) {
      throw new InvalidInputException(
          "rows: expected more rows than columns, and a column at least, got " + n + " x " + d);
    }
    if (!(reach > 0 && reach < Double.POSITIVE_INFINITY)) {
      throw new InvalidInputException("reach: expected a number above 0, got " + reach);
    }
    double[] x = new double[d];
    new CounterRandom(seed, 0, 0).normals(x);
    Rows rows = new Rows(n, d, seed);
    PlantedModel plain = new PlantedModel(rows, withOffset ? 1 : 0, x);
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double[] a = new double[d];
    for (long i = 0; i < n; i++) {
      double eta = plain.predictor(i, a, x);
      least = Math.min(least, eta);
      most = Math.max(most, eta);
    }
    double low = -reach;
    double high = reach;
    switch (weights.shape()) {
      case PEAKED -> high = Math.min(reach, MOST_CLOGLOG);
      case POWER, BARRIER, RECIPROCAL -> low = ABOVE_ZERO * reach;
      default -> {}
    }
    double scale = (high - low) / (most - least);
    if (weights.shape() == Weights.Shape.EVEN) {
      scale = reach / Math.max(most, -least);
    }
    for (int j = 0; j < d; j++) {
      x[j] *= scale;
    }
    if (weights.shape() != Weights.Shape.EVEN) {
      x[0] += high - scale * most; // eta from low to high
    }
    return new PlantedModel(rows, scale * plain.spread, x);
  }

  /** A, n x d. */
  public RowSource matrix() {
    return rows;
  }

  /** b, n values; zeros where there is no offset. */
  public VectorSource offset() {
    return VectorSource.of("planted offset", rows.rows(), i -> rows.offset(i, spread));
  }

  /** x, d values. */
  public double[] solution() {
    return x.clone();
  }

  /** The model without its coefficients. */
  public Model model(Weights weights) {
    return new Model(rows, offset(), weights);
  }

  /** A y - b, for models whose rows an array counts. */
  public double[] predictor(double[] y) {
    double[] a = new double[x.length];
    double[] eta = new double[Math.toIntExact(rows.rows())];
    Arrays.setAll(eta, i -> predictor(i, a, y));
    return eta;
  }

  /** a_i.y - b_i; a takes the row. */
  private double predictor(long i, double[] a, double[] y) {
    rows.draw(i, a);
    double sum = -rows.offset(i, spread);
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * y[j];
    }
    return sum;
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
    for (int i = 0; i < exact.length; i++) {
      double b = rows.offset(i, spread);
      double right = exact[i] + b;
      double there = found[i] + b;
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

    double offset(long i, double spread) {
      return spread == 0 ? 0 : spread * new CounterRandom(seed, 1, i).normal();
    }
  }
}
