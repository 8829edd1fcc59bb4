package org.levinv.solve;

import org.levinv.Accuracy;
import org.levinv.InvalidInputException;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.method.RankDeficientException;
import org.levinv.rows.Field;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.Stores;
import org.levinv.rows.Units;

/** The leverage scores of diag(Ax - b)^-1 A at one x, without a solve. */
public final class ScoresAt {
  private ScoresAt() {}

  /**
   * Hands all scores to a sink, in two or three readings of A.
   *
   * @param memory bytes that rows may take, or 0 for what there is
   * @return how exact they are
   * @throws InvalidInputException if a number is not finite, a slack is 0, or the columns of A
   *     depend on each other
   */
  public static Accuracy write(
      Device device, RowSource A, VectorSource b, double[] x, long memory, VectorSink sink) {
    ProblemRows rows = ProblemRows.of(A).with(Field.OFFSET, b);
    try (RowStore store = Stores.open(rows, device, memory)) {
      return new Verification(rows, store, Units.NONE).write(x, sink);
    } catch (RankDeficientException e) {
      throw Checks.dependentColumns(A, e.rank(), e);
    } catch (SingularException e) {
      throw new InvalidInputException(A.name() + ", " + e.getMessage(), e);
    }
  }
}
