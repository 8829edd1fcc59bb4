package org.levinv.benchmark;

import java.nio.file.Path;
import java.util.Locale;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;

/**
 * Solves A.npy, b.npy and sigma.npy of a folder, signs positive, several times in one process and
 * prints the last time as JSON. Arguments: the device's name, the folder.
 */
public final class SolveFiles {
  private static final int RUNS = 3;

  private SolveFiles() {}

  public static void main(String[] args) {
    Path folder = Path.of(args[1]);
    try (RowSource A = Inputs.matrix(folder.resolve("A.npy"));
        Inverter inverter = Inverter.open(args[0], 0)) {
      Problem problem =
          new Problem(
              A,
              Inputs.vector(folder.resolve("b.npy")),
              Inputs.vector(folder.resolve("sigma.npy")));
      Result result = null;
      for (int run = 0; run < RUNS; run++) {
        result = inverter.invert(problem, Options.defaults().withSigns(Signs.positive()));
      }
      System.out.printf(
          Locale.ROOT,
          "{\"seconds\": %.6f, \"relative_residual\": %.3e, \"device\": \"%s\", \"status\": \"%s\"}%n",
          result.seconds(),
          result.relativeResidual(),
          result.device(),
          result.status().word());
    }
  }
}
