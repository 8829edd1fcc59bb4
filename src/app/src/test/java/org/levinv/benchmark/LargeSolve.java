package org.levinv.benchmark;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.device.cuda.Ballast;

/**
 * Whole solves of planted problems on one device, signs given, from a matrix that is generated as
 * it is read; small ones several times, of which the last counts. Arguments: the device's name,
 * sizes such as 1000000x256, or beyond=MIB for a matrix of 1.2 times that much, with the rest of
 * the card's memory held meanwhile. Ends with 1 where a size failed, which costs its own row only.
 */
public final class LargeSolve {
  private static final double BEYOND = 1.2;
  private static final int BEYOND_COLUMNS = 512;

  /** n d^2 from which one solve is enough. */
  private static final double LARGE = 1e10;

  private static final int REPEATED = 5;

  private LargeSolve() {}

  public static void main(String[] args) {
    boolean failed = false;
    try (Inverter inverter = Inverter.open(args[0], 0)) {
      System.out.println(inverter.device());
      System.out.printf(
          "%16s %10s %10s %10s %10s %8s %8s %10s %10s  %s%n",
          "n x d",
          "read s",
          "scores s",
          "solve s",
          "mixed s",
          "work",
          "passes",
          "residual",
          "error",
          "status");
      for (String size : Arrays.asList(args).subList(1, args.length)) {
        try {
          solve(inverter, size);
        } catch (RuntimeException | OutOfMemoryError e) {
          failed = true;
          System.out.printf("%16s FAILED: %s%n", size, e);
        }
      }
    }
    System.exit(failed ? 1 : 0);
  }

  private static void solve(Inverter inverter, String size) {
    if (size.startsWith("beyond=")) {
      long bytes = Long.parseLong(size.substring("beyond=".length())) << 20;
      Ballast held = new Ballast(bytes);
      try {
        long rows = (long) (BEYOND * bytes / Double.BYTES / BEYOND_COLUMNS);
        solve(inverter, Math.toIntExact(rows), BEYOND_COLUMNS);
      } finally {
        held.close();
      }
    } else {
      int[] shape = Arrays.stream(size.split("x")).mapToInt(Integer::parseInt).toArray();
      solve(inverter, shape[0], shape[1]);
    }
  }

  /** Rows that a thread reads at a time. */
  private static final int PIECE = 256;

  /** Seconds in which all cores read a source. */
  private static double readingTime(RowSource A) {
    long start = System.nanoTime();
    int n = (int) A.rows();
    IntStream.range(0, (n + PIECE - 1) / PIECE)
        .parallel()
        .forEach(
            k -> {
              int rows = Math.min(PIECE, n - k * PIECE);
              A.read((long) k * PIECE, rows, new double[rows * A.columns()]);
            });
    return Timing.seconds(start);
  }

  private static void solve(Inverter inverter, int n, int d) {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(n, d));
    RowSource A = planted.matrix();
    long scoring = System.nanoTime();
    double[] sigma = inverter.scores(A, planted.offset().toArray(), planted.solution());
    double scores = Timing.seconds(scoring); // as the verification: a solve's other large part
    double reading = readingTime(A); // part of each pass over the source
    Result result = null;
    double[] seconds = new double[2];
    for (int mixed = 1; mixed >= 0; mixed--) {
      Options options =
          Options.defaults()
              .withSigns(Signs.positive())
              .withPrecision(mixed == 1 ? Precision.SINGLE : Precision.DOUBLE);
      for (int run = (double) n * d * d < LARGE ? REPEATED : 1; run > 0; run--) {
        long start = System.nanoTime();
        result = inverter.invert(new Problem(A, planted.offset().toArray(), sigma), options);
        seconds[mixed] = Timing.seconds(start);
      }
    }
    double off = 0;
    double size = 0;
    for (int j = 0; j < d; j++) {
      off += Math.pow(result.x()[j] - planted.solution()[j], 2);
      size += Math.pow(planted.solution()[j], 2);
    }
    System.out.printf(
        Locale.ROOT,
        "%16s %10.2f %10.2f %10.2f %10.2f %8.1f %8.1f %10.1e %10.1e  %s%n",
        n + " x " + d,
        reading,
        scores,
        seconds[0],
        seconds[1],
        result.work(),
        result.passes(),
        result.relativeResidual(),
        Math.sqrt(off / size),
        result.status().word());
  }
}
