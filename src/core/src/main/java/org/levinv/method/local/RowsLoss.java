package org.levinv.method.local;

import java.util.List;
import java.util.Set;
import org.levinv.Weights;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.model.Regularizer;
import org.levinv.pass.Draws;
import org.levinv.pass.GradientPass;
import org.levinv.pass.GradientSums;
import org.levinv.pass.HessianPass;
import org.levinv.pass.LinkGradientPass;
import org.levinv.pass.ScoreChangePass;
import org.levinv.pass.ScorePass;
import org.levinv.pass.ScoreSums;
import org.levinv.pass.TangentGramPass;
import org.levinv.pass.UncoupledPass;
import org.levinv.rows.Pass;
import org.levinv.rows.RowList;
import org.levinv.rows.RowStore;

/**
 * The loss 0.5 ||r||^2 + 0.5 ||diag(omega) A x||^2 with r = sigma(x) - target. With W = diag(1 / (A
 * x - b)), P = W A G^-1 A^T W and L = diag(sigma) - P o P, the Jacobian of sigma is J = -2 L W A.
 * The loss, its regulariser and closed forms of the derivatives: Zhihang Li, Zhao Song, Weixin
 * Wang, Junze Yin and Zheng Yu, "How to Inverting the Leverage Score Distribution?", 2024,
 * arXiv:2404.13785; written here as passes. A value takes two readings of all rows, the gradient
 * one more, products with the Hessian three. For weights f(A x - b), S = diag(d log f / d (A x -
 * b)) is in the place of -W outside of P and L.
 */
public final class RowsLoss extends RowsObjective {
  private final boolean withDiagonal;
  private final Matrix Q;
  private final Matrix N;
  private final Matrix diagonal;
  private final Vector g;
  private double value;
  private double residualSquare;
  private double scoreSquare;
  private boolean differentiated;

  /**
   * @param store rows with offset and target
   * @param withDiagonal whether {@link #diagonal} is asked for
   */
  public RowsLoss(
      RowStore store,
      Regularizer regularizer,
      DrawPlan plan,
      boolean withDiagonal,
      Workspace space) {
    this(store, Weights.BARRIER, regularizer, plan, withDiagonal, space);
  }

  /** For weights f(A x - b); without draws and diagonals where these are not the barrier's. */
  public RowsLoss(
      RowStore store,
      Weights weights,
      Regularizer regularizer,
      DrawPlan plan,
      boolean withDiagonal,
      Workspace space) {
    super(store, weights, regularizer, plan, space);
    this.withDiagonal = withDiagonal;
    Q = space.matrix(d, d);
    N = space.matrix(d, d);
    diagonal = withDiagonal ? space.matrix(d, d) : null;
    g = space.vector(d);
  }

  @Override
  List<RowList> read(List<Draws> draws) {
    differentiated = false;
    ScoreSums scores =
        store.run(ScorePass.withDraws(x(), hostInverse(), true, draws).with(weights, 0));
    reduce(scores.Q(), Q); // Q(r) = R^-T A^T diag(w^2 o r) A R^-1
    device.copy(Q, N);
    expand(N); // G^-1 A^T diag(w^2 o r) A G^-1
    residualSquare = scores.error().residualSquare();
    scoreSquare = scores.scoreSquare();
    value = 0.5 * residualSquare + regularizer.value(point());
    return draws.isEmpty() ? List.of() : scores.draws();
  }

  @Override
  List<RowList> readForDraws(List<Draws> draws) {
    return store.run(ScorePass.withDraws(x(), hostInverse(), false, draws)).draws();
  }

  @Override
  public double value() {
    return value;
  }

  /** ||sigma(x) - target||. */
  @Override
  public double residualNorm() {
    return Math.sqrt(residualSquare);
  }

  /** Each score is rounded, and so is the sum. */
  @Override
  public double rounding() {
    return EPS * (Math.sqrt(scoreSquare) * residualNorm() + value);
  }

  /** Each score is rounded, and R^-T J^T = -2 R^-T A^T W L stretches by 2 at most. */
  @Override
  public double gradientRounding() {
    return 2 * SCORE_ROUNDING * EPS * Math.sqrt(scoreSquare);
  }

  /** R^-T A^T diag(w^2 o r) A R^-1, d x d. */
  Matrix reducedResidual() {
    return Q;
  }

  /** G^-1 A^T diag(w^2 o r) A G^-1, d x d. */
  Matrix sandwich() {
    return N;
  }

  /** A^T diag(w^2 (6 L r - 8 sigma L r)) A, d x d. */
  Matrix diagonal() {
    differentiate();
    return diagonal;
  }

  private void differentiate() {
    if (!differentiated) {
      if (!weights.isBarrier()) {
        Pass<Vector> pass = new LinkGradientPass(x(), hostInverse(), download(N), weights, 0);
        device.copy(store.run(pass), g); // 2 A^T S L r
        differentiated = true;
        return;
      }
      GradientSums sums =
          store.run(new GradientPass(x(), hostInverse(), download(N), withDiagonal, false));
      device.copy(sums.gradient(), g); // -2 A^T W L r
      if (withDiagonal) {
        device.copy(sums.diagonal(), diagonal);
      }
      differentiated = true;
    }
  }

  /** to = -2 A^T W L r + A^T diag(omega^2) A x. */
  @Override
  public void gradient(Vector to) {
    differentiate();
    device.copy(g, to);
    regularizer.addTimes(point(), to);
  }

  /**
   * to = 4 A^T W D^2 W A + A^T diag(omega^2) A with D = diag(sigma o (1 - sigma + floor)), d x d;
   * one reading.
   */
  public void uncoupledGaussNewton(double floor, Matrix to) {
    device.copy(store.run(new UncoupledPass(x(), hostInverse(), floor).with(weights)), to);
    regularizer.addTo(to);
  }

  /** As {@link HessianPass} has it; three readings. */
  @Override
  double[][] rowProducts(Set<HessianPart> parts, double[][] vectors) {
    int k = vectors.length;
    double[][] sandwiches = new double[k][];
    double[][] forms = new double[k][];
    try (Workspace own = new Workspace(device)) {
      Matrix M = own.matrix(d, d);
      Matrix Qt = own.matrix(d, d);
      Matrix X = own.matrix(d, d);
      List<Matrix> grams = store.run(new TangentGramPass(x(), vectors, null).with(weights));
      for (int j = 0; j < k; j++) {
        reduce(grams.get(j), M); // Q(t_j), t_j = W A v_j
        if (isCurved(parts)) {
          device.multiply(Q, false, M, false, Qt); // Q(r) Q(t) + Q(t) Q(r)
          device.multiply(M, false, Q, false, X);
          device.axpy(1, X, Qt);
          forms[j] = download(Qt);
        }
        expand(M);
        sandwiches[j] = download(M);
      }
      List<Matrix> changes =
          store.run(
              new ScoreChangePass(x(), hostInverse(), vectors, sandwiches, parts).with(weights));
      for (int j = 0; j < k; j++) {
        reduce(changes.get(j), M); // Q(f_j)
        device.copy(M, X);
        device.axpy(-2, M, X); // - Q(f_j)
        if (isCurved(parts)) {
          device.upload(forms[j], Qt);
          device.axpy(-2, Qt, X); // 2 (Q(r) Q(tau) + Q(tau) Q(r)), tau = -t
        }
        expand(X);
        forms[j] = download(X);
      }
    }
    return download(
        store.run(
            new HessianPass(x(), hostInverse(), download(N), vectors, sandwiches, forms, parts)
                .with(weights)));
  }
}
