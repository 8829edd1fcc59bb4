package org.levinv.method.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Objective;
import org.levinv.tall.TallMatrix;

/**
 * Newton's method with the Hessian's sums over rows taken over a sample, drawn with probability
 * proportional to the leverage scores and counted 1 / probability times: the approximate Newton
 * method of arXiv:2404.13785 and arXiv:2408.11267, within a trust region, with exact gradients. A
 * fresh sample of m = d log(2 d / 0.01) / accuracy^2 rows in every step; with a fixed accuracy the
 * convergence is linear. The mean of the estimate is the Hessian; it need not be positive
 * semidefinite ({@link SampledLossHessian}, {@link SampledGradientHessian}).
 *
 * <p>Sampling is justified where the estimate is within the accuracy of the Hessian in every
 * direction, which takes a Hessian that the regulariser keeps away from zero. Two samples at the
 * start point show whether that holds; where it does not, {@link #warnings} says so and names a
 * weight that would do.
 */
public final class SampledNewton implements LocalMethod {
  private static final double FAILURE = 0.01;

  private final TallMatrix A;
  private final Device device;
  private final HessianEstimate estimate;
  private final SplittableRandom random;
  private final double accuracy;
  private final double size;
  private final RowDraw all;
  private final RowDraw[] draws = new RowDraw[3];
  private final double[] sigma;
  private final Vector ones;
  private final TrustRegion region;
  private final Matrix second;
  private final Matrix difference;
  private final Matrix mean;
  private final Matrix work;
  private final Matrix other;
  private final Vector values;
  private final List<String> warnings = new ArrayList<>();
  private boolean checked;

  /**
   * For two objectives of the same problem, of which the second is scratch.
   *
   * @param accuracy relative error of the sampled Hessian that is aimed at, above 0
   */
  public SampledNewton(
      TallMatrix A,
      Objective here,
      Objective there,
      HessianEstimate estimate,
      double accuracy,
      long seed,
      Limits limits,
      Workspace space) {
    int d = A.columns();
    this.A = A;
    this.device = space.device();
    this.estimate = estimate;
    this.random = new SplittableRandom(seed);
    this.accuracy = accuracy;
    this.size = Math.ceil(d * Math.log(2 * d / FAILURE) / (accuracy * accuracy));
    this.all = size >= A.rows() ? RowDraw.all(A.rows()) : null;
    Arrays.setAll(draws, k -> all == null ? RowDraw.of(size, A.rows()) : all);
    this.sigma = new double[Math.toIntExact(A.rows())];
    this.ones = space.vector(A.rows());
    device.fill(1, ones);
    this.second = space.matrix(d, d);
    this.difference = space.matrix(d, d);
    this.mean = space.matrix(d, d);
    this.work = space.matrix(d, d);
    this.other = space.matrix(d, d);
    this.values = space.vector(d);
    this.region =
        new TrustRegion(
            A, here, there, new ExplicitModel(this::sampled, all == null, d, space), limits, space);
  }

  private void sampled(Objective at, Matrix H) {
    if (all != null) {
      estimate.evaluate(at, all, all, all, H);
      return;
    }
    device.download(at.scores().sigma(), sigma);
    evaluate(at, H);
    if (!checked) {
      checked = true;
      evaluate(at, second);
      check(at, H);
    }
  }

  private void evaluate(Objective at, Matrix H) {
    for (RowDraw draw : draws) {
      draw.draw(sigma, size, A.columns(), random);
    }
    estimate.evaluate(at, draws[0], draws[1], draws[2], H);
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
    if (error <= accuracy) {
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
            size,
            found,
            accuracy,
            omega));
  }

  /** The least w with factor (H - H2) at most accuracy ((H + H2) / 2 + w A^T A), or 0. */
  private double weightFor(Objective at, double factor) {
    A.weightedGram(ones, work); // A^T A
    ExplicitModel.toLocal(at, work, second, other, device);
    if (device.cholesky(second, other) != 0) {
      return Double.NaN;
    }
    device.invertTriangular(other, second);
    Matrix excess = other;
    device.copy(difference, work);
    device.axpy(factor / accuracy - 1, difference, work);
    device.axpy(-0.5, mean, work); // factor / accuracy (H - H2) - (H + H2) / 2
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

  /** Rows that a sample has in expectation, or all. */
  public double size() {
    return Math.min(size, A.rows());
  }

  @Override
  public Outcome run(Vector x, Listener listener) {
    return region.run(x, listener);
  }

  @Override
  public Trace trace() {
    return region.trace();
  }

  @Override
  public String choice() {
    return all != null
        ? String.format(
            Locale.ROOT,
            "all %d rows: a sample for accuracy %.2g would have %.0f",
            A.rows(),
            accuracy,
            size)
        : String.format(
            Locale.ROOT,
            "samples of about %.0f of %d rows in every step, for accuracy %.2g",
            size,
            A.rows(),
            accuracy);
  }

  @Override
  public List<String> warnings() {
    return List.copyOf(warnings);
  }
}
