package org.levinv.app;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.app.report.History;
import org.levinv.files.Inputs;
import org.levinv.files.ResultFiles;
import org.levinv.files.ResultFolder;

/** One search for an x, from what an earlier run has left of it to its files and words. */
final class Search {

  /**
   * What the searches of a command share.
   *
   * @param screen for their words
   * @param line shows what is going on
   * @param inverter solves
   */
  record Context(
      Screen screen,
      CommonOptions common,
      AnswerArguments answer,
      CheckpointArguments checkpoint,
      StatusLine line,
      Inverter inverter) {}

  private final Context with;
  private final Path out;
  private final Model model;
  private final VectorSource sigma;
  private final CheckpointArguments.Sources provenance;
  private final CheckpointArguments.Kept kept;
  private final History history;
  private Options options;
  private Options heard;
  private Result result;
  private boolean isWritten;
  private String heading = "";

  /**
   * @param out the folder of its result
   * @param sigma the target scores, or null
   * @param options that were given
   * @param more that leads to another answer, by the words of the command line
   */
  Search(
      Context with,
      Path out,
      Model model,
      VectorSource sigma,
      Options options,
      Map<String, String> more,
      CheckpointArguments.Sources provenance) {
    this.with = with;
    this.out = out;
    this.model = model;
    this.sigma = sigma;
    this.options = options;
    this.provenance = provenance;
    kept = with.checkpoint().keep(out, options, more, with.screen(), with.line(), provenance);
    history = new History(with.line());
  }

  /** It is one of several, whose words begin with the folder. */
  Search amongOthers() {
    heading = out + ": ";
    return this;
  }

  /** Whether it has ended by itself, in this run or an earlier one. */
  boolean hasEnded() {
    return result == null ? kept.hasEnded() : !result.status().stopped();
  }

  /** It begins with these options, which go on from where an earlier run stood. */
  Options begin() {
    options = kept.resume(model.A().columns());
    heard = options.withProgress(kept.listen(with.answer().listen(history, with.line())));
    return heard;
  }

  /** The target scores, or null. */
  VectorSource sigma() {
    return sigma;
  }

  /**
   * All of it, where it is the only one.
   *
   * @return the exit code
   */
  int run(Function<Options, Result> solve) {
    found(solve.apply(begin()));
    int code = finish();
    end();
    say();
    return code;
  }

  /** It has ended so; nothing of it is written yet. */
  void found(Result how) {
    result = how;
  }

  /** Writes the answer before its rows are looked at. */
  void write() {
    try (ResultFiles files = ResultFiles.in(out)) {
      stage(files, null);
      files.commit();
    }
    isWritten = true;
    if (with.answer().files().length == 0) {
      markEnd();
    }
  }

  /**
   * Writes what is not written yet, with what was asked for of all rows. The exit code, 0 where it
   * has not begun.
   */
  int finish() {
    if (result == null) {
      return kept.hasEnded() ? foundEarlier() : Main.SUCCESS;
    }
    AnswerArguments.Written rows = new AnswerArguments.Written(null, Main.SUCCESS);
    if (!isWritten || with.answer().files().length > 0) {
      with.line().doing("looking at every row at the answer");
      try (ResultFiles files = ResultFiles.in(out)) {
        rows = with.answer().write(files, with.inverter(), model, sigma, result, heard, history);
        stage(files, rows);
        files.commit();
      }
    }
    return AnswerArguments.exitCode(result, rows, with.screen());
  }

  private int foundEarlier() {
    String word = ResultFolder.read(out).text("status");
    if (!with.common().quiet()) {
      with.screen().say(out + ": " + word + ", found by an earlier run");
    }
    return Arrays.stream(Status.values())
        .filter(status -> status.word().equals(word))
        .findFirst()
        .map(Main::exitCode)
        .orElse(Main.NO_ANSWER);
  }

  /** What is left to go on from: nothing where it has ended by itself. */
  void end() {
    if (result != null && !hasEnded()) {
      kept.spent(result.work(), result.seconds());
    }
    kept.end(!hasEnded());
  }

  /** Likewise where others follow: a later run does not begin it again. */
  void markEnd() {
    if (result != null && hasEnded()) {
      kept.markEnded();
    } else if (result != null) {
      end();
    }
  }

  private void stage(ResultFiles files, AnswerArguments.Written rows) {
    files.stage(
        result,
        options,
        Inputs.columnNames(model.A()),
        provenance.get(result.status() != Status.INTERRUPTED),
        rows == null ? null : rows.said());
  }

  /** What the result says to people. */
  void say() {
    with.line().clear();
    ResultWords.say(heading, result, with.screen(), with.common().quiet());
  }
}
