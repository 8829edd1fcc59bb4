package org.levinv.rows;

import java.io.Serializable;
import org.levinv.device.Device;
import org.levinv.device.Workspace;

/**
 * One reading of all rows: a function of each block of rows and of a small state. Immutable and
 * without side effects, so that the work on a leaf can be done anywhere, and again; in another
 * process, too, which has the same classes.
 *
 * @param <T> what it answers
 */
public interface Pass<T> extends Serializable {

  /** What it adds up. */
  SumShape shape();

  /** Flops for each row of d columns, those of order d^2 and d. */
  double flopsPerRow(int columns);

  /** Puts the state on a device, in memory of {@code space}. */
  Kernel on(Device device, Workspace space);

  /** The answer; matrices and vectors in it are valid until the next pass over the same rows. */
  T answer(Sums total);

  /** The pass on one device, for one thread. */
  @FunctionalInterface
  interface Kernel {
    /** sums = f(block; state); numbers, extremes and lists are empty before. */
    void of(RowBlock block, Sums sums);
  }
}
