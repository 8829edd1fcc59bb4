package org.levinv.app;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.levinv.Evaluation;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.RowSink;
import org.levinv.Status;
import org.levinv.VectorSink;
import org.levinv.VectorSource;
import org.levinv.device.DeviceException;
import org.levinv.device.RowSource;
import org.levinv.files.ResultFiles;
import org.levinv.files.RowsAtAnswer;
import picocli.CommandLine.Option;

/**
 * What else a solve leaves beside its answer: numbers of every row, which one reading more tells.
 */
final class AnswerArguments {

  /** A vector with one number for each row at the answer. */
  enum RowVector {
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
  record Written(RowsAtAnswer said, int code) {}

  @Option(
      names = "--write",
      paramLabel = "VECTOR",
      split = ",",
      description =
          "Also write scores.npy, residuals.npy (scores - target) or slacks.npy (Ax - b) at the"
              + " answer: scores, residuals, slacks, or several with commas.")
  private List<RowVector> vectors = List.of();

  /** The files, before any work. */
  String[] files() {
    return asked().stream().map(RowVector::file).toArray(String[]::new);
  }

  private Set<RowVector> asked() {
    return vectors.isEmpty() ? EnumSet.noneOf(RowVector.class) : EnumSet.copyOf(vectors);
  }

  /** For a problem without target scores. */
  void refuseResiduals() {
    if (asked().contains(RowVector.RESIDUALS)) {
      throw new InvalidInputException(
          "--write residuals: expected scores or slacks, since the target is no vector of scores");
    }
  }

  /**
   * Stages what was asked for, in one more evaluation of the scores. Where that fails nothing of it
   * is left, and the answer stands.
   *
   * @param sigma the target, or null
   */
  Written write(
      ResultFiles files,
      Inverter inverter,
      RowSource A,
      VectorSource b,
      VectorSource sigma,
      Result result,
      Options options) {
    Set<RowVector> asked = asked();
    if (asked.isEmpty()) {
      return new Written(null, Main.SUCCESS);
    }
    if (!ResultFiles.isFinite(result.x())) {
      return failed(files, "there is no x", Main.SUCCESS);
    }
    if (result.status() == Status.INTERRUPTED || result.status() == Status.DEVICE_FAILED) {
      return failed(files, "the solve was " + result.status().word(), Main.SUCCESS);
    }
    try {
      List<Rows> takers = new ArrayList<>();
      for (RowVector vector : asked) {
        takers.add(taker(vector, files.stage(vector.file(), A.rows())));
      }
      Options unlimited = options.withTimeLimit(null).withMaxWork(Double.POSITIVE_INFINITY);
      Evaluation cost = inverter.evaluate(A, b, result.x(), unlimited, all(takers, sigma));
      return cost.complete()
          ? new Written(new RowsAtAnswer(List.of(files()), cost, null), Main.SUCCESS)
          : failed(files, "interrupted", Main.INTERRUPTED);
    } catch (InvalidInputException e) {
      return failed(files, e.getMessage(), Main.SUCCESS);
    } catch (DeviceException e) {
      return failed(files, e.getMessage(), Main.DEVICE_FAILURE);
    } catch (IOException e) {
      return failed(files, e.getMessage(), Main.BAD_INPUT);
    }
  }

  /** Says what is missing of it, which does not change what was found. */
  int exitCode(Result result, Written rows, Screen screen) {
    if (rows.said() != null && rows.said().message() != null) {
      screen.problem("warning: " + rows.said().message());
    }
    return result.status().usable() && rows.code() != Main.SUCCESS
        ? rows.code()
        : Main.exitCode(result.status());
  }

  private Written failed(ResultFiles files, String reason, int code) {
    for (String name : files()) {
      files.drop(name);
      files.remove(name);
    }
    String message = "no " + String.join(", ", files()) + ": " + reason;
    return new Written(new RowsAtAnswer(List.of(), null, message), code);
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
