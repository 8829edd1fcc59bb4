package org.levinv.solve;

import java.util.List;
import java.util.Set;
import org.levinv.Certificate;
import org.levinv.Derivatives;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.local.ExplicitHessian;
import org.levinv.method.local.LocalCurvature;
import org.levinv.method.local.RowsObjective;
import org.levinv.model.HessianPart;
import org.levinv.rows.RowStore;

/** What is computed around a point in coordinates of its own: certificate and derivatives. */
final class Certification {
  private Certification() {}

  /**
   * At a solution, the start point of the task; some 350 readings of all rows.
   *
   * @param start where the method started, or null
   * @param earlier the setup whose coordinates the store has by now, or null
   * @param path points near the solution
   */
  static Certificate of(
      LocalTask task, double[] start, List<double[]> path, RowStore store, LocalSetup earlier) {
    try (Workspace space = new Workspace(store.device())) {
      LocalSetup setup = new LocalSetup(task, store, earlier, space);
      LocalObjectives objectives = new LocalObjectives(task, setup, store, space);
      Vector at = space.upload(setup.fromUser(task.options().start()));
      LocalCurvature curvature =
          new LocalCurvature(objectives.objective(), objectives.objective(), at, space);
      double lipschitz = curvature.probedLipschitz();
      for (double[] point : path) {
        lipschitz = Math.max(lipschitz, curvature.lipschitz(setup.fromUser(point)));
      }
      double smallest = curvature.smallestEigenvalue();
      return new Certificate(
          smallest,
          curvature.largestEigenvalue(),
          lipschitz,
          smallest > 0 ? Math.min(1, 2 * smallest / (3 * lipschitz)) : 0,
          curvature.newtonStep(),
          start == null ? Double.NaN : curvature.distance(setup.fromUser(start)));
    }
  }

  /** The loss and its derivatives at the start point of the task. */
  static Derivatives derivatives(LocalTask task, RowStore store) {
    Device device = store.device();
    int d = store.columns();
    try (Workspace space = new Workspace(device)) {
      LocalSetup setup = new LocalSetup(task, store, null, space);
      RowsObjective loss = new LocalObjectives(task, setup, store, space).objective();
      loss.moveTo(space.upload(setup.fromUser(task.options().start())));
      Vector g = space.vector(d);
      Vector original = space.vector(d);
      loss.gradient(g);
      device.multiply(setup.R(), true, g, original); // R^T g
      double[] gradient = new double[d];
      device.download(original, gradient);
      double[][][] parts = new double[3][][];
      Matrix H = space.matrix(d, d);
      Matrix HR = space.matrix(d, d);
      for (HessianPart part : HessianPart.values()) {
        ExplicitHessian.of(loss, Set.of(part), H, device);
        device.multiply(H, false, setup.R(), false, HR);
        device.multiply(setup.R(), true, HR, false, H); // R^T H R
        parts[part.ordinal()] = ExplicitHessian.download(H, device);
      }
      return new Derivatives(loss.value(), gradient, parts[0], parts[1], parts[2]);
    }
  }
}
