package org.levinv.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.rows.LeafStore;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/**
 * The passes for weights w = f(A x - b) against dense formulas, the gradient against differences of
 * the loss. Tolerances are some 1e3 roundings of sums of 60 terms.
 */
class LinkPassesTest {
  private static final int N = 60;
  private static final int D = 3;
  private static final double TOLERANCE = 1e-11;

  /** log f and its slope are sums of a few functions, each right to some roundings. */
  private static final double UNIT = 0.3;

  private final double[][] A = PlainProblem.waves(N, D).A();
  private final double[] b = new double[N];
  private final double[] x = {0.7, -0.4, 0.5};
  private final double[] target = new double[N];
  private final Device device = TestedDevices.open(1);
  private final RowStore store;

  LinkPassesTest() {
    Arrays.setAll(b, i -> -2 + 0.2 * Math.sin(3 * i)); // eta from 0.5 to 4, for every family
    Arrays.setAll(target, i -> i % 11 == 0 ? 0 : 0.05 * (1 + 0.4 * Math.cos(5 * i)));
    store = LeafStore.resident(new PlainProblem(A, b, x).rows(target, null), device);
  }

  @AfterEach
  void close() {
    store.close();
    device.close();
  }

  /** w = f(eta) / e^unit, d log f / d eta, G, G^-1, P, sigma and r at a point. */
  private final class At {
    final double[] w = new double[N];
    final double[] S = new double[N];
    final double[][] inverse;
    final double[][] G;
    final double[][] P = new double[N][N];
    final double[] sigma = new double[N];
    final double[] r = new double[N];

    At(Weights weights, double[] x) {
      double[] eta = PlainProblem.times(A, x);
      Arrays.setAll(w, i -> Math.exp(weights.log(eta[i] - b[i]) - UNIT));
      Arrays.setAll(S, i -> weights.slope(eta[i] - b[i]));
      G = weighted(i -> w[i] * w[i]);
      inverse = DenseLoss.inverse(G);
      DenseLoss.each(
          N,
          N,
          (i, k) -> P[i][k] = w[i] * w[k] * DenseLoss.dot(A[i], PlainProblem.times(inverse, A[k])));
      Arrays.setAll(sigma, i -> P[i][i]);
      Arrays.setAll(r, i -> sigma[i] - target[i]);
    }

    double loss() {
      return 0.5 * DenseLoss.dot(r, r);
    }

    double D(int i) {
      return target[i] > 0 ? sigma[i] * (1 - sigma[i]) : 0;
    }

    double f(int i) {
      return Dense.logitStep(target[i], sigma[i]);
    }

    /** R^-1 with R^T R = G, row by row. */
    double[] inverseR() {
      return Dense.inverseR(G, device);
    }
  }

  /** A^T diag(u) A. */
  private double[][] weighted(IntToDoubleFunction u) {
    return Dense.gram(A, u);
  }

  /** A^T u. */
  private double[] summed(IntToDoubleFunction u) {
    return Dense.sums(A, u);
  }

  private static double sum(IntToDoubleFunction term) {
    return Dense.sum(N, term);
  }

  private void assertMatrix(double[][] expected, Matrix found) {
    assertClose(DenseLoss.flat(expected), DenseLoss.download(found, device));
  }

  private void assertVector(double[] expected, Vector found) {
    assertClose(expected, Dense.download(found, device));
  }

  private static void assertClose(double[] expected, double[] found) {
    Dense.assertClose(expected, found, TOLERANCE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"logistic", "probit", "cloglog", "poisson", "gamma", "inverse-gaussian", "cauchy"})
  void gramAndStep(String name) {
    Weights weights = Weights.of(name);
    At at = new At(weights, x);
    assertMatrix(at.G, store.run(SlackGramPass.at(x).with(weights, UNIT)).G());
    LinkStepPass.Step step =
        store.run(LinkStepPass.ofLogits(x, at.inverseR(), weights, UNIT, true));
    double size = Math.sqrt(DenseLoss.dot(target, target));
    assertEquals(Math.sqrt(2 * at.loss()) / size, step.relativeResidual(), TOLERANCE);
    assertEquals(at.loss(), step.loss(), TOLERANCE);
    assertEquals(sum(at::D), step.degrees(), TOLERANCE);
    assertEquals(sum(i -> at.D(i) * at.f(i)), step.moves(), TOLERANCE);
    double squares = sum(i -> at.D(i) * at.f(i) * at.f(i));
    assertEquals(Math.sqrt(squares / sum(at::D)), step.logitError(), TOLERANCE);
    assertMatrix(weighted(i -> at.S[i] * at.S[i] * at.D(i)), step.normal());
    assertVector(summed(i -> at.S[i] * at.D(i) * at.f(i)), step.right());
    assertVector(summed(i -> at.S[i] * at.D(i)), step.mean());
    assertMatrix(weighted(i -> at.S[i] * at.S[i] * at.sigma[i]), step.metric());
    assertNull(store.run(LinkStepPass.ofLogits(x, at.inverseR(), weights, UNIT, false)).metric());
  }

  @ParameterizedTest
  @ValueSource(strings = {"logistic", "poisson", "cauchy"})
  void stepOfTheLoss(String name) {
    Weights weights = Weights.of(name);
    At at = new At(weights, x);
    LinkStepPass.Step step = store.run(LinkStepPass.ofLoss(x, at.inverseR(), weights, UNIT));
    assertMatrix(weighted(i -> Math.pow(at.S[i] * at.D(i), 2)), step.normal());
    assertMatrix(weighted(i -> at.w[i] * at.w[i] * at.r[i]), step.metric());
  }

  /** Central differences with h = 1e-5 are right to h^2 and eps / h: some 1e-9 of the gradient. */
  @ParameterizedTest
  @ValueSource(
      strings = {"logistic", "probit", "cloglog", "poisson", "gamma", "inverse-gaussian", "cauchy"})
  void gradient(String name) {
    Weights weights = Weights.of(name);
    At at = new At(weights, x);
    double[][] Q = weighted(i -> at.w[i] * at.w[i] * at.r[i]);
    double[][] sandwich = Dense.product(Dense.product(at.inverse, Q), at.inverse);
    Vector found =
        store.run(new LinkGradientPass(x, at.inverseR(), DenseLoss.flat(sandwich), weights, UNIT));
    double[] gradient = Dense.download(found, device);
    double h = 1e-5;
    double[] differences = new double[D];
    for (int j = 0; j < D; j++) {
      double[] above = x.clone();
      double[] below = x.clone();
      above[j] += h;
      below[j] -= h;
      differences[j] = (new At(weights, above).loss() - new At(weights, below).loss()) / (2 * h);
    }
    double size = Arrays.stream(differences).map(Math::abs).max().orElseThrow();
    assertArrayEquals(differences, gradient, 1e-6 * size);
  }
}
