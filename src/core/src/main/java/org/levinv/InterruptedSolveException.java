package org.levinv;

import org.levinv.device.DeviceException;

/** The device failed during a solve; the best x so far is kept. */
public final class InterruptedSolveException extends DeviceException {
  private static final long serialVersionUID = 1L;

  private final transient Result reached;

  public InterruptedSolveException(DeviceException cause, Result reached) {
    super(cause.getMessage() + "; the best x so far is kept", cause);
    this.reached = reached;
  }

  /** The best x so far, with status stalled; numbers that were not computed are NaN. */
  public Result reached() {
    return reached;
  }
}
