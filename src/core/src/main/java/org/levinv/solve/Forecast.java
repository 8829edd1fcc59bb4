package org.levinv.solve;

import java.util.Arrays;
import java.util.List;
import org.levinv.Estimate;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Signs;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.Team;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Stores;

/** What a solve will take in memory and time. */
public final class Forecast {

  /**
   * Median work of planted problems, in n d^2 flops, signs known and unknown, by n / d: from
   * ci/planted. They are guides; hard problems take several times that.
   */
  private static final double[][] USUAL = {{400, 12, 12}, {40, 14, 16}, {0, 30, 37}};

  private Forecast() {}

  /** Of a solve with these devices, of which the first works for some milliseconds. */
  public static Estimate of(List<Device> devices, RowSource A, Options options) {
    VectorSource numbers = VectorSource.constant("b", A.rows(), 1);
    ProblemRows rows = ProblemRows.of(A).with(Field.OFFSET, numbers).with(Field.TARGET, numbers);
    Stores.Room room = Stores.room(rows, devices, options.memory());
    boolean global = options.local().method() == Method.AUTO;
    double work = global ? usualWork(A, options.signs()) : Double.NaN;
    double unit = (double) A.rows() * A.columns() * A.columns();
    double rate = devices.size() * flopsPerSecond(devices.get(0), A);
    return new Estimate(room.bytes(), room.resident(), work, work * unit / rate);
  }

  private static double usualWork(RowSource A, Signs signs) {
    double ratio = (double) A.rows() / A.columns();
    boolean known = signs.kind() != Signs.Kind.AUTO && signs.kind() != Signs.Kind.UNKNOWN;
    for (double[] usual : USUAL) {
      if (ratio >= usual[0]) {
        return known ? usual[1] : usual[2];
      }
    }
    throw new IllegalArgumentException("expected rows and columns, got the ratio " + ratio);
  }

  /** Of Gram matrices of one leaf, made by all members of the team side by side. */
  private static double flopsPerSecond(Device device, RowSource A) {
    int d = A.columns();
    int count = Partition.of(A.rows(), d, device.leafNumbers()).leafRows();
    Team team = device.team();
    long[] nanos = new long[team.size()];
    team.run(team.size(), k -> nanos[k] = gramNanos(team.member(k), count, d));
    double slowest = Arrays.stream(nanos).max().orElseThrow() * 1e-9;
    return team.size() * (double) count * d * d / slowest;
  }

  /** Time of the second one: the first makes ready what the device loads when it is needed. */
  private static long gramNanos(Device device, int count, int d) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    try (Workspace space = new Workspace(device)) {
      Rows rows = space.rows(count, d);
      double[] row = new double[Math.multiplyExact(count, d)];
      Arrays.fill(row, 1);
      device.upload(row, count, rows, 0);
      Vector u = space.upload(ones);
      Matrix G = space.matrix(d, d);
      double[] found = new double[d * d];
      device.weightedGram(rows, u, G);
      device.download(G, found); // waits for it
      long began = System.nanoTime();
      device.weightedGram(rows, u, G);
      device.download(G, found);
      return Math.max(1, System.nanoTime() - began);
    }
  }
}
