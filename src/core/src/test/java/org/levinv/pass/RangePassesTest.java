package org.levinv.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/**
 * The passes that ask for norms, rank, range and directions, against dense formulas. Tolerances are
 * some 1e3 roundings of sums of 50 terms.
 */
class RangePassesTest {
  private static final int N = 50;
  private static final int D = 3;
  private static final double TOLERANCE = 1e-11;
  private final double[][] A = PlainProblem.waves(N, D).A();
  private final double[] b = new double[N];
  private final double[] x = {0.7, -0.4, 0.5};
  private final double[] slack;
  private final double[] response = new double[N];
  private final Device device = TestedDevices.open(1);
  private final RowStore store;

  RangePassesTest() {
    A[4] = new double[D]; // a row of zeros has no direction
    Arrays.setAll(b, i -> i == 4 ? 0 : Math.cos(2 * i));
    Arrays.setAll(response, i -> 0.5 + 0.5 * Math.sin(i));
    slack = PlainProblem.times(A, x);
    Arrays.setAll(slack, i -> slack[i] - b[i]);
    store =
        LeafStore.resident(
            new PlainProblem(A, b, x)
                .rows(null, response)
                .with(Field.RESPONSE, VectorSource.of("responses", response)),
            device);
  }

  @AfterEach
  void close() {
    store.close();
    device.close();
  }

  private static double sum(IntToDoubleFunction term) {
    return Dense.sum(N, term);
  }

  /** A^T diag(u) A. */
  private double[] weighted(IntToDoubleFunction u) {
    return DenseLoss.flat(Dense.gram(A, u));
  }

  private void assertVector(IntToDoubleFunction u, Vector found) {
    assertClose(Dense.sums(A, u), Dense.download(found, device));
  }

  private static void assertClose(double[] expected, double[] found) {
    Dense.assertClose(expected, found, TOLERANCE);
  }

  private double inverse(int i) {
    return i == 4 ? 0 : 1 / slack[i];
  }

  private double length(int i) {
    return Math.sqrt(DenseLoss.dot(A[i], A[i]));
  }

  @Test
  void gramOfAField() {
    assertClose(
        weighted(i -> response[i] * response[i]),
        DenseLoss.download(store.run(new FieldGramPass(Field.OMEGA)), device));
    assertClose(weighted(i -> 1), DenseLoss.download(store.run(new FieldGramPass(null)), device));
  }

  @Test
  void normsOfColumnsOfUnitRows() {
    double[] expected = new double[D];
    Arrays.setAll(
        expected, j -> sum(i -> i == 4 ? 0 : A[i][j] * A[i][j] / DenseLoss.dot(A[i], A[i])));
    assertClose(expected, store.run(new NormsPass(D)));
  }

  /** R^T R is the Gram matrix; R is unique up to the signs of its rows. */
  @Test
  void factorOfUnitRows() {
    Matrix R = store.run(new FactorPass(new UnitRows(null), false));
    Matrix G = device.allocateMatrix(D, D);
    device.multiply(R, true, R, false, G);
    assertClose(
        weighted(i -> i == 4 ? 0 : 1 / DenseLoss.dot(A[i], A[i])), DenseLoss.download(G, device));
    double[] triangle = DenseLoss.download(R, device);
    DenseLoss.each(D, D, (j, l) -> assertEquals(0, j > l ? triangle[j * D + l] : 0));
  }

  @Test
  void residualOfTheOffset() {
    double[] z = {0.3, 1.1, -0.8};
    double[] product = PlainProblem.times(A, z);
    double[] rest = new double[N];
    Arrays.setAll(rest, i -> b[i] - product[i]);
    ResidualSums found = store.run(new ResidualPass(z, new UnitRows(null)));
    assertVector(i -> i == 4 ? 0 : rest[i] / (length(i) * length(i)), found.gradient());
    assertEquals(
        Math.sqrt(sum(i -> i == 4 ? 0 : rest[i] * rest[i] / (length(i) * length(i)))),
        found.norm(),
        TOLERANCE);
    double[] terms = new double[N];
    for (int i = 0; i < N; i++) {
      double square = 0;
      for (int j = 0; j < D; j++) {
        square += D * A[i][j] * z[j] * A[i][j] * z[j];
      }
      terms[i] = Math.sqrt(square) + Math.abs(b[i]);
    }
    assertEquals(Arrays.stream(terms).max().orElseThrow(), found.largestTerms(), TOLERANCE);
    double worst =
        IntStream.range(0, N)
            .filter(i -> i != 4)
            .mapToDouble(i -> Math.abs(rest[i]) / terms[i])
            .max()
            .orElseThrow();
    assertEquals(worst, found.backwardError(), TOLERANCE);
  }

  /** A row without a slack has no weight. */
  @Test
  void directionOfAllSlacks() {
    OutwardPass.Answer found = store.run(new OutwardPass(x));
    assertClose(weighted(i -> inverse(i) * inverse(i)), DenseLoss.download(found.G(), device));
    assertVector(this::inverse, found.sum());
    assertEquals(N - 1, found.rows());
  }

  @Test
  void likelihoodOfResponses() {
    double[] product = PlainProblem.times(A, x);
    ResponsePass.Sum found = store.run(new ResponsePass(x));
    assertEquals(sum(i -> (2 * response[i] - 1) * product[i]), found.value(), TOLERANCE);
    assertEquals(sum(i -> Math.abs((2 * response[i] - 1) * product[i])), found.size(), TOLERANCE);
  }
}
