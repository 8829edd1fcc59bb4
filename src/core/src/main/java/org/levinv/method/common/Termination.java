package org.levinv.method.common;

/**
 * Why a loop ended.
 *
 * @param message a clause that says what was seen, without the numbers
 * @param value the quantity that the stop looked at
 * @param bound what it was compared with
 */
public record Termination(Type type, String message, double value, double bound) {

  /** What an end is worth. */
  public enum Type {
    /** At a minimum, for all that rounding lets one see. */
    CONVERGED,
    /** No step leads on although one should. */
    STALLED,
    /** As many iterations as were allowed. */
    ITERATION_LIMIT
  }
}
