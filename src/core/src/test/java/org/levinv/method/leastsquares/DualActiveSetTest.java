package org.levinv.method.leastsquares;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.tall.PlainProblem.download;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.FractionToBoundary;
import org.levinv.method.leastsquares.DualActiveSet.Bound;
import org.levinv.pass.DenseLoss;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

class DualActiveSetTest {
  private static final double WALL = 0.9;
  private static final int D = 6;

  private static double model(double[] H, double[] g, double[] y) {
    double value = DenseLoss.dot(g, y);
    for (int j = 0; j < y.length; j++) {
      for (int k = 0; k < y.length; k++) {
        value += 0.5 * y[j] * H[j * y.length + k] * y[k];
      }
    }
    return value;
  }

  private static double deepest(double[][] U, double[] y) {
    return Arrays.stream(PlainProblem.times(U, y)).min().orElseThrow();
  }

  /** 0.3 I + z z^T and its Cholesky factor. */
  private static Matrix[] convex(double[] z, Device device, Workspace space) {
    Matrix H = space.matrix(D, D);
    Matrix F = space.matrix(D, D);
    device.addDiagonal(0.3, null, H);
    Vector u = space.upload(z);
    device.rankOne(1, u, u, H);
    assertEquals(0, device.cholesky(H, F));
    return new Matrix[] {H, F};
  }

  /** No step that keeps within the bounds is better, tried along the segments to random ones. */
  @Test
  void isTheBestStepWithinTheBounds() {
    int met = 0;
    for (int seed = 0; seed < 40; seed++) {
      PlainProblem problem = PlainProblem.gaussian(30, D, 1, seed);
      double[][] U = new DenseLoss(problem, new double[30], problem.x()).U;
      List<Bound> bounds = new ArrayList<>();
      for (int i = 0; i < U.length; i++) {
        bounds.add(new Bound(i, U[i], -WALL));
      }
      Random random = new Random(seed);
      double[] g = PlainProblem.normals(D, random);
      try (Device device = TestedDevices.open(1);
          Workspace space = new Workspace(device)) {
        Matrix[] model = convex(PlainProblem.normals(D, random), device, space);
        double[] H = DenseLoss.download(model[0], device);
        DualActiveSet set = new DualActiveSet(D, space);
        Vector step = space.vector(D);
        set.solve(model[1], space.upload(g), bounds, step);
        double[] y = download(step, space);
        double best = model(H, g, y);
        double deepest = deepest(U, y);
        assertTrue(deepest >= -WALL - 1e-5, "deepest " + deepest);
        if (set.activeRow() >= 0) {
          met++;
          assertEquals(-WALL, deepest, 1e-5);
          assertTrue(set.isActive(set.activeRow()));
        }
        for (int k = 0; k < 200; k++) {
          double[] other = PlainProblem.normals(D, random);
          double size = Math.pow(10, -4 * random.nextDouble());
          Arrays.setAll(other, j -> y[j] + size * other[j]);
          if (deepest(U, other) >= -WALL) {
            assertTrue(model(H, g, other) >= best - 1e-5 * Math.abs(best));
          }
        }
      }
    }
    assertTrue(met >= 10, "bounds met " + met);
  }

  /** Looks at all rows name the bounds that matter: the same step as with all of them. */
  @Test
  void boundsThatWereLookedForSuffice() {
    for (int seed = 0; seed < 10; seed++) {
      PlainProblem problem = PlainProblem.gaussian(200, D, 1, seed);
      double[] none = new double[200];
      double[][] U = new DenseLoss(problem, none, problem.x()).U;
      List<Bound> all = new ArrayList<>();
      for (int i = 0; i < U.length; i++) {
        all.add(new Bound(i, U[i], -WALL));
      }
      Random random = new Random(seed);
      try (Device device = TestedDevices.open(1);
          RowStore rows = DenseLoss.store(problem, none, device);
          Workspace space = new Workspace(device)) {
        Vector g = space.upload(PlainProblem.normals(D, random));
        Matrix F = convex(PlainProblem.normals(D, random), device, space)[1];
        DualActiveSet set = new DualActiveSet(D, space);
        Vector step = space.vector(D);
        set.solve(F, g, all, step);
        double[] expected = download(step, space);
        LossPoint at = new LossPoint(rows, false, space);
        at.moveTo(problem.x(), null);
        at.evaluate(null);
        SlackBounds bounds = new SlackBounds(rows, new FractionToBoundary(WALL));
        int looks = 0;
        do {
          set.solve(F, g, bounds.at(at), step);
          looks++;
        } while (bounds.look(at, download(step, space), set));
        assertArrayEquals(expected, download(step, space), 1e-4); // bounds are kept to 1e-6 of u
        assertTrue(looks <= 10, "looks " + looks);
      }
    }
  }

  /** A row alone in its direction: its score is 1, and a step may not shrink its slack at all. */
  @Test
  void rowsAtTheBoundaryAreHeld() {
    double[][] A = {{1, 0}, {0, 1}, {0, 2}, {0, -1}};
    PlainProblem lone = PlainProblem.of(A, new double[] {1, 1}, new double[] {1, 1, 1, 1});
    try (Device device = TestedDevices.open(1);
        RowStore rows = DenseLoss.store(lone, new double[4], device);
        Workspace space = new Workspace(device)) {
      LossPoint at = new LossPoint(rows, false, space);
      at.moveTo(lone.x(), null);
      at.evaluate(null);
      assertTrue(SlackBounds.isAtBoundary(at));
      SlackBounds bounds = new SlackBounds(rows, FractionToBoundary.USUAL);
      assertTrue(bounds.look(at, new double[] {-0.1, 0}, new DualActiveSet(2, space)));
      assertEquals(1, bounds.at(at).size());
      assertEquals(0, bounds.at(at).get(0).limit());
      assertEquals(0.1, bounds.at(at).get(0).passedBy(new double[] {-0.1, 0}), 1e-15);
    }
  }

  /** A slack that is nothing beside what is left of the scores is held, and not sooner. */
  @Test
  void rowsAreHeldWhereTheirSlacksAreNothingBesideTheResiduals() {
    double[][] A = {{1, 0}, {0, 1}, {0, 2}, {1, -1}};
    for (double slack : new double[] {1e-9, 1e-7, 1e-5, 1e-3}) {
      for (double residual : new double[] {1e-9, 1e-2}) {
        PlainProblem one = PlainProblem.of(A, new double[] {1, 1}, new double[] {slack, 1, 1, 1});
        double[] target = new DenseLoss(one, new double[4], one.x()).sigma.clone();
        target[2] += residual;
        try (Device device = TestedDevices.open(1);
            RowStore rows = DenseLoss.store(one, target, device);
            Workspace space = new Workspace(device)) {
          LossPoint at = new LossPoint(rows, false, space);
          at.moveTo(one.x(), null);
          at.evaluate(null);
          boolean isNothing = slack < 3e-8 || (slack < 1e-4 && residual == 1e-2);
          assertEquals(isNothing, SlackBounds.isAtBoundary(at), slack + " beside " + residual);
        }
      }
    }
  }
}
