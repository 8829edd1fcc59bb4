package org.levinv.method.leastsquares;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.UnaryOperator;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.SampledHessian;
import org.levinv.method.common.SampledRows;
import org.levinv.model.GramFactor;
import org.levinv.pass.Draws;
import org.levinv.pass.ScorePass;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.RowList;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Standard errors of the x that minimises the unweighted loss 0.5 ||sigma(x) - target||^2, for
 * independent errors of the targets with standard deviations s_i: Cov(x) = (J^T J)^-1 J^T diag(s^2)
 * J (J^T J)^-1, J = -2 L W A the Jacobian (for other weights 2 L S A, S = diag(d log f / d eta);
 * Halbert White, "A heteroskedasticity-consistent covariance matrix estimator", 1980, with known
 * variances). From all rows where they are few, else from a sample drawn by their scores.
 */
public final class StandardErrors {

  /** Tells this draw from others of the same seed. */
  private static final int PURPOSE = 3 << 14;

  private StandardErrors() {}

  /**
   * d standard errors in the coordinates of the user, or null where the sampled Jacobian is
   * singular; two readings, and some 10 n d^2 flops.
   *
   * @param x d entries, in the coordinates of the store: the optimum
   * @param rows with offset and target
   * @param unit logarithm of the unit of f
   * @param deviation s of a row's target and score
   * @param isShape whether these are right up to one factor, which the residuals tell: E ||r||^2 =
   *     sum s_i^2 (1 - h_i), h the hat values of J
   * @param toUser maps a move in these coordinates to one in those of the user
   */
  public static double[] of(
      double[] x,
      RowStore rows,
      Weights weights,
      double unit,
      DoubleBinaryOperator deviation,
      boolean isShape,
      UnaryOperator<double[]> toUser,
      long seed) {
    Device device = rows.device();
    int d = rows.columns();
    try (Workspace space = new Workspace(device)) {
      GramFactor gram = new GramFactor(d, space);
      if (!gram.of(gram(x, rows, weights, unit))) {
        return null;
      }
      SampledRows some = sample(x, rows, weights, unit, gram, seed, space).with(weights, unit);
      some.moveTo(space.upload(x), gram.inverseR());
      TallMatrix J = new SampledHessian(d, space).jacobian(some, space);
      GramFactor bread = new GramFactor(d, space);
      Vector roots = space.vector(some.size());
      device.map(Formula.ROOT, 0, some.counts(), null, null, roots);
      // J^T J = R^T R, by QR: beside rows at their boundary columns of J are nearly dependent
      if (!bread.ofRows(J, roots)) {
        return null;
      }
      Vector variances = space.upload(variances(some, deviation));
      device.multiply(some.counts(), variances, variances);
      if (isShape) {
        device.scale(size(some, J, bread, variances, space), variances);
      }
      Matrix meat = space.matrix(d, d);
      J.weightedGram(variances, meat); // J^T diag(s^2) J
      return errors(bread, meat, d, toUser, space);
    }
  }

  /** A^T diag(w^2) A at x, one reading. */
  static Matrix gram(double[] x, RowStore rows, Weights weights, double unit) {
    return rows.run(SlackGramPass.at(x).with(weights, unit)).G();
  }

  private static double[] variances(SampledRows some, DoubleBinaryOperator deviation) {
    double[] scores = some.scores();
    double[] targets = some.targets();
    double[] squares = new double[scores.length];
    Arrays.setAll(
        squares,
        k -> {
          double s = deviation.applyAsDouble(targets[k], scores[k]);
          return s * s;
        });
    return squares;
  }

  /** sum q r^2 / sum q s^2 (1 - h), for weights q s^2. */
  private static double size(
      SampledRows some, TallMatrix J, GramFactor bread, Vector weights, Workspace space) {
    Device device = space.device();
    Vector h = space.vector(some.size());
    J.squaredNorms(bread.inverseR(), h); // h_i = ||R^-T J_i||^2
    device.scale(-1, h);
    device.map(Formula.SHIFT, 1, h, null, null, h);
    double expected = device.dot(weights, h);
    Vector squares = space.vector(some.size());
    device.multiply(some.residuals(), some.residuals(), squares);
    return expected > 0 ? device.dot(some.counts(), squares) / expected : 1;
  }

  /** All rows where they are few, else about as many as least squares takes for its Hessian. */
  private static SampledRows sample(
      double[] x,
      RowStore rows,
      Weights weights,
      double unit,
      GramFactor gram,
      long seed,
      Workspace space) {
    int d = rows.columns();
    long n = rows.rows();
    double size = SecantModel.size(n, d);
    if (SecantModel.takesAll(n, d)) {
      return SampledRows.all(rows, space);
    }
    double[] inverse = new double[d * d];
    rows.device().download(gram.inverseR(), inverse);
    // somewhat more rows than needed, as scores near 1 leave fewer for the others
    Draws draws = new Draws(seed, PURPOSE, 4 * size / d);
    ScorePass pass = ScorePass.withDraws(x, inverse, false, List.of(draws)).with(weights, unit);
    RowList drawn = rows.run(pass).drawn();
    ScoreSample sample = ScoreSample.of(drawn.numbers(), drawn.keys(), draws, d, size);
    return new SampledRows(rows, sample.numbers(), sample.counts(), space);
  }

  /**
   * Square roots of the diagonal of T C^T C T^T, where C^T C = R^-1 (R^-T meat R^-1) R^-T and T
   * maps to the coordinates of the user.
   */
  private static double[] errors(
      GramFactor bread, Matrix meat, int d, UnaryOperator<double[]> toUser, Workspace space) {
    Device device = space.device();
    Matrix work = space.matrix(d, d);
    Matrix inner = space.matrix(d, d);
    device.multiply(meat, false, bread.inverseR(), false, work);
    device.multiply(bread.inverseR(), true, work, false, inner); // R^-T meat R^-1
    GramFactor root = new GramFactor(d, space);
    if (!root.of(inner)) { // = K^T K
      return null;
    }
    device.multiply(root.R(), false, bread.inverseR(), true, work); // C = K R^-T
    double[] C = new double[d * d];
    device.download(work, C);
    double[] errors = new double[d];
    for (int k = 0; k < d; k++) {
      double[] move = toUser.apply(Arrays.copyOfRange(C, k * d, (k + 1) * d)); // row k of C
      Arrays.setAll(errors, j -> Math.hypot(errors[j], move[j]));
    }
    return errors;
  }
}
