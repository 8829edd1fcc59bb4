package org.levinv.app;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.Standing;
import org.levinv.files.Checkpoint;
import org.levinv.files.OutputException;
import org.levinv.files.Provenance;
import picocli.CommandLine.Option;

/** What keeps the work of a search that is killed. */
final class CheckpointArguments {
  @Option(
      names = "--checkpoint",
      paramLabel = "SECONDS",
      description =
          "Write the best x and where the search stands to DIR/checkpoint.json every so many"
              + " seconds. A later run with the same inputs and options goes on from there. The file"
              + " goes when the search has ended by itself.")
  private Double seconds;

  private Checkpoint checkpoint;
  private Writing writing;

  /** Before any work. */
  void check() {
    if (seconds != null && !(seconds >= 0)) {
      throw new InvalidInputException(
          "--checkpoint: expected a number of seconds, 0 or more, got " + seconds);
    }
  }

  boolean isOn() {
    return seconds != null;
  }

  /**
   * The options with what an earlier run left in the folder.
   *
   * @param provenance of this run; with the digests of all inputs where it is to wait for them
   */
  Options resume(Path out, Options options, StatusLine line, Sources provenance) {
    if (!isOn()) {
      return options;
    }
    checkpoint = new Checkpoint(out, options);
    if (!checkpoint.exists()) {
      return options;
    }
    line.doing("comparing the inputs with those of the checkpoint");
    Standing standing = checkpoint.read(provenance.get(true));
    line.goingOn(standing);
    return options.withStanding(standing);
  }

  /** Gives the provenance of this run, with the digests that are there or with all. */
  @FunctionalInterface
  interface Sources {
    Provenance get(boolean wait);
  }

  /** What a solve should report to, which hands on to {@code next}. */
  Progress listen(Progress next, Screen screen, Sources provenance) {
    if (!isOn()) {
      return next;
    }
    writing = new Writing(next, screen, provenance);
    return writing;
  }

  /** Of a search that ended by itself nothing is left to go on from; else the last is kept. */
  void end(Result result) {
    if (!isOn()) {
      return;
    }
    if (result.status().stopped()) {
      writing.write();
    } else {
      checkpoint.remove();
    }
  }

  /** Writes the newest standing where the time has come. */
  private final class Writing implements Progress {
    private final Progress next;
    private final Screen screen;
    private final Sources provenance;
    private Standing newest;
    private long written = System.nanoTime();

    Writing(Progress next, Screen screen, Sources provenance) {
      this.next = next;
      this.screen = screen;
      this.provenance = provenance;
    }

    @Override
    public void standing(Supplier<Standing> now) {
      newest = now.get();
      next.standing(() -> newest);
      if (System.nanoTime() - written >= seconds * 1e9) {
        write();
      }
    }

    /** A checkpoint that cannot be written is no reason to end the search. */
    void write() {
      Provenance known = provenance.get(false);
      boolean isKnown = known.inputs().values().stream().allMatch(file -> file.sha256() != null);
      if (newest == null || !isKnown) {
        return; // digests are on their way: without them no run would go on from here
      }
      try {
        checkpoint.write(newest, known);
      } catch (OutputException e) {
        screen.problem("warning: no checkpoint: " + e.getMessage());
      }
      written = System.nanoTime();
    }

    @Override
    public void step(Step step) {
      next.step(step);
    }

    @Override
    public void attempt(int number, long rows) {
      next.attempt(number, rows);
    }

    @Override
    public void reading(double share) {
      next.reading(share);
    }

    @Override
    public boolean stop() {
      return next.stop();
    }
  }
}
