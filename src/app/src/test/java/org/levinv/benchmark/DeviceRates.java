package org.levinv.benchmark;

import java.util.Locale;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.Rows;
import org.levinv.device.TallProducts;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Scores;
import org.levinv.tall.ResidentMatrix;

/**
 * The tall operations of one device at several d, beside dgemm and a copy on the same device, in
 * one run. Arguments: the device's name; MiB of A (default 1024); columns, comma-separated. Ends
 * with 1 where a d failed, which costs its own row only.
 */
public final class DeviceRates {
  private static final String COLUMNS = "32,64,128,256,512,1024,2048";
  private static final double BUDGET = 1;

  private final Device device;
  private final long doubles;
  private Vector probe;
  private boolean failed;

  private DeviceRates(Device device, long doubles) {
    this.device = device;
    this.doubles = doubles;
  }

  public static void main(String[] args) {
    String name = args.length > 0 ? args[0] : "cpu";
    long megabytes = args.length > 1 ? Long.parseLong(args[1]) : 1024;
    String columns = args.length > 2 ? args[2] : COLUMNS;
    boolean failed;
    try (Device device = Devices.open(name)) {
      DeviceRates rates = new DeviceRates(device, megabytes << 17);
      rates.run(columns.split(","));
      failed = rates.failed;
    }
    System.exit(failed ? 1 : 0);
  }

  private void run(String[] columns) {
    System.out.println(device.name());
    double copy = Double.NaN; // shares of it are then unknown, and the rows are there
    try {
      copy = copyBandwidth();
      System.out.printf(Locale.ROOT, "copy %.0f GB/s, read and written%n", copy * 1e-9);
    } catch (RuntimeException | OutOfMemoryError e) {
      failed = true;
      System.out.println("copy FAILED: " + e);
    }
    System.out.printf(
        "%6s %10s %9s | %s%n",
        "d",
        "n",
        "dgemm",
        "GFLOP/s (of dgemm at this shape, of copy): gram, quadratic forms, squared norms, scores,"
            + " slackGram, times, transposeTimes, single gram, single squared norms");
    for (String d : columns) {
      try {
        row(Integer.parseInt(d), copy);
      } catch (RuntimeException | OutOfMemoryError e) {
        failed = true;
        System.out.printf("%6s FAILED: %s%n", d, e);
      }
    }
  }

  /**
   * Operations may be under way after their call; a number on the host is only there at the end.
   */
  private double seconds(Runnable operation) {
    return Timing.of(
            BUDGET,
            () -> {
              operation.run();
              device.pick(probe, new int[] {0});
            })
        .minimum();
  }

  private double copyBandwidth() {
    try (Workspace space = new Workspace(device)) {
      probe = space.vector(1);
      long length = Math.min(doubles, 1 << 27);
      Vector from = space.vector(length);
      Vector to = space.vector(length);
      return 2.0 * Double.BYTES * length / seconds(() -> device.copy(from, to));
    }
  }

  private void row(int d, double copy) {
    int n = (int) (doubles / d);
    double unit = (double) n * d * d;
    double bytes = (double) Double.BYTES * n * d;
    try (Workspace space = new Workspace(device)) {
      probe = space.vector(1);
      Noise source = new Noise(n, d);
      ResidentMatrix tall = ResidentMatrix.upload(source, space);
      Rows A = space.rows(n, d);
      device.upload(source, A);
      Matrix G = space.matrix(d, d);
      Vector q = space.vector(n);
      Vector u = space.vector(n);
      device.fill(0.5, u);
      double dgemm;
      try (Workspace own = new Workspace(device)) {
        Rows B = own.rows(n, d);
        Matrix identity = own.matrix(d, d);
        device.addDiagonal(1, null, identity);
        double product = seconds(() -> device.timesMatrix(A, identity, B));
        double cross = seconds(() -> device.crossGram(A, B, G));
        dgemm = 2 * unit / Math.min(product, cross);
      }
      double gram = seconds(() -> device.weightedGram(A, u, G));
      double forms = seconds(() -> device.quadraticForms(A, G, q));
      Matrix R = space.matrix(d, d);
      Matrix inverseR = space.matrix(d, d);
      if (device.cholesky(G, R) != 0) {
        throw new IllegalStateException("the Gram matrix is not positive definite");
      }
      device.invertTriangular(R, inverseR);
      double norms = seconds(() -> device.squaredNorms(A, inverseR, q));
      Scores scores = new Scores(tall, space);
      Vector x = space.vector(d);
      Vector b = space.vector(n);
      device.fill(1, b);
      double evaluation = seconds(() -> scores.atPoint(x, b));
      double slack = seconds(() -> device.slackGram(A, x, b, u, G));
      double times = seconds(() -> device.times(A, x, q));
      double transposed = seconds(() -> device.transposeTimes(A, u, x));
      device.fill(0.5, u);
      TallProducts single = device.in(Precision.SINGLE);
      double singleGram = seconds(() -> single.weightedGram(A, u, G));
      double singleNorms = seconds(() -> single.squaredNorms(A, inverseR, q));
      double vectors = 2.0 * n * d;
      System.out.printf(
          Locale.ROOT,
          "%6d %10d %9.0f | %s %s %s %s %s %s %s %s %s%n",
          d,
          n,
          dgemm * 1e-9,
          share(unit / gram, dgemm, bytes / gram, copy),
          share(2 * unit / forms, dgemm, bytes / forms, copy),
          share(unit / norms, dgemm, bytes / norms, copy),
          share(2 * unit / evaluation, dgemm, 2 * bytes / evaluation, copy),
          share(unit / slack, dgemm, bytes / slack, copy),
          share(vectors / times, dgemm, bytes / times, copy),
          share(vectors / transposed, dgemm, bytes / transposed, copy),
          share(unit / singleGram, dgemm, bytes / singleGram, copy),
          share(unit / singleNorms, dgemm, bytes / singleNorms, copy));
    }
  }

  private static String share(double rate, double dgemm, double bandwidth, double copy) {
    return String.format(
        Locale.ROOT,
        "%8.0f (%3.0f %%, %3.0f %%)",
        rate * 1e-9,
        100 * rate / dgemm,
        100 * bandwidth / copy);
  }

  /** Numbers between -1 and 1 that look random, made as they are read. */
  private record Noise(long rows, int columns) implements org.levinv.device.RowSource {
    @Override
    public String name() {
      return "noise";
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void read(long first, int count, double[] into) {
      long state = first * columns * 0x9E3779B97F4A7C15L;
      for (int k = 0; k < count * columns; k++) {
        state += 0x9E3779B97F4A7C15L;
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        z ^= z >>> 27;
        into[k] = (z >> 11) * 0x1p-52;
      }
    }
  }
}
