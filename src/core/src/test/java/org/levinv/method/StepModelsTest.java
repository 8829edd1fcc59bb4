package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Precision;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.pass.Dense;
import org.levinv.pass.DenseLoss;
import org.levinv.pass.SignRule;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/**
 * The equations of refinement and the two models of its step, with all rows in the sample, against
 * dense formulas. Tolerances are some 1e4 roundings: normal equations square a condition of 10.
 */
class StepModelsTest {
  private static final int N = 40;
  private static final int D = 3;
  private static final double TOLERANCE = 1e-10;
  private final PlainProblem problem = PlainProblem.waves(N, D);
  private final double[] target =
      new DenseLoss(problem, new double[N], problem.x()).sigma; // at the planted x
  private final double[] at = problem.x();
  private final DenseLoss dense;
  private final Device device = new ReferenceDevice();
  private final RowStore store = DenseLoss.store(problem, target, device);
  private final Workspace space = new Workspace(device);
  private final SampleProblem sample;
  private final Equations equations;
  private final PointGram point;
  private final RelaxedRows none;

  StepModelsTest() {
    at[0] += 0.01;
    at[2] -= 0.02;
    dense = new DenseLoss(problem, target, at);
    sample = WholeSample.of(store, target);
    equations = new Equations(sample, sample.counted(), space);
    point = new PointGram(store, sample, space);
    none = RelaxedRows.none(sample);
    assertTrue(point.goTo(space.upload(at), null, none, SignRule.NONE, Precision.DOUBLE));
  }

  @AfterEach
  void close() {
    sample.close();
    space.close();
    store.close();
    device.close();
  }

  /** (logit(target) - logit(sigma)) / 2. */
  private double f(int i) {
    return Dense.logitStep(target[i], dense.sigma[i]);
  }

  private double[] values(Vector v) {
    return PlainProblem.download(v, space);
  }

  private double[] step(ReducedModel model) {
    Vector dx = space.vector(D);
    model.step(equations.step(), dx);
    return values(dx);
  }

  @Test
  void equationsAreScoresAndTheirErrors() {
    double mismatch = equations.evaluate(point);
    assertTrue(equations.areAll());
    assertArrayEquals(dense.sigma, values(equations.sigma()), TOLERANCE);
    assertArrayEquals(dense.w, values(equations.w()), TOLERANCE * 1e2); // up to e
    assertArrayEquals(dense.degrees(), values(equations.degrees()), TOLERANCE);
    assertArrayEquals(
        IntStream.range(0, N).mapToDouble(this::f).toArray(), values(equations.step()), TOLERANCE);
    double squares = dense.sum(i -> dense.degrees()[i] * f(i) * f(i));
    double logits = 2 * Math.sqrt(squares / Arrays.stream(dense.degrees()).sum());
    double residual = Math.sqrt(DenseLoss.dot(dense.r, dense.r) / DenseLoss.dot(target, target));
    assertEquals(Math.max(logits, residual), mismatch, TOLERANCE);
  }

  /** A row that is left out has no part in the mismatch or in a step. */
  @Test
  void relaxedRowsAskNothing() {
    equations.leaveOut(new RelaxedRows(sample, new int[] {4}, new double[] {1}));
    equations.evaluate(point);
    double[] expected = dense.degrees();
    expected[4] = 0;
    assertArrayEquals(expected, values(equations.degrees()), TOLERANCE);
  }

  /** min over (dx, c) of ||D^1/2 (W A dx + c + f)||: what is left is orthogonal to all moves. */
  @Test
  void projectionOfTheLogitStep() {
    equations.evaluate(point);
    LogitProjection model = new LogitProjection(equations, space);
    assertTrue(model.make());
    double[] move = PlainProblem.times(dense.U, step(model));
    double[] degrees = dense.degrees();
    double c = -dense.sum(i -> degrees[i] * (move[i] + f(i))) / Arrays.stream(degrees).sum();
    double[] rest = new double[N];
    Arrays.setAll(rest, i -> degrees[i] * (move[i] + c + f(i)));
    for (int j = 0; j < D; j++) {
      int column = j;
      double size = dense.sum(i -> Math.abs(dense.U[i][column] * degrees[i] * f(i)));
      assertEquals(0, dense.sum(i -> dense.U[i][column] * rest[i]), TOLERANCE * size);
    }
  }

