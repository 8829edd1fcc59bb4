package org.levinv.solve;

import org.levinv.Status;

/**
 * Ends a solve from outside: passes through all stages, and becomes the result with the best x so
 * far. Not a failure, so there is no stack trace.
 */
final class Stopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status status;

  Stopped(Status status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  /** How the solve ended; one of those that are {@link Status#stopped}. */
  Status status() {
    return status;
  }

  /** Whether there is still time and a device to verify the best x. */
  boolean mayVerify() {
    return status == Status.TIME_LIMIT || status == Status.WORK_LIMIT;
  }
}
