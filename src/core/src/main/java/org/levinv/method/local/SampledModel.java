package org.levinv.method.local;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Objective;
import org.levinv.pass.FieldGramPass;
import org.levinv.rows.RowStore;

/**
 * A model whose B is a Hessian from three draws of rows, others at every point and where it is
 * asked for again. Two of them at the start point show whether sampling is justified.
 */
final class SampledModel implements QuadraticModel {
  private final RowStore store;
  private final Device device;
  private final HessianEstimate estimate;
  private final SampledNewton.Size size;
  private final ExplicitModel model;
  private final Matrix second;
  private final Matrix difference;
  private final Matrix mean;
  private final Matrix work;
  private final Matrix other;
  private final Vector values;
  private final List<String> warnings = new ArrayList<>();
  private boolean checked;

  SampledModel(RowStore store, HessianEstimate estimate, SampledNewton.Size size, Workspace space) {
    int d = store.columns();
    this.store = store;
    this.device = space.device();
    this.estimate = estimate;
    this.size = size;
    second = space.matrix(d, d);
    difference = space.matrix(d, d);
    mean = space.matrix(d, d);
    work = space.matrix(d, d);
    other = space.matrix(d, d);
    values = space.vector(d);
    model = new ExplicitModel(this::sampled, size.words(store.rows()), d, space);
  }

  private void sampled(Objective at, Matrix H) {
    evaluate((RowsObjective) at, H);
    if (!checked) {
      checked = true;
      evaluate((RowsObjective) at, second);
      check(at, H);
    }
  }

  private void evaluate(RowsObjective at, Matrix H) {
    List<long[]> draws = at.draws();
    try (Workspace own = new Workspace(device)) {
      RowSample[] samples = new RowSample[draws.size()];
      for (int k = 0; k < samples.length; k++) {
        samples[k] = RowSample.of(store, draws.get(k), own);
        samples[k].load(at, at.rate());
      }
      estimate.evaluate(at, samples[0], samples[1], samples[2], H);
    }
  }

  /**
   * The error that two estimates H and H2 show, |v^T (H - H2) v| / sqrt(2) beside v^T (H + H2) / 2
   * v, at its largest over v.
   */
  private void check(Objective at, Matrix H) {
    device.copy(H, work);
    device.axpy(-1, second, work);
    ExplicitModel.toLocal(at, work, difference, other, device);
    device.copy(H, work);
    device.axpy(1, second, work);
    ExplicitModel.toLocal(at, work, mean, other, device);
    double factor = 1 / Math.sqrt(2);
    double error = Double.POSITIVE_INFINITY;
    device.copy(mean, work);
    device.axpy(-0.5, mean, work); // (H + H2) / 2
    if (device.cholesky(work, other) == 0) {
      device.invertTriangular(other, work);
      device.multiply(difference, false, work, false, other);
      device.multiply(work, true, other, false, second);
      double[] found = eigenvalues(second);
      error = factor * Math.max(-found[0], found[found.length - 1]);
    }
    if (error <= size.accuracy()) {
      return;
    }
    double omega = Math.sqrt(Math.max(weightFor(at, factor), weightFor(at, -factor)));
    String found =
        Double.isInfinite(error)
            ? "do not even give the sign of the Hessian"
            : String.format(Locale.ROOT, "give the Hessian to %.2g", error);
    warnings.add(
        String.format(
            Locale.ROOT,
            "the regulariser is too weak for sampling to be justified: at the start, samples of %.0f rows %s in the worst direction, expected %.2g; omega = %.2g on every row, on top of what there is, would do",
            size.rows(),
            found,
            size.accuracy(),
            omega));
  }

  /** The least w with factor (H - H2) at most accuracy ((H + H2) / 2 + w A^T A), or 0. */
  private double weightFor(Objective at, double factor) {
    device.copy(store.run(new FieldGramPass(null)), work); // A^T A
    ExplicitModel.toLocal(at, work, second, other, device);
    if (device.cholesky(second, other) != 0) {
      return Double.NaN;
    }
    device.invertTriangular(other, second);
    Matrix excess = other;
    device.copy(difference, work);
    device.axpy(factor / size.accuracy() - 1, difference, work);
    device.axpy(-0.5, mean, work); // factor / size.accuracy() (H - H2) - (H + H2) / 2
    device.multiply(work, false, second, false, excess);
    device.multiply(second, true, excess, false, work);
    double[] found = eigenvalues(work);
    return Math.max(0, found[found.length - 1]);
  }

  /** Ascending. */
  private double[] eigenvalues(Matrix S) {
    double[] found = new double[S.columns()];
    device.symmetricEigen(S, other, values);
    device.download(values, found);
    return found;
  }

  @Override
  public void refresh(Objective at) {
    model.refresh(at);
  }

  @Override
  public boolean solve(Objective at, Vector g, double radius, Vector step) {
    return model.solve(at, g, radius, step);
  }

  @Override
  public void times(Objective at, Vector v, Vector to) {
    model.times(at, v, to);
  }

  @Override
  public boolean isRandom() {
    return true;
  }

  @Override
  public String choice() {
    return model.choice();
  }

  @Override
  public List<String> warnings() {
    return List.copyOf(warnings);
  }
}
