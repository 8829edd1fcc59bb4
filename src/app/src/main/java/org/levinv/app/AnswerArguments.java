package org.levinv.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.levinv.Evaluation;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.RowSink;
import org.levinv.Status;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.app.report.History;
import org.levinv.app.report.Report;
import org.levinv.app.report.RowCounts;
import org.levinv.device.DeviceException;
import org.levinv.files.Inputs;
import org.levinv.files.ResultFiles;
import org.levinv.files.RowsAtAnswer;
import picocli.CommandLine.Option;

/**
 * What else a solve leaves beside its answer: numbers of every row, which one reading more tells.
 */
public final class AnswerArguments {
  private static final String NOT_SEEN = "rows were not looked at: ";

  private static final String REPORT = "report.html";

  /** A vector with one number for each row at the answer. */
  public enum RowVector {
    SCORES,
    RESIDUALS,
    SLACKS;

    String file() {
      return name().toLowerCase(Locale.ROOT) + ".npy";
    }
  }

  /** Hears of the rows at the answer; targets are null where the problem has none. */
  @FunctionalInterface
  private interface Rows {
    void write(long first, int count, double[] slacks, double[] scores, double[] targets)
        throws IOException;
  }

  /**
   * What became of it.
   *
   * @param said in result.json, or null where nothing was asked for
   * @param code the exit code of what went wrong, or 0
   */
  public record Written(RowsAtAnswer said, int code) {

    /** No rows, and why. */
    public static Written not(String why, int code) {
      return new Written(new RowsAtAnswer(List.of(), null, NOT_SEEN + why), code);
    }
  }

  /** What is known of all rows. */
  private record Seen(RowCounts counts, Evaluation cost, String missing, int code) {
    static Seen not(String missing, int code) {
      return new Seen(null, null, missing, code);
    }
  }

  @Option(
      names = "--write",
      paramLabel = "VECTOR",
      split = ",",
      converter = Words.RowVectors.class,
      completionCandidates = Words.RowVectors.class,
      description =
          "Also write scores.npy, residuals.npy (scores - target) or slacks.npy (Ax - b) at the"
              + " answer: scores, residuals, slacks, or several with commas.")
  private List<RowVector> vectors;

  @Option(
      names = "--report",
      description =
          "Also write report.html: figures and plots of scores, residuals, convergence, slacks and"
              + " x, on one page that needs no network.")
  private boolean report;

  /** The files, before any work. */
  String[] files() {
    List<String> names = new ArrayList<>(vectorFiles());
    if (report) {
      names.add(REPORT);
    }
    return names.toArray(String[]::new);
  }

  private List<String> vectorFiles() {
    return asked().stream().map(RowVector::file).toList();
  }

  private Set<RowVector> asked() {
    return asked(vectors);
  }

  /**
   * What was asked for of each row.
   *
   * @param vectors those of an option, or null where it was not given
   */
  public static Set<RowVector> asked(List<RowVector> vectors) {
    if (vectors == null) {
      return EnumSet.noneOf(RowVector.class);
    }
    if (vectors.isEmpty()) { // commas alone
      throw new InvalidInputException("--write: expected scores, residuals or slacks, got none");
    }
    return EnumSet.copyOf(vectors);
  }

  /** For a problem without target scores. */
  void refuseResiduals() {
    if (asked().contains(RowVector.RESIDUALS)) {
      throw new InvalidInputException(
          "--write residuals: expected scores or slacks, since the target is no vector of scores");
    }
  }

  /** What a solve should report to: its history, or what that hands on to. */
  Progress listen(History history, Progress line) {
    return report ? history : line;
  }

