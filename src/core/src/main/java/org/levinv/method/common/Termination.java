package org.levinv.method.common;

/**
 * Why an iteration ended: a rule with a name, the value that it looked at and the bound that the
 * value passed.
 *
 * @param message the rule, in words
 * @param value that decided
 * @param bound that it was compared to
 */
public record Termination(Type type, String message, double value, double bound) {

  /** How an iteration ends. */
  public enum Type {
    /** At what was asked for, or as near as rounding allows. */
    CONVERGED,
    /** No further progress, although there should be some. */
    STALLED,
    /** The limit was reached. */
    ITERATION_LIMIT
  }
}
