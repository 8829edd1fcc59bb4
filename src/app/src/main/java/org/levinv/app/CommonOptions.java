package org.levinv.app;

import java.time.Instant;
import org.levinv.Estimate;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.device.DeviceException;
import org.levinv.device.RowSource;
import org.levinv.files.Digests;
import org.levinv.files.Provenance;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options of every command that computes. */
final class CommonOptions {
  @Option(
      names = {"-d", "--device"},
      paramLabel = "DEVICE",
      defaultValue = "auto",
      completionCandidates = Words.Devices.class,
      description =
          "auto (default: the first card that works where n d^2 is 1e8 or more, else cpu),"
              + " cuda (the first card that works),"
              + " cuda:K (card K), cuda:K,L,... or cuda:all (cards that share the rows), cpu or"
              + " reference; see levinv devices.")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Use at most N cores; 0 (default): what OMP_NUM_THREADS, OPENBLAS_NUM_THREADS,"
              + " MKL_NUM_THREADS (or that of another BLAS) or SLURM_CPUS_PER_TASK says, else all.")
  private int threads;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but warnings and failures.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Print a line on standard error for each step of a search.")
  private boolean verbose;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  private final Instant started = Instant.now();

  boolean quiet() {
    return quiet;
  }

  /** Before any work. */
  void check() {
    if (threads < 0) {
      throw new InvalidInputException("--threads: expected 0 or more, got " + threads);
    }
    if (quiet && verbose) {
      throw new InvalidInputException("--quiet: expected not to be given with --verbose");
    }
  }

  /** Shows what is going on, until it is closed. */
  StatusLine line(Screen screen) {
    return StatusLine.on(screen, quiet, verbose);
  }

  /** Below this many multiplications, n d^2, a solve is over before anything can be said of it. */
  private static final double LONG = 1e9;

  /** Says what is to be expected of a search that may take long, which begins now. */
  void begin(StatusLine line, Inverter inverter, RowSource A, Options options) {
    boolean mayBeLong = (double) A.rows() * A.columns() * A.columns() >= LONG && !quiet;
    Estimate estimate = mayBeLong && options != null ? inverter.estimate(A, options) : null;
    line.begin(A.rows(), inverter.device(), estimate);
  }

  /**
   * Where a result comes from.
   *
   * @param digests of the inputs; those that are not there yet are left out where the run is to end
   */
  Provenance provenance(Inverter inverter, Digests digests, boolean wait) {
    return new Provenance(
        Main.Version.number(),
        started,
        command.root().commandLine().getParseResult().originalArgs(),
        inverter.threads(),
        digests.take(wait));
  }

  /** For this matrix; see {@link #open(long, int)}. */
  Inverter open(RowSource A) {
    return open(A.rows(), A.columns());
  }

  /** A device that cannot be opened is a matter of what was asked for. */
  Inverter open(long rows, int columns) {
    try {
      return Inverter.open(device, threads, rows, columns);
    } catch (DeviceException e) {
      throw new InvalidInputException(e.getMessage(), e);
    }
  }
}
