package org.levinv.solve;

import org.levinv.GradientProblem;
import org.levinv.InvalidInputException;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Signs;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.pass.SignRule;
import org.levinv.rows.Field;
import org.levinv.rows.ProblemRows;

/**
 * What a local method is given, for scores or for the gradient problem.
 *
 * @param A n x d
 * @param b n
 * @param sigma target scores, n, or null for the gradient problem
 * @param gradient target gradient, d, or null for scores
 * @param omega of the regulariser, n, or null for none
 * @param options with a start point
 * @param kind the method
 */
record LocalTask(
    RowSource A,
    double[] b,
    double[] sigma,
    double[] gradient,
    VectorSource omega,
    Options options,
    Method kind) {

  LocalTask {
    if (options.start() == null) {
      throw new InvalidInputException(
          "start: expected a start point for method "
              + kind
              + ", with the signs of A x - b at the answer and near it (a local method finds no other); method auto needs none");
    }
    options.requireShape(A);
  }

  static LocalTask of(Problem problem, Options options, Method kind) {
    return new LocalTask(
        problem.A(),
        problem.b(),
        problem.sigma(),
        null,
        options.local().omega(problem.A().rows()),
        options,
        kind);
  }

  static LocalTask of(GradientProblem problem, Options options) {
    Method kind = options.local().method();
    if (kind != Method.AUTO && kind != Method.NEWTON && kind != Method.SAMPLED_NEWTON) {
      throw new InvalidInputException(
          "method: expected newton or sampled-newton for the gradient problem, got " + kind);
    }
    return new LocalTask(
        problem.A(),
        problem.b(),
        null,
        problem.gradient(),
        options.local().omega(problem.A().rows()),
        options,
        kind == Method.AUTO ? Method.NEWTON : kind);
  }

  /** The same around another point. */
  LocalTask at(double[] point) {
    return new LocalTask(A, b, sigma, gradient, omega, options.withStart(point), kind);
  }

  /** Whether scores are asked for, not a gradient. */
  boolean isForScores() {
    return sigma != null;
  }

  boolean isRegularized() {
    return omega != null;
  }

  /** All rows with their fields. */
  ProblemRows rows() {
    boolean given = options.signs().kind() == Signs.Kind.GIVEN;
    return ProblemRows.of(A)
        .with(Field.OFFSET, VectorSource.of("offset", b))
        .with(Field.TARGET, sigma == null ? null : VectorSource.of("scores", sigma))
        .with(Field.SIGN, given ? new GivenSigns(options.signs().values()) : null)
        .with(Field.OMEGA, omega);
  }

  /** The signs that slacks are said to have. */
  SignRule signs() {
    return switch (options.signs().kind()) {
      case POSITIVE -> SignRule.equal(1);
      case NEGATIVE -> SignRule.equal(-1);
      case GIVEN -> SignRule.FIELD;
      default -> SignRule.NONE;
    };
  }

  /** One sign for each row. */
  private record GivenSigns(byte[] signs) implements VectorSource {

    @Override
    public String name() {
      return "signs";
    }

    @Override
    public long length() {
      return signs.length;
    }

    @Override
    public void read(long first, int count, double[] into, int at) {
      for (int i = 0; i < count; i++) {
        into[at + i] = signs[Math.toIntExact(first + i)];
      }
    }
  }
}
