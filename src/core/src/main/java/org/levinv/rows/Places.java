package org.levinv.rows;

import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.RowSource;

/** Finds the place for the rows of problems: on devices of this process, or on a cluster. */
public interface Places extends RowTally.Teller {

  /** The device that has what is small. */
  Device home();

  /** Rows that are worked on alone. */
  RowStore open(ProblemRows rows);

  /** Rows for a search, and as they were read. */
  Stores.Pair openPair(ProblemRows rows);

  /**
   * The rows once more on another device, after that of a store failed; null where they are lost
   * with it.
   */
  RowStore openAgain(ProblemRows rows, Device on);

  /**
   * Devices of this process.
   *
   * @param devices as in {@link Stores#open(ProblemRows, List, long)}
   * @param memory likewise
   */
  static Places on(List<Device> devices, long memory) {
    return new Places() {
      @Override
      public Device home() {
        return devices.get(0);
      }

      @Override
      public RowStore open(ProblemRows rows) {
        return Stores.open(rows, devices, memory);
      }

      @Override
      public Stores.Pair openPair(ProblemRows rows) {
        return Stores.openPair(rows, devices, memory);
      }

      @Override
      public RowStore openAgain(ProblemRows rows, Device on) {
        return new LeafStore(rows, on, Partition.of(rows.rows(), rows.columns()), 0);
      }

      @Override
      public <T extends RowTally<T>> T tally(RowSource A, T question) {
        T found = question.empty();
        RowTally.add(A, 0, A.rows(), found);
        return found;
      }
    };
  }

  /** Processes that hold the rows already. */
  static Places on(Cluster cluster, Device home) {
    return new Places() {
      @Override
      public Device home() {
        return home;
      }

      @Override
      public ClusterStore open(ProblemRows rows) {
        return new ClusterStore(rows, cluster, home);
      }

      @Override
      public Stores.Pair openPair(ProblemRows rows) {
        return new Stores.Pair(open(rows), seldom(rows));
      }

      private ClusterStore seldom(ProblemRows rows) {
        return new ClusterStore(rows, cluster, home, false);
      }

      @Override
      public RowStore openAgain(ProblemRows rows, Device on) {
        return null;
      }

      @Override
      public <T extends RowTally<T>> T tally(RowSource A, T question) {
        try (ClusterStore rows = seldom(ProblemRows.of(A))) {
          return rows.tally(question);
        }
      }
    };
  }
}
