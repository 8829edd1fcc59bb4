package org.levinv;

/**
 * Which of x and -x is the answer where both have the same scores ({@link Result#mirror}), by
 * something that is known of the right one.
 *
 * @param response of a binary or binomial regression, n numbers from 0 to 1, or null: the answer
 *     has sum (2 y_i - 1) a_i.x > 0, which for logistic weights is the sign with the larger
 *     likelihood
 * @param column of the coefficient whose sign is known, from 0; -1 for none
 * @param sign of that coefficient
 */
public record Orientation(VectorSource response, int column, int sign) {

  /** Nothing is known: either will do. */
  public static final Orientation ANY = new Orientation(null, -1, 0);

  /** By the responses of the fit, n numbers from 0 to 1. */
  public static Orientation of(VectorSource response) {
    return new Orientation(response, -1, 0);
  }

  /** By the sign of one coefficient. */
  public static Orientation ofCoefficient(int column, boolean positive) {
    if (column < 0) {
      throw new InvalidInputException("orient: expected a column, 0 or more, got " + column);
    }
    return new Orientation(null, column, positive ? 1 : -1);
  }

  /** Refuses what does not fit a model. */
  public void check(Model model) {
    if (!isAny() && model.weights().isReciprocal()) {
      throw new InvalidInputException(
          "orient: expected weights of a generalised linear model, got barrier, where x and -x have"
              + " other scores");
    }
    if (column >= model.A().columns()) {
      throw new InvalidInputException(
          "orient: expected a column below " + model.A().columns() + ", got " + column);
    }
    if (response != null) {
      Problem.checkLength(response, model.A().rows());
    }
  }

  /** Whether nothing is known. */
  public boolean isAny() {
    return response == null && column < 0;
  }
}
