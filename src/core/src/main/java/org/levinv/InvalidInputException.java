package org.levinv;

import org.levinv.device.RowSource;

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

  /** The columns of A depend on each other: they have this rank. */
  public static InvalidInputException dependentColumns(RowSource A, int rank, Throwable cause) {
    return new InvalidInputException(
        A.name() + ": expected independent columns, rank " + A.columns() + ", got rank " + rank,
        cause);
  }
}
