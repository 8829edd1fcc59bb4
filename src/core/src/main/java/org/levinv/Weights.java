package org.levinv;

import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import org.levinv.device.Formula;

/**
 * The weights of the rows as a function of the linear predictor: the scores are those of
 * diag(f(eta)) A with eta = A x - b. For a generalised linear model f^2 is the working weight of
 * its iteratively reweighted least squares, and the scores are the hat values of the fit (Peter
 * McCullagh and John Nelder, "Generalized Linear Models", 1989, sections 2.5 and 12.7.1). Scores do
 * not see a factor of f, which is left out.
 *
 * @param name as on the command line
 * @param shape what the global method may rely on
 * @param log log f, of a parameter and eta
 * @param slope d log f / d eta, likewise
 * @param bend the derivative of that, likewise; null where it is 0
 * @param parameter of all three
 * @param peak the eta where f is largest; 0 for monotone ones
 */
public record Weights(
    String name,
    Shape shape,
    Formula log,
    Formula slope,
    Formula bend,
    double parameter,
    double peak)
    implements Serializable {

  /** What kind of function f is. */
  public enum Shape {
    /** 1 / eta of either sign: the problem of arXiv:2404.13785. */
    BARRIER,
    /** The same for rows with prior weights, which no scaling of rows makes a barrier. */
    RECIPROCAL,
    /** f(-eta) = f(eta), and f decreases with |eta|. */
    EVEN,
    /** One maximum, two branches. */
    PEAKED,
    /** exp(parameter eta), for any eta. */
    EXPONENTIAL,
    /** eta^parameter, for eta above 0. */
    POWER
  }

  /** 1 / (A x - b). */
  public static final Weights BARRIER =
      new Weights(
          "barrier", Shape.BARRIER, Formula.LOG, Formula.QUOTIENT, Formula.QUOTIENT_BEND, -1, 0);

  private static final Weights RECIPROCAL =
      new Weights(
          "barrier", Shape.RECIPROCAL, Formula.LOG, Formula.QUOTIENT, Formula.QUOTIENT_BEND, -1, 0);

  /** Where exp(2 eta - e^eta) / (1 - exp(-e^eta)) is largest: 2 (1 - e^-u) = u, u = e^eta. */
  private static final double CLOGLOG_PEAK = 0.46601064749744;

  private static final Map<String, Weights> PLAIN =
      Map.of(
          "barrier",
          BARRIER,
          "logistic",
          new Weights(
              "logistic",
              Shape.EVEN,
              Formula.LOGISTIC_LOG,
              Formula.LOGISTIC_SLOPE,
              Formula.LOGISTIC_BEND,
              0,
              0),
          "probit",
          new Weights(
              "probit",
              Shape.EVEN,
              Formula.PROBIT_LOG,
              Formula.PROBIT_SLOPE,
              Formula.PROBIT_BEND,
              0,
              0),
          "cloglog",
          new Weights(
              "cloglog",
              Shape.PEAKED,
              Formula.CLOGLOG_LOG,
              Formula.CLOGLOG_SLOPE,
              Formula.CLOGLOG_BEND,
              0,
              CLOGLOG_PEAK),
          "poisson",
          new Weights(
              "poisson", Shape.EXPONENTIAL, Formula.MULTIPLE, Formula.CONSTANT, null, 0.5, 0),
          "gamma",
          new Weights(
              "gamma", Shape.POWER, Formula.LOG, Formula.QUOTIENT, Formula.QUOTIENT_BEND, -1, 0),
          "inverse-gaussian",
          new Weights(
              "inverse-gaussian",
              Shape.POWER,
              Formula.LOG,
              Formula.QUOTIENT,
              Formula.QUOTIENT_BEND,
              -0.75,
              0));

  /**
   * By name: barrier, logistic, probit, cloglog, poisson (log link), gamma and inverse-gaussian
   * (canonical links), cauchy[:SCALE], student:NU[:SCALE]; the scale is 1 where it is left out.
   *
   * @throws InvalidInputException if there is no such name, or its weights do not depend on x
   */
  public static Weights of(String name) {
    Weights plain = PLAIN.get(name);
    if (plain != null) {
      return plain;
    }
    String[] words = name.split(":", -1);
    if (words[0].equals("cauchy") && words.length <= 2) {
      return student(name, 1, words.length == 2 ? positive(name, words[1]) : 1);
    }
    if (words[0].equals("student") && (words.length == 2 || words.length == 3)) {
      return student(
          name, positive(name, words[1]), words.length == 3 ? positive(name, words[2]) : 1);
    }
    if (name.equals("gamma-log")) {
      throw new InvalidInputException(
          "weights gamma-log: expected weights that depend on x, but those of a gamma model with a"
              + " log link are constant: its hat values are those of A, and say nothing of x");
    }
    throw new InvalidInputException(
        "weights: expected barrier, logistic, probit, cloglog, poisson, gamma, inverse-gaussian,"
            + " cauchy[:SCALE] or student:NU[:SCALE], got "
            + name);
  }

  private static Weights student(String name, double nu, double scale) {
    double parameter = nu * scale * scale;
    return new Weights(
        name,
        Shape.EVEN,
        Formula.STUDENT_LOG,
        Formula.STUDENT_SLOPE,
        Formula.STUDENT_BEND,
        parameter,
        0);
  }

  private static double positive(String name, String word) {
    try {
      double value = Double.parseDouble(word);
      if (value > 1e-100 && value < 1e100) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "weights %s: expected a number above 0 after the colon, got %s",
            name,
            word));
  }

  /** Whether these are the weights 1 / (A x - b), with no prior weights. */
  public boolean isBarrier() {
    return shape == Shape.BARRIER;
  }

  /** Whether they are the weights 1 / (A x - b), with prior weights or without. */
  public boolean isReciprocal() {
    return shape == Shape.BARRIER || shape == Shape.RECIPROCAL;
  }

  /** Whether f has a pole at 0, which local methods do not cross. */
  public boolean hasWalls() {
    return isReciprocal() || needsPositive();
  }

  /** Whether they are those of a model only where eta is above 0. */
  public boolean needsPositive() {
    return shape == Shape.POWER;
  }

  /** Those of rows with prior weights. */
  public Weights withPrior() {
    return isBarrier() ? RECIPROCAL : this;
  }

  /** log f(eta), up to a constant. */
  public double log(double eta) {
    return log.apply(parameter, eta, eta, eta);
  }

  /** d log f / d eta. */
  public double slope(double eta) {
    return slope.apply(parameter, eta, eta, eta);
  }

  /** Whether a weight leaves two eta open. */
  public boolean leavesSigns() {
    return !needsPositive() && shape != Shape.EXPONENTIAL;
  }

  /** Whether x and -x have the same scores where there is no offset. */
  public boolean hasMirror() {
    return shape == Shape.EVEN;
  }

  /**
   * The eta with a given log f, at most that of the peak, on one of the two branches of an even or
   * peaked f.
   *
   * @param above whether it is the branch where eta is above the peak
   */
  public double inverse(double logF, boolean above) {
    double far = 1;
    double direction = above ? 1 : -1;
    while (log(peak + direction * far) > logF
        && log(peak + direction * 2 * far) < log(peak + direction * far)) {
      far *= 2; // while f decreases at all
    }
    double near = far > 1 ? far / 2 : 0;
    for (int k = 0; k < 60 && far - near > 1e-15 * far; k++) { // bisection: starts need no more
      double middle = 0.5 * (near + far);
      if (log(peak + direction * middle) > logF) {
        near = middle;
      } else {
        far = middle;
      }
    }
    return peak + direction * 0.5 * (near + far);
  }
}
