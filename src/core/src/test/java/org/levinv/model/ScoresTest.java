package org.levinv.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.tall.PlainProblem;

class ScoresTest {

  /** Scores and a Laplacian product on one device. */
  private static double[][] evaluate(Device device, PlainProblem problem, double[] u) {
    try (device;
        Workspace space = new Workspace(device)) {
      Scores scores = new Scores(problem.upload(space), space);
      assertEquals(0, scores.atPoint(space.upload(problem.x()), space.upload(problem.b())));
      Vector Lu = space.vector(problem.n());
      scores.laplacian(space.upload(u), Lu);
      return new double[][] {download(scores.sigma(), space), download(Lu, space)};
    }
  }

  @Test
  void agreesWithTheDefinitionOnEveryDevice() {
    PlainProblem problem = PlainProblem.gaussian(300, 40, 1, 3);
    double[] u = PlainProblem.normals(300, new Random(4));
    double[][] reference = evaluate(new ReferenceDevice(), problem, u);
    double[][] cpu = evaluate(TestedDevices.open(2), problem, u);
    assertArrayEquals(reference[0], cpu[0], 1e-13);
    assertArrayEquals(reference[1], cpu[1], 1e-13);
    assertEquals(40, Arrays.stream(cpu[0]).sum(), 1e-11);
    assertTrue(Arrays.stream(cpu[0]).allMatch(s -> s >= 0 && s <= 1));
  }

  /** L u = sigma o u - (P o P) u with P itself, which only a test can afford. */
  @Test
  void laplacianIsThatOfTheProjection() {
    PlainProblem problem = PlainProblem.gaussian(30, 4, 1, 5);
    double[] u = PlainProblem.normals(30, new Random(6));
    try (Device device = new ReferenceDevice();
        Workspace space = new Workspace(device)) {
      Scores scores = new Scores(problem.upload(space), space);
      scores.atPoint(space.upload(problem.x()), space.upload(problem.b()));
      double[] w = download(scores.weights(), space);
      double[] inverse = new double[16];
      device.download(scores.inverseR(), inverse);
      double[][] V = new double[30][4];
      for (int i = 0; i < 30; i++) {
        for (int j = 0; j < 4; j++) {
          for (int k = 0; k <= j; k++) {
            V[i][j] += w[i] * problem.A()[i][k] * inverse[k * 4 + j];
          }
        }
      }
      double[] expected = new double[30];
      double[] sigma = download(scores.sigma(), space);
      for (int i = 0; i < 30; i++) {
        expected[i] = sigma[i] * u[i];
        for (int j = 0; j < 30; j++) {
          double P = dot(V[i], V[j]);
          expected[i] -= P * P * u[j];
        }
        assertEquals(sigma[i], dot(V[i], V[i]), 1e-14);
      }
      Vector Lu = space.vector(30);
      scores.laplacian(space.upload(u), Lu);
      assertArrayEquals(expected, download(Lu, space), 1e-13);
    }
  }

  @Test
  void laplacianIsPositiveSemidefiniteAndKeepsConstants() {
    PlainProblem problem = PlainProblem.gaussian(400, 20, 2, 7);
    double[] ones = new double[400];
    Arrays.fill(ones, 1);
    for (double entry : evaluate(TestedDevices.open(1), problem, ones)[1]) {
      assertEquals(0, entry, 1e-13);
    }
    Random random = new Random(8);
    for (int k = 0; k < 20; k++) {
      double[] u = PlainProblem.normals(400, random);
      assertTrue(dot(u, evaluate(TestedDevices.open(1), problem, u)[1]) >= 0);
    }
  }

  @Test
  void coordinatesDoNotMatter() {
    int d = 6;
    PlainProblem problem = PlainProblem.gaussian(50, d, 1, 9);
    Random random = new Random(10);
    double[][] T = new double[d][];
    for (int j = 0; j < d; j++) {
      T[j] = PlainProblem.normals(d, random);
    }
    double[][] AT = new double[50][d];
    for (int i = 0; i < 50; i++) {
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          AT[i][j] += problem.A()[i][k] * T[k][j];
        }
      }
    }
    double[] slack = PlainProblem.times(problem.A(), problem.x());
    for (int i = 0; i < 50; i++) {
      slack[i] -= problem.b()[i];
    }
    double[] u = PlainProblem.normals(50, random);
    double[][] before = evaluate(TestedDevices.open(1), problem, u);
    double[][] after = evaluate(TestedDevices.open(1), PlainProblem.of(AT, problem.x(), slack), u);
    assertArrayEquals(before[0], after[0], 1e-10);
    assertArrayEquals(before[1], after[1], 1e-10);
  }

  @Test
  void sandwichAndWeightsFollowTheirDefinitions() {
    PlainProblem problem = PlainProblem.gaussian(40, 3, 1, 11);
    try (Device device = TestedDevices.open(1);
        Workspace space = new Workspace(device)) {
      Scores scores = new Scores(problem.upload(space), space);
      scores.atPoint(space.upload(problem.x()), space.upload(problem.b()));
      double[] sigma = download(scores.sigma(), space);
      Vector w = space.vector(40);
      device.copy(scores.weights(), w);
      assertEquals(0, scores.atWeights(w));
      assertArrayEquals(sigma, download(scores.sigma(), space), 1e-14);

      Vector ones = space.vector(40);
      device.fill(1, ones);
      Matrix N = space.matrix(3, 3);
      Matrix product = space.matrix(3, 3);
      scores.sandwich(ones, N); // G^-1 G G^-1 = G^-1
      device.multiply(N, false, scores.gram(), false, product);
      double[] identity = new double[9];
      device.download(product, identity);
      assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, identity, 1e-12);
      Vector got = space.vector(40);
      scores.diagonal(N, got);
      assertArrayEquals(sigma, download(got, space), 1e-13);
    }
  }

  /** The factor is of small integers, so that no rounding hides the zero pivot. */
  @Test
  void tellsWhereTheGramMatrixIsSingular() {
    double[][] A = {{1, 0, 1}, {1, 0, 1}, {1, 0, 1}, {1, 0, 1}, {0, 1, 1}};
    try (Device device = TestedDevices.open(1);
        Workspace space = new Workspace(device)) {
      Scores scores = new Scores(PlainProblem.upload(A, space), space);
      assertEquals(3, scores.atPoint(space.vector(3), space.upload(new double[] {1, 1, 1, 1, 1})));
    }
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
