package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.GramFactor;
import org.levinv.pass.DenseLoss;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

/** Rows whose weights come from their targets, on a problem whose slacks are known. */
class RelaxedRowsTest {
  private static final int N = 30;
  private static final int D = 3;
  private static final double TOLERANCE = 1e-12;
  private final PlainProblem problem = PlainProblem.waves(N, D);
  private final double[] target = new DenseLoss(problem, new double[N], problem.x()).sigma;
  private final double[] slack = PlainProblem.times(problem.A(), problem.x());
  private final Device device = new ReferenceDevice();
  private final RowStore store = DenseLoss.store(problem, target, device);
  private final Workspace space = new Workspace(device);
  private final Vector x = space.upload(problem.x());
  private final SampleProblem sample;

  RelaxedRowsTest() {
    Arrays.setAll(slack, i -> slack[i] - problem.b()[i]);
    sample = WholeSample.of(store, target);
  }

  @AfterEach
  void close() {
    sample.close();
    space.close();
    store.close();
    device.close();
  }

  /** Rows 2, 7 and 20, of which the second has a weight that its slack does not have. */
  private RelaxedRows three() {
    double[] omega = {1 / Math.abs(slack[2]), 1.1 / Math.abs(slack[7]), 1 / Math.abs(slack[20])};
    return new RelaxedRows(sample, new int[] {2, 7, 20}, omega);
  }

  @Test
  void rowsThatAgreeTwiceAreTakenBack() {
    RelaxedRows relaxed = three();
    assertFalse(relaxed.release(x, null), "once is no proof");
    assertEquals(0, relaxed.released().length);
    assertTrue(relaxed.release(x, null));
    assertArrayEquals(new long[] {7}, relaxed.numbers());
    assertArrayEquals(new long[] {2, 20}, relaxed.released());
    assertTrue(relaxed.contains(7));
    assertFalse(relaxed.contains(2));
    assertFalse(relaxed.release(x, null));
    assertEquals(0, relaxed.released().length, "those of the last time alone");
  }

  @Test
  void rowsOfTheWrongSignStay() {
    RelaxedRows relaxed = three();
    double[] signs = new double[N];
    Arrays.setAll(signs, i -> i == 20 ? -Math.signum(slack[i]) : Math.signum(slack[i]));
    relaxed.release(x, signs);
    assertTrue(relaxed.release(x, signs));
    assertArrayEquals(new long[] {7, 20}, relaxed.numbers());
  }

  /** G + F^T diag(omega^2) F. */
  @Test
  void theirWeightsJoinTheGramMatrix() {
    Matrix G = space.matrix(D, D);
    device.upload(new double[D * D], G);
    three().addTo(G);
    double[][] expected = new double[D][D];
    for (int i : new int[] {2, 7, 20}) {
      double omega = (i == 7 ? 1.1 : 1) / Math.abs(slack[i]);
      double[] a = problem.A()[i];
      DenseLoss.each(D, D, (j, l) -> expected[j][l] += omega * omega * a[j] * a[l]);
    }
    double[] flat = DenseLoss.flat(expected);
    double size = Arrays.stream(flat).map(Math::abs).max().orElseThrow();
    assertArrayEquals(flat, DenseLoss.download(G, device), TOLERANCE * size);
  }

  /** At the Gram matrix of the truth one logit step mends most of a weight. */
  @Test
  void weightsFollowTheTargets() {
    RelaxedRows relaxed = three();
    GramFactor gram = new GramFactor(D, space);
    Vector s = space.vector(N);
    assertTrue(gram.ofPoint(problem.upload(space), x, space.upload(problem.b()), s));
    relaxed.updateWeights(gram);
    relaxed.release(x, null);
    assertTrue(relaxed.release(x, null), "row 7 was 10% off, more than agrees");
    assertTrue(relaxed.isEmpty());
  }
}
