package org.levinv.benchmark;

import java.util.Random;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Recipe;

/** A planted problem in arrays. */
final class Problems {
  final int n;
  final int d;
  final double[][] A;
  final double[] b;
  final double[] x;

  /** Interior, lognormal slacks. */
  Problems(int n, int d) {
    this.n = n;
    this.d = d;
    PlantedProblem planted = PlantedProblem.of(Recipe.of(n, d));
    A = new double[n][d];
    for (int i = 0; i < n; i++) {
      planted.matrix().read(i, 1, A[i]);
    }
    b = planted.offset().toArray();
    x = planted.solution();
  }

  /** A point at which the slack that differs most from that at x differs by {@code part} of it. */
  double[] near(double part) {
    Random random = new Random(1);
    double[] step = new double[d];
    for (int j = 0; j < d; j++) {
      step[j] = random.nextGaussian();
    }
    double largest = 0;
    for (int i = 0; i < n; i++) {
      double slack = -b[i];
      double change = 0;
      for (int j = 0; j < d; j++) {
        slack += A[i][j] * x[j];
        change += A[i][j] * step[j];
      }
      largest = Math.max(largest, Math.abs(change / slack));
    }
    double[] start = x.clone();
    for (int j = 0; j < d; j++) {
      start[j] += part / largest * step[j];
    }
    return start;
  }

  static double relativeResidual(double[] sigma, double[] target) {
    double off = 0;
    double size = 0;
    for (int i = 0; i < sigma.length; i++) {
      double r = sigma[i] - target[i];
      off += r * r;
      size += target[i] * target[i];
    }
    return Math.sqrt(off / size);
  }
}
