package org.levinv;

import java.io.IOException;

/** A {@link VectorSink} could not keep the entries of a vector, such as a file on a full disk. */
public final class VectorSinkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** For entries {@code first} to {@code first + count - 1}. */
  public VectorSinkException(long first, int count, IOException cause) {
    super(
        "entries "
            + first
            + " to "
            + (first + count - 1)
            + " cannot be kept: "
            + cause.getMessage(),
        cause);
  }
}
