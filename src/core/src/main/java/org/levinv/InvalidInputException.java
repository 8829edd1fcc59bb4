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

  /**
   * Refuses null.
   *
   * @param what it should be, such as {@code offset}
   */
  public static <T> T requireGiven(String what, T value) {
    if (value == null) {
      throw new InvalidInputException(what + ": expected numbers, got null");
    }
    return value;
  }
}
