package org.levinv;

import java.util.Objects;

/**
 * What belongs to the methods of arXiv:2404.13785.
 *
 * @param method {@code AUTO}, or a local method, which needs a start point
 * @param regularization omega of the regulariser 0.5 ||diag(omega) A x||^2: one number for every
 *     row, or n of them; null for none
 * @param accuracy of the sampled Hessian, relative, above 0: samples have d log(200 d) / accuracy^2
 *     rows
 * @param certificate whether the answer comes with a {@link Certificate}
 */
public record LocalOptions(
    Method method, double[] regularization, double accuracy, boolean certificate) {

  /** The global method, no regulariser, accuracy 0.5, no certificate. */
  public static final LocalOptions NONE = new LocalOptions(Method.AUTO, null, 0.5, false);

  public LocalOptions {
    Objects.requireNonNull(method, "method");
    if (!(accuracy > 0 && accuracy <= 1)) {
      throw new InvalidInputException(
          "accuracy: expected a number above 0 and up to 1, got " + accuracy);
    }
    if (regularization != null) {
      regularization = regularization.clone();
      for (int i = 0; i < regularization.length; i++) {
        if (!(regularization[i] >= 0 && regularization[i] < Double.POSITIVE_INFINITY)) {
          throw new InvalidInputException(
              "regularization"
                  + (regularization.length > 1 ? ", row " + i : "")
                  + ": expected a finite number, 0 or more, got "
                  + regularization[i]);
        }
      }
    }
  }
}
