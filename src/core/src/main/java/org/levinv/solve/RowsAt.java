package org.levinv.solve;

import java.io.Serializable;
import org.levinv.InvalidInputException;
import org.levinv.Model;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.SharedRounding;
import org.levinv.pass.VerifyScoresPass;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

/**
 * The slacks A x - b and the leverage scores of diag(Ax - b)^-1 A at one x, or with prior weights v
 * those of diag(sqrt(v) / (Ax - b)) A, for any rows, wherever they are: once all rows were read,
 * those of one row depend on that row alone.
 */
public final class RowsAt implements Serializable {
  private final double[] x;
  private final double unit;
  private final double[] inverseR;
  private final double[] second;

  /**
   * As it was before, from what {@link #x}, {@link #unit}, {@link #inverseR} and {@link #second}
   * were.
   *
   * @param x d entries
   * @param inverseR d x d, row by row
   * @param second likewise, or null
   */
  public RowsAt(double[] x, double unit, double[] inverseR, double[] second) {
    this.x = x.clone();
    this.unit = unit;
    this.inverseR = inverseR.clone();
    this.second = second == null ? null : second.clone();
  }

  /**
   * Reads all rows once or twice.
   *
   * @param model with the weights 1 / (A x - b)
   * @param store its rows as they were read
   * @param x d entries
   * @throws InvalidInputException if there are no scores at x
   */
  public static RowsAt of(Model model, RowStore store, double[] x) {
    try {
      return new Verification(ProblemRows.of(model), store).with(model.weights()).rowsAt(x);
    } catch (SingularException e) {
      throw new InvalidInputException(model.A().name() + ", " + e.getMessage(), e);
    }
  }

  /** d entries. */
  public double[] x() {
    return x.clone();
  }

  /** Of all weights, a power of two: w = unit / (A x - b). */
  public double unit() {
    return unit;
  }

  /** R^-1, d x d row by row, with Q R = diag(w) A. */
  public double[] inverseR() {
    return inverseR.clone();
  }

  /**
   * The inverse of the factor of diag(w) A R^-1, d x d row by row, or null where that is
   * orthonormal enough.
   */
  public double[] second() {
    return second == null ? null : second.clone();
  }

  /** Slacks and scores alone. */
  VerifyScoresPass pass() {
    return new VerifyScoresPass(
        x, unit, inverseR, second, 0, false, null, ScoreUncertainty.ROUNDING, SharedRounding.NONE);
  }

  /**
   * Some rows.
   *
   * @param A count x d, row by row
   * @param b count
   * @param v count, prior weights; or null where all are 1
   * @return slacks, then scores; a score is 0 where the slack is
   */
  public double[][] of(double[] A, double[] b, double[] v, Device device) {
    double[][] found = new double[2][b.length];
    VectorSource prior = v == null ? null : VectorSource.of("prior weights", v);
    ProblemRows rows =
        ProblemRows.of(RowSource.of(A, x.length))
            .with(Field.OFFSET, VectorSource.of("offset", b))
            .with(Field.PRIOR, Field.PRIOR.numbers(prior));
    try (LeafStore store = LeafStore.resident(rows, device)) {
      store.run(
          pass()
              .with(v == null ? Weights.BARRIER : Weights.BARRIER.withPrior())
              .handing(
                  (first, count, slacks, scores) -> {
                    System.arraycopy(slacks, 0, found[0], (int) first, count);
                    System.arraycopy(scores, 0, found[1], (int) first, count);
                  }));
    }
    return found;
  }
}
