package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

class WalledStepTest {

  private static double model(double[] H, double[] g, double[] y) {
    double value = 0;
    int d = y.length;
    for (int j = 0; j < d; j++) {
      value += g[j] * y[j];
      for (int k = 0; k < d; k++) {
        value += 0.5 * y[j] * H[j * d + k] * y[k];
      }
    }
    return value;
  }

  private static double deepest(PlainProblem problem, double[] w, double[] y) {
    double[] u = PlainProblem.times(problem.A(), y);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < u.length; i++) {
      least = Math.min(least, w[i] * u[i]);
    }
    return least;
  }

  /** No step that keeps within the walls is better, tried along the segments to random ones. */
  @Test
  void isTheBestStepWithinTheWalls() {
    int d = 6;
    int met = 0;
    for (int seed = 0; seed < 40; seed++) {
      PlainProblem problem = PlainProblem.gaussian(30, d, 1, seed);
      Random random = new Random(seed);
      double[] g = PlainProblem.normals(d, random);
      try (Device device = TestedDevices.open(1);
          Workspace space = new Workspace(device)) {
        TallMatrix A = problem.upload(space);
        Scores scores = new Scores(A, space);
        assertEquals(0, scores.atPoint(space.upload(problem.x()), space.upload(problem.b())));
        double[] w = download(scores.weights(), space);
        Matrix H = space.matrix(d, d);
        Matrix F = space.matrix(d, d);
        device.addDiagonal(0.3, null, H);
        Vector z = space.upload(PlainProblem.normals(d, random));
        device.rankOne(1, z, z, H);
        assertEquals(0, device.cholesky(H, F));
        double[] entries = new double[d * d];
        device.download(H, entries);
        WalledStep walls = new WalledStep(A, space.vector(30), space);
        Vector step = space.vector(d);
        walls.solve(scores, F, space.upload(g), step);
        double[] y = download(step, space);
        double best = model(entries, g, y);
        double deepest = deepest(problem, w, y);
        assertTrue(deepest >= -WalledStep.WALL - 1e-5, "deepest " + deepest);
        if (walls.row() >= 0) {
          met++;
          assertEquals(-WalledStep.WALL, deepest, 1e-5);
        }
        for (int k = 0; k < 200; k++) {
          double[] other = PlainProblem.normals(d, random);
          double size = Math.pow(10, -4 * random.nextDouble());
          for (int j = 0; j < d; j++) {
            other[j] = y[j] + size * other[j];
          }
          if (deepest(problem, w, other) >= -WalledStep.WALL) {
            assertTrue(model(entries, g, other) >= best - 1e-5 * Math.abs(best));
          }
        }
      }
    }
    assertTrue(met >= 10, "walls met " + met);
  }
}
