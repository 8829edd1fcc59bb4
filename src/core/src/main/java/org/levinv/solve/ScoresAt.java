package org.levinv.solve;

import java.util.List;
import org.levinv.Evaluation;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.RowSink;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
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
   * @param weights of the rows as a function of Ax - b
   * @param memory bytes that rows may take, or 0 for what there is
   * @throws InvalidInputException if a number is not finite, or there are no scores at x
   */
  public static void write(
      Device device,
      RowSource A,
      VectorSource b,
      Weights weights,
      double[] x,
      long memory,
      VectorSink sink) {
    ProblemRows rows = ProblemRows.of(A).with(Field.OFFSET, b);
    try (RowStore store = Stores.open(rows, device, memory)) {
      new Verification(rows, store, Units.NONE).with(weights).require(x, false, sink);
    } catch (SingularException e) {
      throw new InvalidInputException(
          A.name() + ": expected independent columns, but " + e.getMessage(), e);
    }
  }

  /**
   * Hands slacks and scores of all rows to a sink, likewise.
   *
   * @param options of which memory, limits and progress count
   * @throws InvalidInputException if a number is not finite, or there are no scores at x
   */
  public static Evaluation evaluate(
      List<Device> devices,
      RowSource A,
      VectorSource b,
      double[] x,
      Options options,
      RowSink sink) {
    ProblemRows rows = ProblemRows.of(A).with(Field.OFFSET, b);
    try (RowStore store = Stores.open(rows, devices, options.memory())) {
      Watch watch = new Watch(options, () -> store.counter().work(), Double.POSITIVE_INFINITY);
      watch.over(store);
      boolean complete = true;
      try {
        new Verification(rows, store, Units.NONE).hand(x, sink);
      } catch (Stopped e) {
        complete = false;
      }
      return new Evaluation(
          complete, store.counter().work(), store.counter().passes(), watch.seconds());
    } catch (SingularException e) {
      throw new InvalidInputException(
          A.name() + ": expected scores at this x, but " + e.getMessage(), e);
    }
  }
}
