package org.levinv.app;

import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.device.DeviceException;
import picocli.CommandLine.Option;

/** Options of every command that computes. */
final class CommonOptions {
  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description =
          "auto (default: the first card that works, else cpu), cuda (the first card that works),"
              + " cuda:K (card K), cuda:K,L,... or cuda:all (cards that share the rows), cpu or"
              + " reference; see levinv devices.")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Use at most N cores; 0 (default): what OMP_NUM_THREADS, OPENBLAS_NUM_THREADS or"
              + " SLURM_CPUS_PER_TASK says, else all.")
  private int threads;

  @Option(names = "--quiet", description = "Print nothing but failures.")
  private boolean quiet;

  boolean quiet() {
    return quiet;
  }

  /** Before any work. */
  void check() {
    if (threads < 0) {
      throw new InvalidInputException("--threads: expected 0 or more, got " + threads);
    }
  }

  /** A device that cannot be opened is a matter of what was asked for. */
  Inverter open() {
    try {
      return Inverter.open(device, threads);
    } catch (DeviceException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }
}
