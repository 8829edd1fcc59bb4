package org.levinv.solve;

import java.util.Arrays;
import org.levinv.Accuracy;
import org.levinv.Tyler.Normalisation;
import org.levinv.VectorSink;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.method.weights.WeightsProblem;
import org.levinv.model.GramFactor;
import org.levinv.pass.Distances;
import org.levinv.pass.RootWeights;
import org.levinv.pass.TargetErrorPass;
import org.levinv.pass.TargetWeights;
import org.levinv.pass.WeightedScores;
import org.levinv.rows.RowStore;
import org.levinv.small.Triangle;

/**
 * What weights make of the rows as they were read: scatter matrix and scores, independently of how
 * the weights were found. One reading for the factor of diag(w) A, and one for each question.
 */
final class ScaledRows {
  private final RowStore store;
  private final WeightsProblem problem;
  private final TargetWeights weights;
  private final double[][] scatter;
  private final double factor;
  private final double[] inverseR;
  private final double[] R;

  /**
   * @param store the rows of the problem, in its units and coordinates
   */
  ScaledRows(
      RowStore store,
      WeightsProblem problem,
      TargetWeights weights,
      Normalisation normalisation,
      Workspace space) {
    this.store = store;
    this.problem = problem;
    this.weights = weights;
    Device device = store.device();
    int d = store.columns();
    Matrix triangle = space.matrix(d, d);
    Matrix S = space.matrix(d, d);
    problem.factor(weights, store, triangle);
    device.multiply(triangle, true, triangle, false, S); // R^T R = A^T diag(u) A
    double[] entries = new double[d * d];
    device.download(S, entries);
    double[] units = problem.units().columns();
    double[] c = new double[d]; // columns of the user's A in units of the largest
    Arrays.setAll(c, j -> units == null ? 1 : 1 / units[j]);
    double largest = Arrays.stream(c).max().orElse(1);
    double trace = 0;
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < d; k++) {
        entries[j * d + k] *= c[j] / largest * (c[k] / largest);
      }
      trace += entries[j * d + j];
    }
    double size = d / trace;
    if (normalisation == Normalisation.DET) {
      double logs = 0;
      double[] diagonal = device.diagonal(triangle);
      for (int j = 0; j < d; j++) { // of the determinant of the user's R^T R
        logs += Math.log(Math.abs(diagonal[j])) + Math.log(c[j] / largest);
      }
      size = Math.exp(-2 * logs / d);
    }
    scatter = new double[d][d];
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < d; k++) {
        scatter[j][k] = entries[j * d + k] * size;
      }
    }
    factor = Math.sqrt(size) / largest;
    GramFactor gram = new GramFactor(d, space);
    inverseR = gram.ofTriangle(triangle) ? new double[d * d] : null;
    if (inverseR != null) {
      device.download(gram.inverseR(), inverseR);
    }
    R = new double[d * d];
    device.download(triangle, R);
  }

  /** A^T diag(w^2) A as it was to be normalised, in the user's units. */
  double[][] scatter() {
    return scatter;
  }

  /** The relative residuals of the scores; NaN where weights of an infeasible target leave none. */
  TargetErrorPass.Errors errors() {
    return inverseR == null
        ? new TargetErrorPass.Errors(Double.NaN, Double.NaN)
        : store.run(new TargetErrorPass(scores(), problem.targets()));
  }

  /** How exact the scores are; null likewise. */
  Accuracy accuracy() {
    return inverseR == null ? null : new Accuracy(Triangle.condition(R, inverseR, store.columns()));
  }

  private WeightedScores scores() {
    return new WeightedScores(weights, inverseR);
  }

  /** w to a sink. */
  void weightsTo(VectorSink sink) {
    store.map(new RootWeights(weights, factor, true), sink);
  }

  /** sqrt(a^T S^-1 a) of each row to a sink, S the scatter; 0 where weights leave none. */
  void distancesTo(VectorSink sink) {
    double[] metric = inverseR == null ? new double[R.length] : inverseR;
    store.map(new Distances(metric, 1 / factor), sink);
  }

  /** The scores to a sink; none where weights of an infeasible target leave none. */
  void scoresTo(VectorSink sink) {
    if (inverseR != null) {
      store.map(scores(), sink);
    }
  }
}
