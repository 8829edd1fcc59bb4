package org.levinv.solve;

import java.util.List;
import java.util.function.Supplier;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.device.Device;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Stores;

/** Solves for one model with one target after the other; rows are uploaded once. */
public final class ManySolves implements AutoCloseable {
  private final List<Device> devices;
  private Stores.Pair stores;

  /** On some devices, of which the first has what is small. */
  public ManySolves(List<Device> devices) {
    this.devices = devices;
  }

  /** The result for the next problem, of the same model. */
  public Result solve(Problem problem, Options options) {
    if (problem.weights().isBarrier()) {
      Checks.shapes(options, problem.A());
      GlobalSolve solve = new GlobalSolve(devices, problem, options);
      return solve.run(stores(solve.rows(), solve::openStores));
    }
    WeightsSolve solve = new WeightsSolve(devices, problem, options);
    solve.check();
    return solve.run(stores(solve.rows(), solve::openStores));
  }

  private Stores.Pair stores(ProblemRows rows, Supplier<Stores.Pair> first) {
    if (stores == null) {
      stores = first.get();
    } else {
      stores.restart(rows);
    }
    return stores;
  }

  @Override
  public void close() {
    if (stores != null) {
      stores.close();
    }
  }
}
