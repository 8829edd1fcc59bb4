package org.levinv.device.cuda;

import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Workspace;
import org.levinv.device.cuda.GramProducts.Seconds;
import org.levinv.device.cuda.GramProducts.Way;

/**
 * The ways to a weighted Gram matrix on the card, and which one is taken, in GFLOP/s of n d^2.
 * Arguments: columns, comma-separated; MiB of A. Ends with 1 where a d failed, which costs its own
 * row only.
 */
public final class GramRates {
  /** Numbers that are uploaded at a time. */
  private static final int BLOCK = 1 << 20;

  private GramRates() {}

  public static void main(String[] args) {
    long doubles = Long.parseLong(args[1]) << 17;
    boolean failed = false;
    try (CudaDevice device = new CudaDevice(0, 0, new DiskCache())) {
      System.out.println(device.name());
      for (String columns : args[0].split(",")) {
        int d = Integer.parseInt(columns);
        try {
          rates(device, (int) (doubles / d), d);
        } catch (RuntimeException e) {
          failed = true;
          System.out.println(" FAILED: d = " + d + ": " + e);
        }
      }
    }
    System.exit(failed ? 1 : 0);
  }

  private static void rates(CudaDevice device, int n, int d) {
    try (Workspace space = new Workspace(device)) {
      Rows A = space.rows(n, d);
      int most = Math.max(1, BLOCK / d);
      double[] block = new Random(1).doubles((long) most * d, -1, 1).toArray();
      for (int first = 0; first < n; first += most) { // the same rows again and again
        device.upload(block, Math.min(most, n - first), A, first);
      }
      Matrix G = space.matrix(d, d);
      CudaRows rows = (CudaRows) A;
      Address at = ((CudaMatrix) G).at(0);
      double unit = (double) device.grams().measuredRows(rows) * d * d;
      System.out.printf(Locale.ROOT, "d = %4d, rows %7d:", d, device.grams().measuredRows(rows));
      for (Map.Entry<Way, Seconds> way : device.grams().seconds(rows, at).entrySet()) {
        Seconds of = way.getValue();
        System.out.printf(
            Locale.ROOT,
            "  %s %.0f..%.0f",
            way.getKey(),
            1e-9 * unit / of.most(),
            1e-9 * unit / of.least());
      }
      System.out.printf("  taken: %s%n", device.grams().way(rows, at));
    }
  }
}
