package org.levinv;

import java.util.Objects;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;

/**
 * How to solve. Start from {@link #defaults()} and change what matters: {@code
 * Options.defaults().withSigns(Signs.unknown()).withSeed(7)}.
 *
 * @param signs what is known of the signs of Ax - b
 * @param start a start point with the right signs (d values), or null: none is needed
 * @param tolerance relative residual ||sigma(x) - sigma|| / ||sigma|| below which a solve is called
 *     converged. Rounding of A and b sets a floor of about eps cond(A); the solver goes on to the
 *     floor where that is cheap
 * @param maxIterations limit on the steps of every stage
 * @param seed fixes every random draw: the same input, options and device give the same bits
 * @param progress hears how the solve gets on
 * @param local the method, its regulariser and what else belongs to the methods of the paper
 * @param precision of the Gram matrices of early steps, which later ones correct: single precision
 *     saves time where d is large, or where a card has few units for double precision, and leaves
 *     the answer as accurate as it is. It serves the global method
 */
public record Options(
    Signs signs,
    double[] start,
    double tolerance,
    int maxIterations,
    long seed,
    Progress progress,
    LocalOptions local,
    Precision precision) {

  public Options {
    Objects.requireNonNull(signs, "signs");
    Objects.requireNonNull(progress, "progress");
    Objects.requireNonNull(local, "local");
    Objects.requireNonNull(precision, "precision");
    if (!(tolerance > 0 && tolerance < 1)) {
      throw new InvalidInputException(
          "tolerance: expected a number between 0 and 1, got " + tolerance);
    }
    if (maxIterations < 1) {
      throw new InvalidInputException("max-iterations: expected 1 or more, got " + maxIterations);
    }
    if (start != null) {
      start = start.clone();
      for (int j = 0; j < start.length; j++) {
        if (!Double.isFinite(start[j])) {
          throw new InvalidInputException(
              "start, entry " + j + ": expected a finite number, got " + start[j]);
        }
      }
    }
  }

  /**
   * Signs found by trial, no start point, tolerance 1e-10, 500 iterations, seed 0, no progress
   * reports, double precision.
   */
  public static Options defaults() {
    return new Options(
        Signs.auto(), null, 1e-10, 500, 0, Progress.none(), LocalOptions.NONE, Precision.DOUBLE);
  }

  public Options withSigns(Signs value) {
    return new Options(value, start, tolerance, maxIterations, seed, progress, local, precision);
  }

  public Options withStart(double[] value) {
    return new Options(signs, value, tolerance, maxIterations, seed, progress, local, precision);
  }

  public Options withTolerance(double value) {
    return new Options(signs, start, value, maxIterations, seed, progress, local, precision);
  }

  public Options withMaxIterations(int value) {
    return new Options(signs, start, tolerance, value, seed, progress, local, precision);
  }

  public Options withSeed(long value) {
    return new Options(signs, start, tolerance, maxIterations, value, progress, local, precision);
  }

  public Options withProgress(Progress value) {
    return new Options(signs, start, tolerance, maxIterations, seed, value, local, precision);
  }

  public Options withPrecision(Precision value) {
    return new Options(signs, start, tolerance, maxIterations, seed, progress, local, value);
  }

  /** A local method needs a start point. */
  public Options withMethod(Method value) {
    return with(
        new LocalOptions(value, local.regularization(), local.accuracy(), local.certificate()));
  }

  /** omega: one number for every row, or one each. */
  public Options withRegularization(double... value) {
    return with(new LocalOptions(local.method(), value, local.accuracy(), local.certificate()));
  }

  /** Of the sampled Hessian. */
  public Options withAccuracy(double value) {
    return with(
        new LocalOptions(local.method(), local.regularization(), value, local.certificate()));
  }

  /** Whether the answer comes with a certificate. */
  public Options withCertificate(boolean value) {
    return with(new LocalOptions(local.method(), local.regularization(), local.accuracy(), value));
  }

  private Options with(LocalOptions value) {
    return new Options(signs, start, tolerance, maxIterations, seed, progress, value, precision);
  }

  /** Start point and given signs have as many entries as A has columns and rows. */
  public void requireShape(RowSource A) {
    if (start != null && start.length != A.columns()) {
      throw new InvalidInputException(
          "start: expected "
              + A.columns()
              + " entries, one for each column of the matrix, got "
              + start.length);
    }
    if (signs.kind() == Signs.Kind.GIVEN && signs.values().length != A.rows()) {
      throw new InvalidInputException(
          "signs: expected "
              + A.rows()
              + " entries, one for each row of the matrix, got "
              + signs.values().length);
    }
  }
}