  /**
   * Stages what was asked for, in one more evaluation of the scores. Where that fails there are no
   * vectors, and the answer stands.
   *
   * @param sigma the target, or null
   * @param history of the solve
   */
  Written write(
      ResultFiles files,
      Inverter inverter,
      Model model,
      VectorSource sigma,
      Result result,
      Options options,
      History history) {
    if (files().length == 0) {
      return new Written(null, Main.SUCCESS);
    }
    Seen seen = look(files, inverter, model, sigma, result, options);
    List<String> written = new ArrayList<>();
    String message = null;
    if (seen.missing() == null) {
      written.addAll(vectorFiles());
    } else {
      for (String name : vectorFiles()) {
        files.drop(name);
        files.remove(name);
      }
      message = NOT_SEEN + seen.missing();
    }
    if (report) {
      files.stage(REPORT, out -> write(out, html(result, model, options, history, seen)));
      written.add(REPORT);
    }
    return new Written(new RowsAtAnswer(written, seen.cost(), message), seen.code());
  }

  /** Why the rows at an answer are not to be looked at, or null. */
  public static String noneAt(Result result) {
    if (!ResultFiles.isFinite(result.x())) {
      return "there is no x";
    }
    boolean isCutOff =
        result.status() == Status.INTERRUPTED || result.status() == Status.DEVICE_FAILED;
    return isCutOff ? "the solve ended with " + result.status().word() : null;
  }

  private Seen look(
      ResultFiles files,
      Inverter inverter,
      Model model,
      VectorSource sigma,
      Result result,
      Options options) {
    String none = noneAt(result);
    if (none != null) {
      return Seen.not(none, Main.SUCCESS);
    }
    try {
      List<Rows> takers = new ArrayList<>();
      for (RowVector vector : asked()) {
        takers.add(taker(vector, files.stage(vector.file(), model.A().rows())));
      }
      RowCounts counts = report ? new RowCounts(model.A().rows(), sigma != null) : null;
      if (report) {
        takers.add(counts::add);
      }
      Options unlimited = options.withTimeLimit(null).withMaxWork(Double.POSITIVE_INFINITY);
      Evaluation cost = inverter.evaluate(model, result.x(), unlimited, all(takers, sigma));
      return cost.complete()
          ? new Seen(counts, cost, null, Main.SUCCESS)
          : Seen.not("interrupted", Main.INTERRUPTED);
    } catch (InvalidInputException e) {
      return Seen.not(e.getMessage(), Main.SUCCESS);
    } catch (DeviceException e) {
      return Seen.not(e.getMessage(), Main.DEVICE_FAILURE);
    } catch (IOException e) {
      return Seen.not(e.getMessage(), Main.BAD_INPUT);
    }
  }

  private String html(Result result, Model model, Options options, History history, Seen seen) {
    Conclusion conclusion =
        Conclusion.ofAnswer(
            result.status().word(),
            options.local().regularization() != null,
            ResultFiles.isFinite(result.x()),
            result.relativeResidual());
    return Report.of(
        new Report.Heading(conclusion.sentence(), conclusion.next(), Main.Version.number()),
        result,
        Inputs.columnNames(model.A()),
        history,
        StageWords::of,
        seen.counts(),
        seen.cost(),
        seen.missing());
  }

  private static void write(WritableByteChannel out, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Says what is missing of it, which does not change what was found. */
  public static int exitCode(Result result, Written rows, Screen screen) {
    if (rows.said() != null && rows.said().message() != null) {
      screen.problem("warning: " + rows.said().message());
    }
    return result.status().usable() && rows.code() != Main.SUCCESS
        ? rows.code()
        : Main.exitCode(result.status());
  }

  private static RowSink all(List<Rows> takers, VectorSource sigma) {
    return (first, count, slacks, scores) -> {
      double[] targets = null;
      if (sigma != null) {
        targets = new double[count];
        sigma.read(first, count, targets, 0);
      }
      for (Rows taker : takers) {
        taker.write(first, count, slacks, scores, targets);
      }
    };
  }

  private static Rows taker(RowVector vector, VectorSink file) {
    return switch (vector) {
      case SCORES -> (first, count, slacks, scores, targets) -> file.write(first, count, scores);
      case SLACKS -> (first, count, slacks, scores, targets) -> file.write(first, count, slacks);
      case RESIDUALS ->
          (first, count, slacks, scores, targets) -> {
            double[] residuals = new double[count];
            for (int i = 0; i < count; i++) {
              residuals[i] = scores[i] - targets[i];
            }
            file.write(first, count, residuals);
          };
    };
  }
}
