package org.levinv.solve;

import org.levinv.Method;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.local.DrawPlan;
import org.levinv.method.local.GaussNewton;
import org.levinv.method.local.GradientDescent;
import org.levinv.method.local.HessianEstimate;
import org.levinv.method.local.LocalMethod;
import org.levinv.method.local.Newton;
import org.levinv.method.local.RowsGradientLoss;
import org.levinv.method.local.RowsLoss;
import org.levinv.method.local.RowsObjective;
import org.levinv.method.local.SampledGradientHessian;
import org.levinv.method.local.SampledLossHessian;
import org.levinv.method.local.SampledNewton;
import org.levinv.model.Regularizer;
import org.levinv.pass.FieldGramPass;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;

/** The objectives and methods of a task in the coordinates of its setup. */
final class LocalObjectives {
  private final LocalTask task;
  private final LocalSetup setup;
  private final RowStore store;
  private final Workspace space;
  private final Device device;
  private final Regularizer regularizer;
  private final Vector target;
  private final Matrix metric;

  /** One reading where there is a regulariser, else none. */
  LocalObjectives(LocalTask task, LocalSetup setup, RowStore store, Workspace space) {
    this.task = task;
    this.setup = setup;
    this.store = store;
    this.space = space;
    device = space.device();
    regularizer =
        task.isRegularized()
            ? Regularizer.of(store.run(new FieldGramPass(Field.OMEGA)), space)
            : Regularizer.none(store.columns(), space);
    target = task.isForScores() ? null : localGradient();
    metric = task.isForScores() || !task.isRegularized() ? null : originalLengths();
  }

  /** The target gradient in the coordinates: g of A R^-1 is R^-T g. */
  private Vector localGradient() {
    Vector to = space.vector(store.columns());
    device.multiply(setup.inverseR(), true, space.upload(task.gradient()), to);
    return to;
  }

  /**
   * R R^T, with which lengths of the gradient are those of the original coordinates. Without a
   * regulariser the answer does not depend on them, but cond(A) would count.
   */
  private Matrix originalLengths() {
    Matrix S = space.matrix(store.columns(), store.columns());
    device.multiply(setup.R(), false, setup.R(), true, S);
    return S;
  }

  /**
   * What the residuals of the method are measured by.
   *
   * @param size of the target as the user has it, or what stands for it where it is 0
   */
  double localSize(double size) {
    if (target == null || metric != null) {
      return size;
    }
    double length = Math.sqrt(device.dot(target, target));
    return length > 0 ? length : 1;
  }

  /** An objective with a point of its own, without draws and diagonals. */
  RowsObjective objective() {
    return objective(DrawPlan.NONE, false);
  }

  private RowsObjective objective(DrawPlan plan, boolean withDiagonals) {
    return task.isForScores()
        ? new RowsLoss(store, task.weights(), regularizer, plan, withDiagonals, space)
        : new RowsGradientLoss(store, target, metric, regularizer, plan, withDiagonals, space);
  }

  /** The method that the task names. */
  LocalMethod method(LocalMethod.Limits limits) {
    Method kind = task.kind();
    int d = store.columns();
    SampledNewton.Size size = SampledNewton.Size.of(d, task.options().local().accuracy());
    boolean sampled = kind == Method.SAMPLED_NEWTON;
    boolean newton = kind != Method.GRADIENT && kind != Method.GAUSS_NEWTON && !sampled;
    DrawPlan plan = sampled ? size.plan(store, task.options().seed()) : DrawPlan.NONE;
    boolean diagonals = sampled || (newton && Newton.needsDiagonals(store, task.weights()));
    RowsObjective here = objective(plan, diagonals);
    RowsObjective there = objective(plan, diagonals);
    HessianEstimate pairs =
        task.isForScores()
            ? new SampledLossHessian(d, space)
            : new SampledGradientHessian(d, space);
    return switch (kind) {
      case GRADIENT -> new GradientDescent((RowsLoss) here, (RowsLoss) there, limits, space);
      case GAUSS_NEWTON -> GaussNewton.of(store, (RowsLoss) here, (RowsLoss) there, limits, space);
      case SAMPLED_NEWTON -> SampledNewton.of(store, here, there, pairs, size, limits, space);
      default -> Newton.of(store, here, there, pairs, limits, space);
    };
  }
}
