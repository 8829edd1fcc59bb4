package org.levinv.solve;

import java.util.List;
import org.levinv.Accuracy;
import org.levinv.Evaluation;
import org.levinv.InvalidInputException;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.RowSink;
import org.levinv.device.Device;
import org.levinv.method.RankDeficientException;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.Stores;

/** The slacks A x - b and the leverage scores of diag(Ax - b)^-1 A at one x, without a solve. */
public final class ScoresAt {
  private ScoresAt() {}

  /**
   * Hands all of them to a sink, in two or three readings of A.
   *
   * @param options of which memory, limits and progress count
   * @param strict whether a slack of 0, where there is no score, is refused, and one below 0 where
   *     the weights are those of a model only above
   * @throws InvalidInputException if a number is not finite, the columns of A depend on each other,
   *     or there are no scores at x
   */
  public static Evaluation of(
      List<Device> devices,
      Model model,
      double[] x,
      Options options,
      boolean strict,
      RowSink sink) {
    ProblemRows rows = ProblemRows.of(model);
    try (RowStore store = Stores.open(rows, devices, options.memory())) {
      Watch watch = new Watch(options, () -> store.counter().work(), Double.POSITIVE_INFINITY);
      watch.over(store);
      Accuracy accuracy = null;
      try {
        accuracy = new Verification(rows, store).with(model.weights()).hand(x, strict, sink);
      } catch (Stopped e) {
        // what was handed on so far is not all
      }
      return new Evaluation(
          accuracy != null,
          accuracy,
          store.counter().work(),
          store.counter().passes(),
          watch.seconds());
    } catch (RankDeficientException e) {
      throw Checks.dependentColumns(model.A(), e.rank(), e);
    } catch (SingularException e) {
      throw new InvalidInputException(model.A().name() + ", " + e.getMessage(), e);
    }
  }
}
