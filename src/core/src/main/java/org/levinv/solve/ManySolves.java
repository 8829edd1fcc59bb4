package org.levinv.solve;

import java.util.List;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.device.Device;
import org.levinv.rows.Stores;

/** Solves for one matrix and offset with one target after the other; rows are uploaded once. */
public final class ManySolves implements AutoCloseable {
  private final List<Device> devices;
  private final Options options;
  private Stores.Pair stores;

  /** On some devices, of which the first has what is small. */
  public ManySolves(List<Device> devices, Options options) {
    this.devices = devices;
    this.options = options;
  }

  /** The result for the next problem, of the same A and b. */
  public Result solve(Problem problem) {
    Checks.shapes(options, problem.A());
    GlobalSolve solve = new GlobalSolve(devices, problem, options);
    if (stores == null) {
      stores = solve.openStores();
    } else {
      stores.restart(solve.rows());
    }
    return solve.run(stores);
  }

  @Override
  public void close() {
    if (stores != null) {
      stores.close();
    }
  }
}
