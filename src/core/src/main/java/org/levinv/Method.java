package org.levinv;

import java.util.Locale;

/** How x is sought. */
public enum Method {
  /** The global method, which needs no start point. */
  AUTO,
  /** Gradient descent from a start point. */
  GRADIENT,
  /** Newton's method with the exact Hessian, from a start point. */
  NEWTON,
  /** Newton's method with a Hessian from rows sampled by leverage scores, from a start point. */
  SAMPLED_NEWTON,
  /** Levenberg-Marquardt from a start point. */
  GAUSS_NEWTON;

  /** The word of the command line, such as {@code sampled-newton}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return word();
  }
}
