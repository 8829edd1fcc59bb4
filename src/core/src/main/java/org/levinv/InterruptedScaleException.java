package org.levinv;

import org.levinv.device.DeviceException;

/** The device failed during a search for row weights; about the best so far are kept. */
public final class InterruptedScaleException extends DeviceException {
  private static final long serialVersionUID = 1L;

  private final transient ScaleResult reached;

  /** With what was reached when the device failed. */
  public InterruptedScaleException(DeviceException cause, ScaleResult reached) {
    super(cause.getMessage() + "; the best weights so far are kept", cause);
    this.reached = reached;
  }

  /** The weights so far, with status stalled; numbers that were not computed are NaN. */
  public ScaleResult reached() {
    return reached;
  }
}
