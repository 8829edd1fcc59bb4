package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.GramFactor;
import org.levinv.pass.Dense;
import org.levinv.pass.DenseLoss;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

/** Single steps of stage 1, and what it measures, on planted magnitudes t = -log s. */
class LogitIterationTest {
  private static final int N = 50;
  private static final int D = 3;

  /** Some 1e3 roundings of sums of 50 terms. */
  private static final double TOLERANCE = 1e-11;

  private final PlainProblem problem = PlainProblem.waves(N, D);
  private final double[] target = new DenseLoss(problem, new double[N], problem.x()).sigma;
  private final double[] planted;
  private final Device device = new ReferenceDevice();
  private final Workspace space = new Workspace(device);
  private final TallMatrix A = problem.upload(space);
  private final LogitIteration iteration =
      new LogitIteration(A, space.upload(target), new GramFactor(D, space), space);

  LogitIterationTest() {
    planted = PlainProblem.times(problem.A(), problem.x());
    Arrays.setAll(planted, i -> -Math.log(Math.abs(planted[i] - problem.b()[i])));
  }

  @AfterEach
  void close() {
    space.close();
    device.close();
  }

  private double evaluate(Vector t) {
    assertTrue(iteration.factor(t));
    return iteration.evaluate(t);
  }

  @Test
  void thePlantedMagnitudesAreAFixedPoint() {
    Vector t = space.upload(planted);
    assertEquals(0, evaluate(t), TOLERANCE);
    iteration.advance(t);
    assertArrayEquals(planted, PlainProblem.download(t, space), TOLERANCE);
  }

  /** The mismatch falls, and what was best is kept whatever comes after it. */
  @Test
  void stepsLowerTheMismatch() {
    Vector t = space.vector(N);
    device.fill(0, t);
    double first = evaluate(t);
    for (int k = 0; k < 12; k++) {
      iteration.advance(t);
      evaluate(t);
    }
    assertTrue(iteration.best() < 1e-4 * first, first + " became " + iteration.best());
    double best = iteration.best();
    device.fill(0, t);
    evaluate(t);
    assertEquals(best, iteration.best());
    iteration.toBest(t);
    assertEquals(best, evaluate(t), TOLERANCE);
  }

  /** The first step moves each logit to its target, but for a constant that scores do not see. */
  @Test
  void aPlainStepIsHalfTheDifferenceOfTheLogits() {
    Vector t = space.vector(N);
    device.fill(0, t);
    evaluate(t);
    iteration.addBestStep(t);
    double[] step = PlainProblem.download(t, space);
    double[][] inverse = DenseLoss.inverse(Dense.gram(problem.A(), i -> 1));
    for (int i = 0; i < N; i++) {
      double[] row = problem.A()[i];
      double hat = DenseLoss.dot(row, PlainProblem.times(inverse, row));
      assertEquals(Dense.logitStep(target[i], hat), step[i], TOLERANCE);
    }
  }

  @Test
  void retreatIsHalfAStepFromTheBest() {
    Vector t = space.vector(N);
    device.fill(7, t);
    assertFalse(iteration.retreat(t), "nothing was met");
    device.fill(0, t);
    evaluate(t);
    Vector whole = space.vector(N);
    device.fill(0, whole);
    iteration.addBestStep(whole);
    device.fill(7, t);
    assertTrue(iteration.retreat(t));
    double[] half = PlainProblem.download(t, space);
    double[] step = PlainProblem.download(whole, space);
    for (int i = 0; i < N; i++) {
      assertEquals(0.5 * step[i], half[i], TOLERANCE);
    }
    iteration.restart();
    assertFalse(iteration.retreat(t));
  }

  /** Row i counts counts_i times in both measures; the larger one is told. */
  @Test
  void mismatchCountsRows() {
    double[] counts = new double[N];
    double[] sigma = new double[N];
    Arrays.setAll(counts, i -> 1 + i % 3);
    Arrays.setAll(sigma, i -> target[i] * (1 + 0.1 * Math.sin(i)));
    Mismatch mismatch = new Mismatch(space.upload(target), space.upload(counts), space);
    double found = mismatch.of(space.upload(sigma));
    double squares = 0;
    double targets = 0;
    double logits = 0;
    double degrees = 0;
    for (int i = 0; i < N; i++) {
      double f = Dense.logitStep(target[i], sigma[i]);
      double degree = counts[i] * sigma[i] * (1 - sigma[i]);
      squares += counts[i] * (sigma[i] - target[i]) * (sigma[i] - target[i]);
      targets += counts[i] * target[i] * target[i];
      logits += degree * f * f;
      degrees += degree;
    }
    assertEquals(Math.sqrt(squares / targets), mismatch.residual(), TOLERANCE);
    assertEquals(
        Math.max(Math.sqrt(squares / targets), 2 * Math.sqrt(logits / degrees)), found, TOLERANCE);
  }

  /** Rows of norm 1, and columns nearly as long as each other, which were 1e6 apart. */
  @Test
  void equilibrationOfRowsAndColumns() {
    double[][] rows = new double[N][];
    Arrays.setAll(
        rows,
        i -> {
          double[] row = problem.A()[i].clone();
          Arrays.setAll(row, j -> row[j] * Math.pow(10, 3 * j) * Math.pow(2, i % 9));
          return i == 8 ? new double[D] : row;
        });
    Equilibration found = new Equilibration(PlainProblem.upload(rows, space), space);
    double[] r = PlainProblem.download(found.rows(), space);
    double[] c = found.columns();
    double[] squares = new double[D];
    for (int i = 0; i < N; i++) {
      double square = 0;
      for (int j = 0; j < D; j++) {
        double entry = r[i] * rows[i][j] * c[j];
        square += entry * entry;
        squares[j] += entry * entry;
      }
      assertEquals(i == 8 ? 0 : 1, square, TOLERANCE);
    }
    double longest = Arrays.stream(squares).max().orElseThrow();
    double shortest = Arrays.stream(squares).min().orElseThrow();
    assertTrue(longest < 10 * shortest, "squared norms " + Arrays.toString(squares));
    assertEquals(0, r[8], "a row of zeros");
  }

  /** True says that rows are one problem; false says nothing. */
  @Test
  void rowsThatDecoupleAreNotOne() {
    double[] ones = new double[N];
    Arrays.fill(ones, 1);
    double[][] apart = new double[N][D];
    for (int i = 0; i < N; i++) {
      System.arraycopy(problem.A()[i], 0, apart[i], 0, i % 2 == 0 ? 2 : 0);
      apart[i][2] = i % 2 == 0 ? 0 : problem.A()[i][2];
    }
    assertTrue(isOne(problem.A(), ones));
    assertFalse(isOne(apart, ones));
  }

  private boolean isOne(double[][] rows, double[] w) {
    TallMatrix matrix = PlainProblem.upload(rows, space);
    GramFactor gram = new GramFactor(D, space);
    assertTrue(gram.ofRows(matrix, space.upload(w)));
    return RowCoupling.isOne(
        matrix, space.upload(w), gram, new java.util.SplittableRandom(1), device);
  }
}
