package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

class IdentifiabilityTest {

  private static Identifiability of(PlainProblem problem) {
    return of(problem, false);
  }

  private static Identifiability of(PlainProblem problem, boolean allRows) {
    try (Device device = TestedDevices.open(1);
        Workspace space = new Workspace(device)) {
      TallMatrix A = problem.upload(space);
      Scores scores = new Scores(A, space);
      assertEquals(0, scores.atPoint(space.upload(problem.x()), space.upload(problem.b())));
      long n = A.rows();
      return allRows
          ? Identifiability.of(A, scores, n, n, device, 1)
          : Identifiability.of(A, scores, device, 1);
    }
  }

  private static double cosine(double[] x, double[] y) {
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int j = 0; j < x.length; j++) {
      xy += x[j] * y[j];
      xx += x[j] * x[j];
      yy += y[j] * y[j];
    }
    return Math.abs(xy) / Math.sqrt(xx * yy);
  }

  /** leastsq.identifiability at waves(60, 4). */
  @Test
  void agreesWithThePrototype() {
    Identifiability found = of(PlainProblem.waves(60, 4), true);
    assertEquals(0.483589059108929, found.gap(), 2e-3);
    assertEquals(0.3766920734994888, found.absolute(), 2e-3);
    double[] direction = {
      0.1277840329203874, 0.4957976205147838, 0.7050540020634927, 0.4906677232065833
    };
    assertEquals(1, cosine(direction, found.direction()), 1e-2);
    assertFalse(found.isFree());
    assertFalse(found.isIllDetermined());
  }

  @Test
  void offsetInRangeLeavesTheScaleOfAllSlacksFree() {
    for (int n : new int[] {150, 5000}) {
      PlainProblem problem = PlainProblem.gaussian(n, 7, 1, 51);
      double[] z = PlainProblem.normals(7, new Random(52));
      Identifiability found =
          of(new PlainProblem(problem.A(), PlainProblem.times(problem.A(), z), problem.x()));
      assertTrue(found.isFree(), "absolute " + found.absolute());
      assertTrue(found.gap() < 1e-12, "gap " + found.gap());
      double[] expected = new double[7];
      Arrays.setAll(expected, j -> problem.x()[j] - z[j]);
      assertEquals(1, cosine(expected, found.direction()), 1e-10);
    }
  }

  @Test
  void aDecoupledBlockInRangeIsFound() {
    PlainProblem one = PlainProblem.gaussian(100, 4, 1, 53);
    PlainProblem two = PlainProblem.gaussian(100, 3, 1, 54);
    double[][] A = new double[200][7];
    double[] b = new double[200];
    double[] z = PlainProblem.normals(3, new Random(55));
    double[] second = PlainProblem.times(two.A(), z);
    for (int i = 0; i < 100; i++) {
      System.arraycopy(one.A()[i], 0, A[i], 0, 4);
      System.arraycopy(two.A()[i], 0, A[100 + i], 4, 3);
      b[i] = one.b()[i];
      b[100 + i] = second[i];
    }
    double[] x = Arrays.copyOf(one.x(), 7);
    System.arraycopy(two.x(), 0, x, 4, 3);
    Identifiability found = of(new PlainProblem(A, b, x));
    assertTrue(found.isFree(), "absolute " + found.absolute());
    for (int j = 0; j < 4; j++) {
      assertEquals(0, found.direction()[j], 1e-9);
    }
  }

  /**
   * -1 <= x_j <= 1: each pair of rows has the slacks 1 + x_j and 1 - x_j, which the scores
   * determine.
   */
  @Test
  void aBoxIsDetermined() {
    int d = 6;
    double[][] A = new double[2 * d][d];
    double[] b = new double[2 * d];
    double[] x = new double[d];
    for (int j = 0; j < d; j++) {
      A[2 * j][j] = 1;
      A[2 * j + 1][j] = -1;
      b[2 * j] = -1;
      b[2 * j + 1] = -1;
      x[j] = 0.1 * j;
    }
    assertFalse(of(new PlainProblem(A, b, x)).isIllDetermined());
  }

  @Test
  void aGenericProblemIsDetermined() {
    for (int n : new int[] {40, 400, 8000}) {
      Identifiability found = of(PlainProblem.gaussian(n, 8, 1, 56));
      assertFalse(found.isIllDetermined());
      assertTrue(found.gap() > 1e-2, "gap " + found.gap());
    }
  }

  @Test
  void aScoreOfOneIsFree() {
    PlainProblem problem = PlainProblem.gaussian(60, 5, 1, 57);
    double[][] A = problem.A();
    for (int i = 0; i < 60; i++) {
      A[i][2] = i == 9 ? 1 : 0; // only row 9 reaches coordinate 2
    }
    double[] slack = PlainProblem.normals(60, new Random(58));
    Identifiability found = of(PlainProblem.of(A, problem.x(), slack));
    assertTrue(found.isFree());
    assertEquals(0, found.gap());
    assertEquals(1, cosine(new double[] {0, 0, 1, 0, 0}, found.direction()), 1e-12);
  }
}
