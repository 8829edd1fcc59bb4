package org.levinv.method.common;

/**
 * How an iteration ended.
 *
 * @param message one sentence with the deciding value and its bound
 * @param value the deciding value
 * @param bound what it was compared with
 */
public record Termination(Type type, String message, double value, double bound) {

  /** The kinds of ends. */
  public enum Type {
    /** The value is within the bound. */
    CONVERGED,
    /** No further progress. */
    STALLED,
    /** The limit of iterations was reached. */
    ITERATION_LIMIT
  }
}
