package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import jcuda.Pointer;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * What a card can do at most, beside which levinv's rates are to be seen: copies between host and
 * card and on the card, dgemm, a launch and its answer, and a pass over rows that are streamed.
 * Arguments: MiB of a copy; order of dgemm's matrices.
 */
public final class CardRates {
  private static final int RUNS = 5;
  private static final int COLUMNS = 64;

  private static boolean failed;

  private CardRates() {}

  public static void main(String[] args) {
    long bytes = Long.parseLong(args[0]) << 20;
    int order = Integer.parseInt(args[1]);
    row("host to card and back", () -> copies(bytes));
    row("on the card", () -> onTheCard(bytes, order));
    row("streamed rows", () -> streamed(bytes));
    System.exit(failed ? 1 : 0);
  }

  /** One that fails costs its own lines only. */
  private static void row(String what, Runnable measurement) {
    try {
      measurement.run();
    } catch (RuntimeException | Error e) {
      failed = true;
      System.out.println("FAILED  " + what + ": " + e);
    }
  }

  private static double seconds(Runnable action) {
    double least = Double.POSITIVE_INFINITY;
    for (int run = 0; run <= RUNS; run++) { // the first one warms up
      long start = System.nanoTime();
      action.run();
      least = run == 0 ? least : Math.min(least, 1e-9 * (System.nanoTime() - start));
    }
    return least;
  }

  private static void rate(String what, double bytes, double seconds) {
    System.out.printf(Locale.ROOT, "%-44s %8.1f GB/s%n", what, 1e-9 * bytes / seconds);
  }

  private static void copies(long bytes) {
    try (CudaContext context = new CudaContext(0)) {
      CudaMemory card = new CudaMemory(context, bytes / Double.BYTES);
      Pointer pageable = Pointer.to(ByteBuffer.allocateDirect(Math.toIntExact(bytes)));
      PinnedMemory memory = PinnedMemory.allocate(bytes);
      Pointer pinned = memory.pointer;
      for (int at = 0; at < bytes; at += Double.BYTES) {
        memory.bytes.putDouble(at, at); // pages that nobody touched may not be there
      }
      for (int run = 0; run < 2; run++) {
        Pointer host = run == 0 ? pinned : pageable;
        String kind = run == 0 ? (memory.pinned ? ", pinned" : ", NOT pinned") : ", pageable";
        Runnable up =
            () -> {
              cuMemcpyHtoD(card.at(0), host, bytes);
              cuCtxSynchronize();
            };
        rate("host to card" + kind, bytes, seconds(up));
        rate("card to host" + kind, bytes, seconds(() -> cuMemcpyDtoH(host, card.at(0), bytes)));
      }
      memory.free();
    }
  }

  private static void onTheCard(long bytes, int order) {
    try (Device device = CudaCards.open(0);
        Workspace space = new Workspace(device)) {
      System.out.println(device.name());
      Vector one = space.vector(1);
      System.out.printf(
          Locale.ROOT,
          "%-44s %8.1f us%n",
          "a launch and a number read back",
          1e6 * seconds(() -> device.sum(one)));
      Vector from = space.vector(bytes / Double.BYTES);
      Vector to = space.vector(bytes / Double.BYTES);
      Runnable copy =
          () -> {
            device.copy(from, to);
            device.sum(one);
          };
      rate("copy on the card, read and written", 2.0 * bytes, seconds(copy));
      Matrix A = space.matrix(order, order);
      Matrix C = space.matrix(order, order);
      device.addDiagonal(1, null, A);
      Runnable product =
          () -> {
            device.multiply(A, false, A, false, C);
            device.sum(one);
          };
      System.out.printf(
          Locale.ROOT,
          "%-44s %8.0f GFLOP/s%n",
          "dgemm of order " + order,
          2e-9 * Math.pow(order, 3) / seconds(product));
    }
  }

  /** Passes that read, write and update rows that are kept on the host. */
  private static void streamed(long bytes) {
    int n = Math.toIntExact(bytes / Double.BYTES / COLUMNS);
    for (long block : List.of(bytes / 64, bytes / 16, bytes / 4)) {
      try (Device device = CudaCards.open(0, block);
          Workspace space = new Workspace(device)) {
        Rows A = space.rows(n, COLUMNS);
        Rows B = space.rows(n, COLUMNS);
        int most = Math.min(n, 1 << 14);
        double[] rows = new Random(1).doubles((long) most * COLUMNS, -1, 1).toArray();
        for (int first = 0; first < n; first += most) { // the same rows again and again
          device.upload(rows, Math.min(most, n - first), A, first);
          device.upload(rows, Math.min(most, n - first), B, first);
        }
        Vector x = space.vector(COLUMNS);
        Vector y = space.vector(n);
        Matrix G = space.matrix(COLUMNS, COLUMNS);
        String blocks = String.format(Locale.ROOT, ", blocks of %.1f MiB", block * 0x1p-20);
        rate("streamed, times" + blocks, bytes, seconds(() -> times(device, A, x, y)));
        rate("streamed, weightedGram" + blocks, bytes, seconds(() -> gram(device, A, y, G)));
        rate("streamed, axpy, 3 ways" + blocks, 3.0 * bytes, seconds(() -> axpy(device, A, B, x)));
      }
    }
  }

  private static void times(Device device, Rows A, Vector x, Vector y) {
    device.times(A, x, y);
    device.sum(x); // waits for it
  }

  private static void gram(Device device, Rows A, Vector u, Matrix G) {
    device.weightedGram(A, u, G);
    device.diagonal(G);
  }

  private static void axpy(Device device, Rows A, Rows B, Vector x) {
    device.axpy(0.5, A, B);
    device.sum(x);
  }
}
