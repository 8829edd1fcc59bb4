package org.levinv.device;

/** A device was asked for that is not there, such as a card's number that is too large. */
public final class InvalidDeviceException extends DeviceException {
  private static final long serialVersionUID = 1L;

  public InvalidDeviceException(String message) {
    super(message);
  }
}
