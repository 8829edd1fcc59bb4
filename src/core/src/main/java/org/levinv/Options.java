package org.levinv;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.levinv.device.Precision;

/**
 * How to solve. Start from {@link #defaults()} and change what matters: {@code
 * Options.defaults().withSigns(Signs.unknown()).withSeed(7)}, or {@code
 * Options.builder().signs(Signs.unknown()).seed(7).build()}. The constructor has one argument more
 * with each option that is added; these have not.
 *
 * @param signs what is known of the signs of Ax - b
 * @param start a point to begin at (d values), or null. The local methods need one with the right
 *     signs; the global method tries it first, and searches where it leads nowhere
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
 * @param timeLimit after which a solve ends with the best x so far, or null for none
 * @param maxWork units of n d^2 flops after which it does likewise; infinite for no limit, NaN for
 *     that of the method: {@value #GLOBAL_WORK} for the global one, none for local ones
 * @param memory bytes that rows and their buffers may take, outside the Java heap; 0 for what the
 *     machine leaves. Where A does not fit, it is read in passes
 * @param digits decimals that the target scores were rounded to, or -1 where that is not known: a
 *     look at them tells
 * @param scoreError a standard deviation of the target scores, or 0 where that is not known
 * @param orientation which of x and -x is given where both have the same scores
 * @param standing where an earlier run stood with the same problem and options, to go on from
 *     there, or null
 */
