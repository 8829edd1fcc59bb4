package org.levinv;

/**
 * The input cannot be used; the message says what, where, and what was expected. Raised before any
 * work is done.
 */
public class InvalidInputException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public InvalidInputException(String message) {
    super(message);
  }

  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
