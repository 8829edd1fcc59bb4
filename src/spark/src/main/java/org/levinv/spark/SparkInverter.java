package org.levinv.spark;

import org.levinv.InvalidInputException;
import org.levinv.LocalOptions;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.device.Device;
import org.levinv.rows.ClusterStore;
import org.levinv.rows.Stores;
import org.levinv.solve.GlobalSolve;

/**
 * Solves problems whose rows are on a cluster. The driver has what is of the size of a sample (40 d
 * + 1000 rows, some copies) or of d x d; executors have the rows.
 *
 * <p>A solve ends early with the best x so far as that of {@link org.levinv.Inverter}; a cluster
 * that fails, after Spark's own attempts, is status {@code device_failed}. For one thread at a
 * time.
 */
public final class SparkInverter implements AutoCloseable {
  private final Device home = ExecutorDevices.open(0);

  /**
   * Finds x such that the leverage scores of diag(Ax - b)^-1 A are those of the rows.
   *
   * @param options of which the global method's count; with signs {@code auto} those of the rows
   *     are taken where they have any
   * @throws InvalidInputException if the problem or the options cannot be used
   * @throws org.levinv.device.DeviceException if the cluster fails before there is an x
   */
  public Result invert(SparkRows rows, Options options) {
    if (!options.local().equals(LocalOptions.NONE)) {
      throw new InvalidInputException(
          "method: expected auto, without a regulariser or a certificate, on Spark");
    }
    boolean takesSigns = rows.hasSigns() && options.signs().kind() == Signs.Kind.AUTO;
    Options own = takesSigns ? options.withSigns(Signs.given(rows.signs())) : options;
    SparkCluster cluster = new SparkCluster(rows);
    Problem problem = new Problem(rows.matrix(), rows.offset(), rows.scores());
    return new GlobalSolve(
            all ->
                new Stores.Pair(
                    new ClusterStore(all, cluster, home), new ClusterStore(all, cluster, home)),
            home,
            problem,
            own)
        .run();
  }

  @Override
  public void close() {
    home.close();
  }
}
