package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.levinv.InvalidInputException;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Signs;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Workspace;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/** Coordinates around a start point, from Gram matrices alone. */
class LocalSetupTest {

  private static LocalTask task(double[][] A, PlainProblem problem, Signs signs) {
    int n = problem.n();
    double[] sigma = new double[n];
    Arrays.fill(sigma, (double) problem.d() / n);
    Options options = Options.defaults().withStart(problem.x()).withSigns(signs);
    return LocalTask.of(Problem.of(A, problem.b(), sigma), options, Method.NEWTON);
  }

  /** The second column is the first, nearly: cond(A) is about 1 / difference. */
  private static PlainProblem skewed(double difference) {
    PlainProblem plain = PlainProblem.gaussian(60, 3, 0.5, 95);
    double[][] A = plain.A();
    double[] slack = new double[60];
    for (int i = 0; i < 60; i++) {
      A[i][1] = A[i][0] + difference * A[i][1];
      slack[i] = Math.exp(Math.sin(5 * i));
    }
    return PlainProblem.of(A, plain.x(), slack);
  }

  /** ||G - I|| at the start, readings, and that coordinates go there and back. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1e-10", "1e-4, 1, 1e-5", "1e-8, 2, 1e-5", "1e-11, 2, 1e-3"})
  void columnsBecomeOrthonormal(double difference, int readings, double bound) {
    PlainProblem problem = skewed(difference);
    LocalTask task = task(problem.A(), problem, Signs.positive());
    try (Device device = TestedDevices.open(1);
        RowStore store = LeafStore.resident(task.rows(), device);
        Workspace space = new Workspace(device)) {
      LocalSetup setup = new LocalSetup(task, store, null, space);
      assertEquals(readings, store.counter().passes(), 1e-12);
      assertEquals("positive", setup.signs());
      double[] at = setup.fromUser(problem.x());
      Matrix G = store.run(SlackGramPass.at(at)).G();
      device.addDiagonal(-1, null, G);
      assertTrue(device.norm(G) < bound, "||G - I|| = " + device.norm(G));
      assertArrayEquals(problem.x(), setup.toUser(at), 1e-14 / difference);
    }
  }

  /** Columns whose squares leave the range of doubles come in units of their own. */
  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void columnsOfAnyUnit(Supplier<Device> supplier) {
    PlainProblem plain = skewed(1);
    double[] x = plain.x();
    for (double[] row : plain.A()) {
      row[0] *= 0x1p300;
      row[2] *= 0x1p-300;
    }
    x[0] *= 0x1p-300;
    x[2] *= 0x1p300;
    LocalTask task = task(plain.A(), plain, Signs.positive());
    try (Device device = supplier.get();
        RowStore store = LeafStore.resident(task.rows(), device);
        Workspace space = new Workspace(device)) {
      LocalSetup setup = new LocalSetup(task, store, null, space);
      double[] at = setup.fromUser(x);
      Matrix G = store.run(SlackGramPass.at(at)).G();
      device.addDiagonal(-1, null, G);
      assertTrue(device.norm(G) < 1e-10, "||G - I|| = " + device.norm(G));
      double[] back = setup.toUser(at);
      for (int j = 0; j < 3; j++) {
        assertEquals(1, back[j] / x[j], 1e-12);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.levinv.device.TestedDevices#all")
  void badStartsAreNamed(Supplier<Device> device) {
    PlainProblem dependent = skewed(0);
    String said = message(task(dependent.A(), dependent, Signs.auto()), device);
    assertTrue(said.contains("expected independent columns, rank 3, got rank 2: column "), said);
    assertTrue(said.contains(" is a multiple of column "), said);
    PlainProblem plain = skewed(1);
    assertTrue(
        message(task(plain.A(), plain, Signs.negative()), device)
            .startsWith(
                "start, row 0 of matrix: expected a negative a_i.x - b_i, as the signs say, got "));
    double[] signs = new double[60];
    Arrays.fill(signs, 1);
    signs[17] = -1;
    assertTrue(
        message(task(plain.A(), plain, Signs.given(signs)), device)
            .startsWith("start, row 17 of matrix: "));
    double[] slack = new double[60];
    Arrays.fill(slack, 1);
    PlainProblem wall = PlainProblem.of(plain.A(), new double[3], slack);
    wall.b()[5] = 0;
    assertTrue(
        message(task(wall.A(), wall, Signs.auto()), device)
            .startsWith("start, row 5 of matrix: expected a nonzero a_i.x - b_i"));
  }

  private static String message(LocalTask task, Supplier<Device> supplier) {
    try (Device device = supplier.get();
        RowStore store = LeafStore.resident(task.rows(), device);
        Workspace space = new Workspace(device)) {
      return assertThrows(
              InvalidInputException.class, () -> new LocalSetup(task, store, null, space))
          .getMessage();
    }
  }
}
