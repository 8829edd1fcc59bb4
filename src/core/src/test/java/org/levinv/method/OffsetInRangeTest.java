package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.ArrayRows;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

class OffsetInRangeTest {

  private static double error(double[][] A, double[] b) {
    try (Device device = TestedDevices.open(1);
        Workspace space = new Workspace(device);
        RowStore store =
            new LeafStore(
                ProblemRows.of(ArrayRows.of(A)).with(Field.OFFSET, VectorSource.of("b", b)),
                device,
                new Partition(A.length, 32),
                0)) {
      double error =
          OffsetInRange.backwardError(PlainProblem.upload(A, space), space.upload(b), device);
      double byPasses = OffsetInRange.backwardError(store);
      assertEquals(error <= OffsetInRange.THRESHOLD, byPasses <= OffsetInRange.THRESHOLD);
      if (error > OffsetInRange.THRESHOLD) { // else both are rounding
        assertEquals(error, byPasses, 0.01 * error);
      }
      return error;
    }
  }

  @Test
  void offsetsInRangeAreFoundWhateverTheConditionAndTheScales() {
    for (int d : new int[] {3, 20}) {
      for (double condition : new double[] {1, 1e4, 1e10}) {
        for (boolean scaled : new boolean[] {false, true}) {
          double[][] A = RankTest.conditioned(300, d, condition, 71);
          if (scaled) {
            RankTest.scale(A, -0.3);
          }
          double[] b = PlainProblem.times(A, PlainProblem.normals(d, new Random(72)));
          double error = error(A, b);
          assertTrue(
              error <= OffsetInRange.THRESHOLD,
              "d " + d + ", condition " + condition + ", scaled " + scaled + ": " + error);
          b[17] *= 1 + 1e-8;
          b[18] *= 1 - 3e-8;
          error = error(A, b);
          assertTrue(
              error > 1e-10,
              "d " + d + ", condition " + condition + ", scaled " + scaled + ": " + error);
        }
      }
    }
  }

  @Test
  void aGenericOffsetIsNotInRange() {
    PlainProblem problem = PlainProblem.waves(60, 4);
    assertTrue(error(problem.A(), problem.b()) > 1e-2);
    double[] small = PlainProblem.times(problem.A(), problem.x());
    Random random = new Random(73);
    for (int i = 0; i < small.length; i++) {
      small[i] -= 1e-8 * Math.exp(random.nextGaussian());
    }
    assertTrue(error(problem.A(), small) > 1e-11);
  }

  @Test
  void anOffsetOfZeroIsInRange() {
    PlainProblem problem = PlainProblem.waves(60, 4);
    problem.A()[5] = new double[4];
    assertTrue(error(problem.A(), new double[60]) == 0);
  }
}
