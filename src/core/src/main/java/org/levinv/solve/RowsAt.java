package org.levinv.solve;

import java.io.Serializable;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.pass.VerifyScoresPass;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

/**
 * The slacks A x - b and the leverage scores of diag(Ax - b)^-1 A at one x, for any rows, wherever
 * they are: once all rows were read, those of one row depend on that row alone.
 */
public final class RowsAt implements Serializable {
  private final VerifyScoresPass pass;
  private final int columns;

  private RowsAt(VerifyScoresPass pass, int columns) {
    this.pass = pass;
    this.columns = columns;
  }

  /**
   * Reads all rows once or twice.
   *
   * @param store the rows as they were read
   * @param x d entries
   * @throws InvalidInputException if there are no scores at x
   */
  public static RowsAt of(ProblemRows rows, RowStore store, double[] x) {
    try {
      return new RowsAt(new Verification(rows, store).pass(x), rows.columns());
    } catch (SingularException e) {
      throw new InvalidInputException(rows.A().name() + ", " + e.getMessage(), e);
    }
  }

  /**
   * Some rows.
   *
   * @param A count x d, row by row
   * @param b count
   * @return slacks, then scores; a score is 0 where the slack is
   */
  public double[][] of(double[] A, double[] b, Device device) {
    double[][] found = new double[2][b.length];
    ProblemRows rows =
        ProblemRows.of(RowSource.of(A, columns)).with(Field.OFFSET, VectorSource.of("offset", b));
    try (LeafStore store = LeafStore.resident(rows, device)) {
      store.run(
          pass.handing(
              (first, count, slacks, scores) -> {
                System.arraycopy(slacks, 0, found[0], (int) first, count);
                System.arraycopy(scores, 0, found[1], (int) first, count);
              }));
    }
    return found;
  }
}
