package org.levinv.device;

/**
 * A device was asked for that is not there or cannot be opened: no such card, no driver, no memory.
 */
public final class InvalidDeviceException extends DeviceException {
  private static final long serialVersionUID = 1L;

  public InvalidDeviceException(String message) {
    super(message);
  }

  public InvalidDeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