  /** K = D^-1 L W A, from every row. */
  private double[][] jacobian() {
    double[][] K = new double[N][D];
    DenseLoss.each(
        N,
        D,
        (i, j) ->
            K[i][j] =
                (dense.sigma[i] * dense.U[i][j]
                        - dense.sum(k -> dense.P[i][k] * dense.P[i][k] * dense.U[k][j]))
                    / dense.degrees()[i]);
    return K;
  }

  /** The step is the least-squares solution of K dx = -f, weighted by D. */
  @Test
  void stepOfTheJacobian() {
    equations.evaluate(point);
    SampledJacobian model = new SampledJacobian(sample, equations, space);
    assertTrue(model.make(point, none));
    double[][] K = jacobian();
    double[] change = PlainProblem.times(K, step(model));
    for (int j = 0; j < D; j++) {
      int column = j;
      double size = dense.sum(i -> Math.abs(K[i][column] * dense.degrees()[i] * f(i)));
      double left = dense.sum(i -> K[i][column] * dense.degrees()[i] * (change[i] + f(i)));
      assertEquals(0, left, TOLERANCE * size);
    }
  }

  /** Newton's method on consistent equations: the next error is the square of this one. */
  @Test
  void aStepOfTheJacobianSquaresTheError() {
    double before = equations.evaluate(point);
    SampledJacobian model = new SampledJacobian(sample, equations, space);
    assertTrue(model.make(point, none));
    double[] dx = step(model);
    double[] next = at.clone();
    Arrays.setAll(next, j -> next[j] + dx[j]);
    assertTrue(point.goTo(space.upload(next), null, none, SignRule.NONE, Precision.DOUBLE));
    double after = equations.evaluate(point);
    assertTrue(after < 10 * before * before, before + " became " + after);
  }

  /** Of J R^-1 = -2 L W A R^-1, to the two digits that power iterations give. */
  @Test
  void singularValuesOfTheJacobian() {
    equations.evaluate(point);
    SampledJacobian model = new SampledJacobian(sample, equations, space);
    assertTrue(model.make(point, none));
    double[][] K = jacobian();
    double[] inverseR = dense.inverseR(device);
    double[][] J = new double[N][D];
    DenseLoss.each(
        N,
        D,
        (i, j) -> {
          for (int k = 0; k < D; k++) {
            J[i][j] += 2 * dense.degrees()[i] * K[i][k] * inverseR[k * D + j];
          }
        });
    double[] square = new double[D * D];
    DenseLoss.each(D, D, (j, k) -> square[j * D + k] = dense.sum(i -> J[i][j] * J[i][k]));
    var S = space.matrix(D, D);
    Vector eigenvalues = space.vector(D);
    device.upload(square, S);
    device.symmetricEigen(S, space.matrix(D, D), eigenvalues);
    double[] expected = values(eigenvalues);
    SingularValues found = model.singularValues(point.factor());
    assertEquals(Math.sqrt(expected[0]), found.smallest(), 0.02 * Math.sqrt(expected[0]));
    assertEquals(Math.sqrt(expected[D - 1]), found.largest(), 0.02 * Math.sqrt(expected[D - 1]));
  }

  @Test
  void gramOfThePointKnowsSlacksAndMoves() {
    double[] slacks = point.slacks();
    for (int i = 0; i < N; i++) {
      assertEquals(1, slacks[i] * dense.w[i], TOLERANCE);
    }
    double[] far = at.clone();
    far[1] += 3;
    point.goTo(space.upload(far), space.upload(at), none, SignRule.NONE, Precision.DOUBLE);
    DenseLoss there = new DenseLoss(problem, target, far);
    double most =
        IntStream.range(0, N).mapToDouble(i -> 1 - dense.w[i] / there.w[i]).max().orElseThrow();
    assertEquals(most, point.shrinkage(), TOLERANCE * most);
  }
}
