package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.small.SmallSvd;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

/** Estimates of singular values from few rows beside those of all rows. */
class DeterminationTest {
  private static final int DAYS = 30;
  private static final int OTHERS = 3;
  private static final int COLUMNS = DAYS + OTHERS;

  /** An estimate that is cleared by few rows is right to that factor; the first was off by 1e4. */
  private static final double ORDERS = 50;

  /** Dummies of days with 7 rows or more each, other columns Gaussian, slacks over two decades. */
  private static PlainProblem days(long seed) {
    Random random = new Random(seed);
    int n = 14 * DAYS;
    double[][] A = new double[n][];
    double[] slack = new double[n];
    for (int i = 0; i < n; i++) {
      A[i] = new double[COLUMNS];
      A[i][i < 7 * DAYS ? i % DAYS : random.nextInt(DAYS)] = 1;
      System.arraycopy(PlainProblem.normals(OTHERS, random), 0, A[i], DAYS, OTHERS);
      slack[i] = Math.exp(4.8 * (random.nextDouble() - 0.5));
    }
    return PlainProblem.of(A, PlainProblem.normals(COLUMNS, random), slack);
  }

  /** A problem's scores at its x, and what is known of all its rows. */
  private static final class Case implements AutoCloseable {
    final Device device = TestedDevices.open(1);
    final Workspace space = new Workspace(device);
    final TallMatrix A;
    final Scores scores;
    final Sample all;
    final double[] sigma;

    Case(long seed) {
      PlainProblem problem = days(seed);
      A = problem.upload(space);
      scores = new Scores(A, space);
      assertEquals(0, scores.atPoint(space.upload(problem.x()), space.upload(problem.b())));
      int n = problem.b().length;
      double[] once = new double[n];
      Arrays.fill(once, 1);
      all = new Sample(IntStream.range(0, n).toArray(), once);
      sigma = new double[n];
      device.download(scores.sigma(), sigma);
    }

    SingularValues quick() {
      return Determination.quick(A, scores.weights(), scores.inverseR(), all, sigma, device);
    }

    SingularValues closely() {
      return Determination.of(A, scores.weights(), scores.inverseR(), all, sigma, device);
    }

    /** J R^-1 = 2 (Sigma - P o P) V entry by entry, V = W A R^-1. */
    double[][] jacobian() {
      int n = sigma.length;
      double[][] V = new double[n][COLUMNS];
      Vector column = space.vector(n);
      Vector unit = space.vector(COLUMNS);
      Vector along = space.vector(COLUMNS);
      double[] values = new double[n];
      for (int j = 0; j < COLUMNS; j++) {
        double[] e = new double[COLUMNS];
        e[j] = 1;
        device.upload(e, unit);
        device.multiply(scores.inverseR(), false, unit, along);
        A.times(along, column);
        device.multiply(scores.weights(), column, column);
        device.download(column, values);
        for (int i = 0; i < n; i++) {
          V[i][j] = values[i];
        }
      }
      double[][] J = new double[n][COLUMNS];
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
          double p = 0;
          for (int j = 0; j < COLUMNS; j++) {
            p += V[i][j] * V[k][j];
          }
          for (int j = 0; j < COLUMNS; j++) {
            J[i][j] += 2 * p * p * (V[i][j] - V[k][j]);
          }
        }
      }
      return J;
    }

    @Override
    public void close() {
      space.close();
      device.close();
    }
  }

  /** Smallest and largest, from the eigenvalues of J^T J. */
  private static SingularValues singularValues(double[][] J) {
    double[][] JtJ = new double[COLUMNS][COLUMNS];
    for (double[] row : J) {
      for (int a = 0; a < COLUMNS; a++) {
        for (int b = 0; b < COLUMNS; b++) {
          JtJ[a][b] += row[a] * row[b];
        }
      }
    }
    double[] squares = new SmallSvd(JtJ).values();
    return new SingularValues(
        Math.sqrt(Arrays.stream(squares).min().orElseThrow()),
        Math.sqrt(Arrays.stream(squares).max().orElseThrow()));
  }

  /** Few rows miss whole days; that the scores do not hold those is not believed. */
  @Test
  void daysThatFewRowsMiss_areLookedAtAgain() {
    int missed = 0;
    for (int seed = 0; seed < 10; seed++) {
      try (Case one = new Case(seed)) {
        if (!one.quick().isClear()) {
          missed++;
          SingularValues exact = singularValues(one.jacobian());
          double found = one.closely().smallest();
          assertTrue(exact.ratio() > 1e-3, "the days are determined: " + exact);
          assertTrue(
              found >= exact.smallest() / ORDERS && found <= ORDERS * exact.smallest(),
              found + " for " + exact);
        }
      }
    }
    assertTrue(missed >= 2, "few rows saw every day in all but " + missed + " of 10");
  }

  @Test
  void theChangeOfAllRowsIsThatOfTheJacobian() {
    try (Case one = new Case(3)) {
      double[][] J = one.jacobian();
      double[] y = PlainProblem.normals(COLUMNS, new Random(4));
      double square = 0;
      for (double[] row : J) {
        double change = IntStream.range(0, COLUMNS).mapToDouble(j -> row[j] * y[j]).sum();
        square += change * change;
      }
      double length = Math.sqrt(Arrays.stream(y).map(value -> value * value).sum());
      double expected = Math.sqrt(square) / length;
      double found = changeOf(one, one.all, one.space.upload(y));
      assertEquals(expected, found, 1e-11 * expected);
    }
  }

  /** Rows that are in the sample twice over, each counted half, are the same problem. */
  @Test
  void countsOfASampleAreWeights() {
    try (Case one = new Case(3)) {
      int n = one.sigma.length;
      int[] rows = IntStream.range(0, 2 * n).map(i -> i % n).toArray();
      double[] half = new double[2 * n];
      Arrays.fill(half, 0.5);
      Vector y = one.space.upload(PlainProblem.normals(COLUMNS, new Random(4)));
      double expected = changeOf(one, one.all, y);
      assertEquals(expected, changeOf(one, new Sample(rows, half), y), 1e-11 * expected);
    }
  }

  private static double changeOf(Case one, Sample sample, Vector y) {
    return new SampleLaplacian(
            one.A, one.scores.weights(), one.scores.inverseR(), sample, one.space)
        .change(y);
  }
}
