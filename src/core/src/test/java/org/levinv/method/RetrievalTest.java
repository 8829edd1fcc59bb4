package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.GramFactor;
import org.levinv.pass.Dense;
import org.levinv.pass.DenseLoss;
import org.levinv.tall.PlainProblem;
import org.levinv.tall.TallMatrix;

/** Signs from exact magnitudes, by a trial that counts the wrong ones. */
class RetrievalTest {
  private static final int N = 60;
  private static final int D = 4;
  private final Device device = new ReferenceDevice();
  private final Workspace space = new Workspace(device);

  @AfterEach
  void close() {
    space.close();
    device.close();
  }

  /** The share of signs that differ, those of -z being as right as those of z. */
  private static double wrong(double[] signs, double[] slack) {
    long same = 0;
    for (int i = 0; i < slack.length; i++) {
      same += signs[i] * slack[i] > 0 ? 1 : 0;
    }
    return (double) Math.min(same, slack.length - same) / slack.length;
  }

  private double run(double[][] rows, double[] b, double[] slack, boolean spectral, long seed) {
    TallMatrix A = PlainProblem.upload(rows, space);
    Vector w = space.upload(Arrays.stream(slack).map(s -> 1 / Math.abs(s)).toArray());
    GramFactor gram = new GramFactor(rows[0].length, space);
    assertTrue(gram.ofRows(A, w));
    Vector norms = space.vector(rows.length);
    A.squaredNorms(gram.inverseR(), norms);
    Vector h = space.upload(Arrays.stream(slack).map(Math::abs).toArray());
    return new Retrieval(A, space.upload(b), gram, 1, space)
        .run(
            w,
            norms,
            h,
            new SplittableRandom(seed),
            spectral,
            1e-9,
            (stage, k, residual) -> {},
            signs -> wrong(PlainProblem.download(signs, space), slack));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void exactMagnitudesGiveAllSigns(boolean spectral) {
    for (long seed = 1; seed <= 5; seed++) {
      Random random = new Random(seed);
      double[][] rows = new double[N][];
      Arrays.setAll(rows, i -> PlainProblem.normals(D, random));
      double[] x = PlainProblem.normals(D, random);
      double[] slack = PlainProblem.normals(N, random);
      double[] b = PlainProblem.of(rows, x, slack).b();
      assertEquals(0, run(rows, b, slack, spectral, seed), "seed " + seed);
    }
  }

  /** With b = 0 magnitudes are those of A x alone: -x has them too, and rows say no scale. */
  @Test
  void noOffsetNoAnswer() {
    Random random = new Random(3);
    double[][] rows = new double[N][];
    Arrays.setAll(rows, i -> PlainProblem.normals(D, random));
    double[] slack = PlainProblem.times(rows, PlainProblem.normals(D, random));
    assertTrue(Double.isNaN(run(rows, new double[N], slack, true, 1)));
  }

  /** Where no trial is good, the best of all is what the last one saw. */
  @Test
  void theBestTrialIsTheLast() {
    Random random = new Random(4);
    double[][] rows = new double[N][];
    Arrays.setAll(rows, i -> PlainProblem.normals(D, random));
    double[] shuffled = PlainProblem.normals(N, random); // magnitudes of no x
    double[] b = PlainProblem.normals(N, random);
    double found = run(rows, b, shuffled, true, 1);
    assertTrue(found > 0.05 && found <= 0.5, "share of wrong signs " + found);
  }

  /** The leading eigenvector of Q^T diag(u) Q. */
  @Test
  void spectralStartIsWhereRowsAreLongest() {
    double[][] rows = PlainProblem.waves(N, D).A();
    double[] u = new double[N];
    Arrays.setAll(u, i -> 1 + 0.5 * Math.cos(i));
    Vector z = space.vector(D);
    SpectralStart.of(PlainProblem.upload(rows, space), space.upload(u), z, space);
    double[] start = PlainProblem.download(z, space);
    assertEquals(1, DenseLoss.dot(start, start), 1e-12);
    double[][] S = Dense.gram(rows, i -> u[i]);
    Matrix M = space.matrix(D, D);
    Vector eigenvalues = space.vector(D);
    device.upload(DenseLoss.flat(S), M);
    device.symmetricEigen(M, space.matrix(D, D), eigenvalues);
    double largest = PlainProblem.download(eigenvalues, space)[D - 1];
    assertEquals(largest, DenseLoss.dot(start, PlainProblem.times(S, start)), 1e-12 * largest);
  }
}
