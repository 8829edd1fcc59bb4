package org.levinv;

/** How a solve ended. Only the first two say that x is the answer. */
public enum Status {
  /** The scores at x, recomputed from the original data, are the target within the tolerance. */
  CONVERGED,
  /**
   * No x has the target scores; x is the least-squares optimum that was reached from the global
   * start.
   */
  INCONSISTENT_TARGET,
  /** Other x have the same scores; {@link Result#freeDirection()} points to them. */
  NOT_IDENTIFIABLE,
  /** The limit of iterations was reached; x is the best point so far. */
  ITERATION_LIMIT,
  /**
   * No further progress was possible although the tolerance was not met; x is the best point so
   * far.
   */
  STALLED;

  /** True where x is the answer: converged, or the optimum for a target that no x meets. */
  public boolean usable() {
    return this == CONVERGED || this == INCONSISTENT_TARGET;
  }

  /** The word in result.json: the name in lower case. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
