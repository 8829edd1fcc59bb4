package org.levinv.benchmark;

import java.util.Locale;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;

/**
 * Whole solves of planted problems on one device, signs given, from a matrix that is generated as
 * it is read. Arguments: the device's name, sizes such as 1000000x256, or beyond-memory for 1.2
 * times the memory that the device names in GiB.
 */
public final class LargeSolve {
  private static final double BEYOND = 1.2;
  private static final int BEYOND_COLUMNS = 512;

  private LargeSolve() {}

  public static void main(String[] args) {
    try (Inverter inverter = Inverter.open(args[0], 0)) {
      System.out.println(inverter.device());
      System.out.printf(
          "%16s %10s %10s %8s %8s %10s %10s  %s%n",
          "n x d", "read s", "solve s", "work", "passes", "residual", "error", "status");
      for (int k = 1; k < args.length; k++) {
        int columns = BEYOND_COLUMNS;
        long rows;
        if (args[k].equals("beyond-memory")) {
          rows = (long) (BEYOND * gibibytes(inverter.device()) * (1L << 30) / 8 / columns);
        } else {
          String[] size = args[k].split("x");
          rows = Long.parseLong(size[0]);
          columns = Integer.parseInt(size[1]);
        }
        solve(inverter, Math.toIntExact(rows), columns);
      }
    }
  }

  private static double gibibytes(String device) {
    return Double.parseDouble(device.replaceFirst(".*?([0-9.]+) GiB.*", "$1"));
  }

  private static void solve(Inverter inverter, int n, int d) {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(n, d));
    double[] sigma = inverter.scores(planted.matrix(), planted.offset(), planted.solution());
    long start = System.nanoTime();
    double[] block = new double[Math.min(n, 4096) * d];
    for (int first = 0; first < n; first += 4096) {
      planted.matrix().read(first, Math.min(4096, n - first), block);
    }
    double reading = Timing.seconds(start); // part of each pass over the source
    start = System.nanoTime();
    Result result =
        inverter.invert(
            new Problem(planted.matrix(), planted.offset(), sigma),
            Options.defaults().withSigns(Signs.positive()));
    double seconds = Timing.seconds(start);
    double off = 0;
    double size = 0;
    for (int j = 0; j < d; j++) {
      off += Math.pow(result.x()[j] - planted.solution()[j], 2);
      size += Math.pow(planted.solution()[j], 2);
    }
    System.out.printf(
        Locale.ROOT,
        "%16s %10.2f %10.2f %8.1f %8.1f %10.1e %10.1e  %s%n",
        n + " x " + d,
        reading,
        seconds,
        result.work(),
        result.passes(),
        result.relativeResidual(),
        Math.sqrt(off / size),
        result.status().word());
  }
}
