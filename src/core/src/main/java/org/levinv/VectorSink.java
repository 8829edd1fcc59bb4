package org.levinv;

import java.io.IOException;

/**
 * Takes the entries of a vector piece by piece, such as a file of scores. Pieces come in any order,
 * and by several threads at once; each entry comes once, or twice with the same value.
 */
@FunctionalInterface
public interface VectorSink {

  /**
   * Entries {@code first} to {@code first + count - 1}, at the front of {@code values}.
   *
   * @throws IOException if they cannot be kept
   */
  void write(long first, int count, double[] values) throws IOException;
}
