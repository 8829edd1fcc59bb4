package org.levinv.campaign;

import java.util.Random;
import org.levinv.device.RowSource;

/** Start points for local methods. */
final class Starts {
  private final RowSource A;
  private final double[] b;
  private final double[] x;
  private final Random random;

  Starts(RowSource A, double[] b, double[] x, long seed) {
    this.A = A;
    this.b = b;
    this.x = x;
    random = new Random(seed);
  }

  /** A step from x in a random direction that shrinks no slack by more than {@code part}. */
  double[] inCell(double part) {
    return moved(part, false);
  }

  /** The same, where no slack grows by more either. */
  double[] near(double part) {
    return moved(part, true);
  }

  private double[] moved(double part, boolean bothWays) {
    double[] step = random.doubles(x.length).map(u -> random.nextGaussian()).toArray();
    double[] row = new double[x.length];
    double largest = 0;
    for (int i = 0; i < b.length; i++) {
      A.read(i, 1, row);
      double slack = dot(row, x) - b[i];
      double change = -dot(row, step) / slack;
      largest = Math.max(largest, bothWays ? Math.abs(change) : change);
    }
    double[] start = x.clone();
    for (int j = 0; j < start.length; j++) {
      start[j] += part / largest * step[j];
    }
    return start;
  }

  /** Gaussian, of the size of x: the signs of its slacks know nothing of those at x. */
  double[] generic() {
    double size = Math.sqrt(dot(x, x) / x.length);
    return random.doubles(x.length).map(u -> size * random.nextGaussian()).toArray();
  }

  private static double dot(double[] a, double[] v) {
    double sum = 0;
    for (int j = 0; j < v.length; j++) {
      sum += a[j] * v[j];
    }
    return sum;
  }
}