public record Options(
    Signs signs,
    double[] start,
    double tolerance,
    int maxIterations,
    long seed,
    Progress progress,
    LocalOptions local,
    Precision precision,
    Duration timeLimit,
    double maxWork,
    long memory,
    int digits,
    double scoreError,
    Orientation orientation,
    Standing standing) {

  /**
   * Work of the global method at most, in units of n d^2 flops: more than any problem of the
   * campaigns needed that was solved in the end.
   */
  public static final double GLOBAL_WORK = 2000;

  /** Decimals at most: doubles have no more. */
  private static final int MOST_DIGITS = 17;

  public Options {
    Objects.requireNonNull(signs, "signs");
    Objects.requireNonNull(progress, "progress");
    Objects.requireNonNull(local, "local");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(orientation, "orientation");
    require(tolerance > 0 && tolerance < 1, "tolerance", "a number between 0 and 1", tolerance);
    require(maxIterations >= 1, "max-iterations", "1 or more", maxIterations);
    require(
        timeLimit == null || !timeLimit.isNegative() && !timeLimit.isZero(),
        "time-limit",
        "a time above 0",
        timeLimit);
    require(!(maxWork <= 0), "max-work", "a number above 0", maxWork);
    require(memory >= 0, "memory", "a number of bytes, or 0 for what there is", memory);
    require(
        digits >= -1 && digits <= MOST_DIGITS,
        "digits",
        "a number of decimals from 0 to " + MOST_DIGITS,
        digits);
    require(
        scoreError >= 0 && scoreError < 1,
        "score-error",
        "a standard deviation above 0 and below 1",
        scoreError);
    require(
        digits < 0 || scoreError == 0,
        "score-error",
        "either a standard deviation of the scores or their digits",
        "both");
    if (start != null) {
      start = start.clone();
      for (int j = 0; j < start.length; j++) {
        require(Double.isFinite(start[j]), "start, entry " + j, "a finite number", start[j]);
      }
    }
  }

  private static void require(boolean holds, String what, String expected, Object got) {
    if (!holds) {
      throw new InvalidInputException(what + ": expected " + expected + ", got " + got);
    }
  }

  /**
   * Signs found by trial, no start point, tolerance 1e-10, 500 iterations, seed 0, no progress
   * reports, double precision, no limit on time, that of the method on work, what memory there is,
   * scores whose digits tell how far they are exact, any orientation.
   */
  public static Options defaults() {
    return new Options(
        Signs.auto(),
        null,
        1e-10,
        500,
        0,
        Progress.none(),
        LocalOptions.NONE,
        Precision.DOUBLE,
        null,
        Double.NaN,
        0,
        -1,
        0,
        Orientation.ANY,
        null);
  }

  public Options withSigns(Signs value) {
    return with(changed -> changed.signs = value);
  }

  public Options withStart(double[] value) {
    return with(changed -> changed.start = value);
  }

  public Options withTolerance(double value) {
    return with(changed -> changed.tolerance = value);
  }

  public Options withMaxIterations(int value) {
    return with(changed -> changed.maxIterations = value);
  }

  public Options withSeed(long value) {
    return with(changed -> changed.seed = value);
  }

  public Options withProgress(Progress value) {
    return with(changed -> changed.progress = value);
  }

  public Options withPrecision(Precision value) {
    return with(changed -> changed.precision = value);
  }

  /** Null for no limit. */
  public Options withTimeLimit(Duration value) {
    return with(changed -> changed.timeLimit = value);
  }

  /** In units of n d^2 flops; infinite for no limit, NaN for that of the method. */
  public Options withMaxWork(double value) {
    return with(changed -> changed.maxWork = value);
  }

  /** In bytes; 0 for what there is. */
  public Options withMemory(long value) {
    return with(changed -> changed.memory = value);
  }

  /** Decimals of the target scores; -1 for those that a look at them shows. */
  public Options withDigits(int value) {
    return with(changed -> changed.digits = value);
  }

  /** The standard deviation of each target score; 0 where it is not known. */
  public Options withScoreError(double value) {
    return with(changed -> changed.scoreError = value);
  }

  /** Which of x and -x is given where both have the same scores. */
  public Options withOrientation(Orientation value) {
    return with(changed -> changed.orientation = value);
  }

  /** Where an earlier run stood; null to begin at the beginning. */
  public Options withStanding(Standing value) {
    return with(changed -> changed.standing = value);
  }

  /** A local method needs a start point. */
  public Options withMethod(Method value) {
    return withLocal(
        new LocalOptions(value, local.regularization(), local.accuracy(), local.certificate()));
  }

  /** omega: one number for every row, or one each. */
  public Options withRegularization(double... value) {
    return withLocal(
        new LocalOptions(local.method(), value, local.accuracy(), local.certificate()));
  }

  /** Of the sampled Hessian. */
  public Options withAccuracy(double value) {
    return withLocal(
        new LocalOptions(local.method(), local.regularization(), value, local.certificate()));
  }

  /** Whether the answer comes with a certificate. */
  public Options withCertificate(boolean value) {
    return withLocal(
        new LocalOptions(local.method(), local.regularization(), local.accuracy(), value));
  }

  private Options withLocal(LocalOptions value) {
    return with(changed -> changed.local = value);
  }

  /** Those that decide x, one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "signs %s, method %s%s, tolerance %.3g, at most %d iterations, seed %d, %s precision",
        signs,
        local.method().word(),
        start == null ? "" : " from " + Arrays.toString(start),
        tolerance,
        maxIterations,
        seed,
        precision.name().toLowerCase(Locale.ROOT));
  }

  private Options with(Consumer<Builder> change) {
    Builder draft = toBuilder();
    change.accept(draft);
    return draft.build();
  }

  /** Starts from the defaults. */
  public static Builder builder() {
    return defaults().toBuilder();
  }

  /** Starts from these. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Options that are not complete yet; {@link #build} checks them. */
  public static final class Builder {
    private Signs signs;
    private double[] start;
    private double tolerance;
    private int maxIterations;
    private long seed;
    private Progress progress;
    private LocalOptions local;
    private Precision precision;
    private Duration timeLimit;
    private double maxWork;
    private long memory;
    private int digits;
    private double scoreError;
    private Orientation orientation;
    private Standing standing;

    private Builder(Options from) {
      signs = from.signs;
      start = from.start;
      tolerance = from.tolerance;
      maxIterations = from.maxIterations;
      seed = from.seed;
      progress = from.progress;
      local = from.local;
      precision = from.precision;
      timeLimit = from.timeLimit;
      maxWork = from.maxWork;
      memory = from.memory;
      digits = from.digits;
      scoreError = from.scoreError;
      orientation = from.orientation;
      standing = from.standing;
    }

    /** What is known of the signs of Ax - b. */
    public Builder signs(Signs value) {
      signs = value;
      return this;
    }

    /** d values, or null. */
    public Builder start(double[] value) {
      start = value;
      return this;
    }

    /** Relative residual that counts as converged. */
    public Builder tolerance(double value) {
      tolerance = value;
      return this;
    }

    /** Limit on the steps of every stage. */
    public Builder maxIterations(int value) {
      maxIterations = value;
      return this;
    }

    /** Of every random draw. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Hears how the solve gets on. */
    public Builder progress(Progress value) {
      progress = value;
      return this;
    }

    /** The method, its regulariser and the rest of the local methods. */
    public Builder local(LocalOptions value) {
      local = value;
      return this;
    }

    /** Of early Gram matrices. */
    public Builder precision(Precision value) {
      precision = value;
      return this;
    }

    /** Null for no limit. */
    public Builder timeLimit(Duration value) {
      timeLimit = value;
      return this;
    }

    /** In units of n d^2 flops; infinite for no limit, NaN for that of the method. */
    public Builder maxWork(double value) {
      maxWork = value;
      return this;
    }

    /** In bytes; 0 for what there is. */
    public Builder memory(long value) {
      memory = value;
      return this;
    }

    /** Decimals of the target scores; -1 for those that a look at them shows. */
    public Builder digits(int value) {
      digits = value;
      return this;
    }

    /** The standard deviation of each target score; 0 where it is not known. */
    public Builder scoreError(double value) {
      scoreError = value;
      return this;
    }

    /** Which of x and -x is given where both have the same scores. */
    public Builder orientation(Orientation value) {
      orientation = value;
      return this;
    }

    /** Where an earlier run stood; null to begin at the beginning. */
    public Builder standing(Standing value) {
      standing = value;
      return this;
    }

    /**
     * The options.
     *
     * @throws InvalidInputException if one of them cannot be used
     */
    public Options build() {
      return new Options(
          signs,
          start,
          tolerance,
          maxIterations,
          seed,
          progress,
          local,
          precision,
          timeLimit,
          maxWork,
          memory,
          digits,
          scoreError,
          orientation,
          standing);
    }
  }
}
