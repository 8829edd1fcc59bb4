package org.levinv.app;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Progress;
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
              + " seconds, or with 0 as often as it moves. A later run with the same inputs and options goes on from there. The file"
              + " goes when the search has ended by itself.")
  private Double seconds;

  /** Before any work. */
  void check() {
    if (seconds != null && !(seconds >= 0)) {
      throw new InvalidInputException(
          "--checkpoint: expected a number of seconds, 0 or more, got " + seconds);
    }
  }

  /** Gives the provenance of this run, with the digests that are there or with all. */
  @FunctionalInterface
  interface Sources {
    Provenance get(boolean wait);
  }

  /**
   * What is kept of one search, and what an earlier run has kept of it.
   *
   * @param out the folder of its result
   * @param options of the search
   * @param more that leads to another answer
   */
  Kept keep(
      Path out,
      Options options,
      Map<String, String> more,
      Screen screen,
      StatusLine line,
      Sources provenance) {
    return new Kept(new Checkpoint(out, options, more), options, screen, line, provenance);
  }

  /** The checkpoint of one search; none where none was asked for. */
  final class Kept {
    private final Checkpoint checkpoint;
    private final Options options;
    private final Screen screen;
    private final StatusLine line;
    private final Sources provenance;
    private final Standing earlier;
    private final boolean hasEnded;
    private Standing newest;
    private Standing last;
    private boolean isMarked;
    private long written = System.nanoTime();

    private Kept(
        Checkpoint checkpoint,
        Options options,
        Screen screen,
        StatusLine line,
        Sources provenance) {
      this.checkpoint = checkpoint;
      this.options = options;
      this.screen = screen;
      this.line = line;
      this.provenance = provenance;
      boolean isThere = seconds != null && checkpoint.exists();
      if (isThere) {
        line.doing("comparing the inputs with those of the checkpoint");
      }
      earlier = isThere ? checkpoint.read(provenance.get(true)) : null;
      hasEnded = isThere && earlier == null && checkpoint.hasResult();
    }

    /** Whether an earlier run has found the result, which is there. */
    boolean hasEnded() {
      return hasEnded;
    }

    /**
     * The options, with where an earlier run stood.
     *
     * @param columns d
     */
    Options resume(int columns) {
      if (earlier == null) {
        return options;
      }
      boolean isState =
          earlier.stage() == Standing.Stage.WEIGHTS || earlier.stage() == Standing.Stage.LOCATION;
      if (!isState && earlier.x() != null && earlier.x().length != columns) {
        throw new InvalidInputException(
            checkpoint.file()
                + ": expected an x of "
                + columns
                + (columns == 1 ? " entry" : " entries")
                + ", one for each column of the matrix, got "
                + earlier.x().length);
      }
      line.goingOn(earlier);
      return options.withStanding(earlier);
    }

    /** What a search should report to, which hands on to {@code next}. */
    Progress listen(Progress next) {
      return seconds == null ? next : new Writing(next, this);
    }

    private void hear(Standing standing) {
      newest = standing;
      if (System.nanoTime() - written >= seconds * 1e9) {
        write();
      }
    }

    /**
     * What this run has spent where it was stopped: more than at its last standing, and all of it
     * is gone.
     */
    void spent(double work, double seconds) {
      Standing from = newest == null ? earlier : newest;
      if (from == null) {
        return; // there is nothing to go on from
      }
      double allWork = work + (earlier == null ? 0 : earlier.work());
      double allSeconds = seconds + (earlier == null ? 0 : earlier.seconds());
      if (from.work() != allWork || from.seconds() != allSeconds) {
        newest =
            new Standing(
                from.stage(), from.searches(), from.attempts(), from.x(), allWork, allSeconds);
      }
    }

    /**
     * Of a search that ended by itself nothing is left to go on from, nor of an earlier one whose
     * result it replaced; else the last is kept.
     */
    void end(boolean isStopped) {
      if (!isStopped) {
        checkpoint.remove();
      } else if (seconds != null) {
        write();
      }
    }

    /** Says that the search has ended by itself, where others are to follow. */
    void markEnded() {
      if (seconds == null) {
        checkpoint.remove();
      } else if (!isMarked) {
        checkpoint.write(null, provenance.get(true));
        isMarked = true;
      }
    }

    /** A checkpoint that cannot be written is no reason to end the search. */
    private void write() {
      if (newest == last) {
        return; // or there is none
      }
      Provenance known = provenance.get(false);
      boolean isKnown = known.inputs().values().stream().allMatch(file -> file.sha256() != null);
      if (!isKnown) {
        return; // digests are on their way: without them no run would go on from here
      }
      try {
        checkpoint.write(newest, known);
        last = newest;
      } catch (OutputException e) {
        screen.problem("warning: no checkpoint: " + e.getMessage());
      }
      written = System.nanoTime();
    }
  }

  /** Keeps the newest standing, and hands all on. */
  private record Writing(Progress next, Kept kept) implements Progress {
    @Override
    public void standing(Supplier<Standing> now) {
      Standing standing = now.get();
      kept.hear(standing);
      next.standing(() -> standing);
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
