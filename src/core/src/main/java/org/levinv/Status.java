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
  STALLED,
  /** The limit on the work was reached; x is the best point so far. */
  WORK_LIMIT,
  /** The limit on the time was reached; x is the best point so far. */
  TIME_LIMIT,
  /** The thread was interrupted, or the progress said stop; x is the best point so far. */
  INTERRUPTED,
  /** The device failed during the solve; x is the best point so far. */
  DEVICE_FAILED;

  /** True where x is the answer: converged, or the optimum for a target that no x meets. */
  public boolean usable() {
    return this == CONVERGED || this == INCONSISTENT_TARGET;
  }

  /** True where the solve was ended from outside, before it was done. */
  public boolean stopped() {
    return ordinal() >= WORK_LIMIT.ordinal();
  }

  /** The word in result.json: the name in lower case. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
