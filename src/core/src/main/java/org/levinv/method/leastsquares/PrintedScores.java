package org.levinv.method.leastsquares;

import java.util.Arrays;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.SampledRows;
import org.levinv.method.common.ScoreJacobian;
import org.levinv.model.GramFactor;
import org.levinv.rows.RowStore;

/** What the scores at a known x leave open of it when they are printed with some decimals. */
public final class PrintedScores {
  private final RowStore rows;
  private final double[] scores;
  private final double[][] J;

  private PrintedScores(RowStore rows, double[] scores, double[][] J) {
    this.rows = rows;
    this.scores = scores;
    this.J = J;
  }

  /**
   * At x: two readings and 3 n d^3 flops; null where the columns of diag(w) A are dependent for
   * doubles.
   *
   * @param x d entries, in the coordinates of the store
   * @param rows whose targets are the scores at x
   */
  public static PrintedScores at(double[] x, RowStore rows, Weights weights) {
    try (Workspace space = new Workspace(rows.device())) {
      GramFactor gram = new GramFactor(x.length, space);
      if (!gram.of(StandardErrors.gram(x, rows, weights, 0))) {
        return null;
      }
      SampledRows all = SampledRows.all(rows, space).with(weights, 0);
      all.moveTo(space.upload(x), gram.inverseR());
      return new PrintedScores(rows, all.targets(), ScoreJacobian.of(all));
    }
  }

  /**
   * What is left open by some decimals.
   *
   * @param errors rows of a factor C of the covariance C^T C of x, d x d, in the coordinates of the
   *     store
   * @param etaErrors standard errors of A x, n
   * @param zeros scores that are printed as 0
   */
  public record Open(double[][] errors, double[] etaErrors, long zeros) {}

  /** For so many decimals; null where these, or any, leave a direction free. */
  public Open of(int digits, long seed) {
    double power = Math.pow(10, digits);
    double[] v = new double[scores.length];
    Arrays.setAll(v, i -> (scores[i] - Math.rint(scores[i] * power) / power) * 2 * power);
    double[][] M = new double[J.length][];
    Arrays.setAll(M, j -> Arrays.stream(J[j]).map(value -> value * 2 * power).toArray());
    RoundingPolytope polytope = RoundingPolytope.of(M, v);
    if (polytope.hasFreeMoves()) {
      return null;
    }
    double[][] C = polytope.sample(seed).errors();
    return new Open(C, etaErrors(C), Arrays.stream(scores).filter(s -> s < 0.5 / power).count());
  }

  private double[] etaErrors(double[][] C) {
    Device device = rows.device();
    double[] errors = new double[scores.length];
    double[] moved = new double[scores.length];
    try (Workspace space = new Workspace(device)) {
      SampledRows all = SampledRows.all(rows, space);
      Vector along = space.vector(scores.length);
      for (double[] move : C) {
        all.times(space.upload(move), along);
        device.download(along, moved);
        Arrays.setAll(errors, i -> Math.hypot(errors[i], moved[i]));
      }
    }
    return errors;
  }
}
