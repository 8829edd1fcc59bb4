package org.levinv.method;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * The model with the P o P term too, summed over the rows of the sample (Zhihang Li, Zhao Song,
 * Weixin Wang, Junze Yin and Zheng Yu, 2024, arXiv:2404.13785, sample the same sums): d logit sigma
 * = -2 D^-1 K dx with K = ((Sigma - P o P) W A) on the equations.
 */
final class SampledJacobian implements ReducedModel {

  /** Most rows of the sample in one piece, so that the pieces need little memory. */
  private static final int PIECE = 2048;

  private final Device device;
  private final SampleProblem sample;
  private final Equations equations;
  private final TallMatrix E;
  private final GramFactor normal;
  private final Vector D;
  private final Vector work;
  private final TallMatrix K;

  SampledJacobian(SampleProblem sample, Equations equations, Workspace space) {
    device = space.device();
    this.sample = sample;
    this.equations = equations;
    E = equations.rows();
    normal = new GramFactor(E.columns(), space);
    D = space.vector(E.rows());
    work = space.vector(E.rows());
    K = E.allocate(E.columns(), space);
  }

  /**
   * At the point where the equations were evaluated; some 4 |E| m d flops for m rows of the sample.
   * False where the equations do not determine a move.
   */
  boolean make(PointGram point, RelaxedRows relaxed) {
    GramFactor gram = point.factor();
    int d = E.columns();
    Vector w = equations.w();
    Vector sigma = equations.sigma();
    device.copy(equations.degrees(), D);
    try (Workspace own = new Workspace(device)) {
      Vector weights = own.upload(point.slacks());
      device.map(Formula.RECIPROCAL, 0, weights, null, null, weights); // w = 1 / s
      TallMatrix X = E.allocate(d, own);
      TallMatrix part = E.allocate(d, own);
      E.scaledTriangular(w, gram.inverseR(), X); // X = W A R^-1, so that X X^T = P
      // An equation's own row is part of its sum whatever was drawn, and counts once in it: what
      // the sample adds beyond that, (q - 1) sigma^2, would be the largest error of all.
      device.multiply(equations.excess(), sigma, work);
      device.map(Formula.SHIFT, 1, work, null, null, work);
      device.multiply(sigma, work, work);
      device.multiply(w, work, work);
      E.scaledTimes(work, null, K); // K = (Sigma + (Q - I) Sigma^2) W A
      for (int first = 0; first < sample.size(); first += PIECE) {
        try (Workspace piece = new Workspace(device)) {
          subtract(X, part, gram, weights, first, relaxed, piece);
        }
      }
    }
    device.map(Formula.DEGREE, 0, sigma, null, null, work);
    device.map(Formula.SAFE_RECIPROCAL, 0, work, null, null, work);
    K.scaledTimes(work, null, K); // K = D^-1 (Sigma - P o P) W A
    return normal.ofSquaredWeights(K, D); // N = K^T D K
  }

  /** K = K - (P o P) W A for some of the sample's rows; relaxed ones have no part in it. */
  private void subtract(
      TallMatrix X,
      TallMatrix part,
      GramFactor gram,
      Vector w,
      int first,
      RelaxedRows relaxed,
      Workspace piece) {
    int[] index = IntStream.range(first, Math.min(first + PIECE, sample.size())).toArray();
    double[] counts =
        Arrays.stream(index)
            .mapToDouble(k -> relaxed.contains(k) ? 0 : sample.counts()[k])
            .toArray();
    Vector weights = piece.vector(index.length);
    device.gather(w, index, weights);
    TallMatrix S = sample.A().rows(index, piece);
    TallMatrix Y = S.allocate(S.columns(), piece);
    S.scaledTriangular(weights, gram.inverseR(), Y); // Y = (W A R^-1) of the sample
    device.multiply(weights, piece.upload(counts), weights);
    S.scaledTimes(weights, null, S); // S = Q W A
    X.hadamardTimes(Y, X, Y, false, S, part); // (P o P) Q W A
    part.addTo(-1, K);
  }

  /**
   * Those of the Jacobian of sigma(x), by power iterations. A ratio below 1e-7 or so only says that
   * it is small.
   */
  SingularValues singularValues(GramFactor gram) {
    try (Workspace own = new Workspace(device)) {
      GramFactor JtJ = new GramFactor(E.columns(), own);
      device.map(Formula.DEGREE, 0, equations.sigma(), null, null, work);
      device.multiply(D, work, work);
      if (!JtJ.ofSquaredWeights(K, work)) { // J^T J / 4 = K^T Q D^2 K
        return new SingularValues(0, 1);
      }
      return Determination.of(JtJ, gram.R(), gram.inverseR(), own);
    }
  }

  @Override
  public void step(Vector f, Vector dx) {
    device.multiply(D, f, work);
    K.transposeTimes(work, dx);
    normal.solve(dx);
    device.scale(-1, dx); // dx = -N^-1 K^T D f
  }

  @Override
  public Matrix measure(GramFactor gram) {
    return gram.R();
  }
}
