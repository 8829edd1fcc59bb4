package org.levinv.rows;

import java.io.Serializable;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * One number for each row: a function of the row and of a small state. Like a {@link Pass} it is
 * immutable and without side effects; passes use it for weights of rows, and {@link RowStore#map}
 * gives its numbers to a sink.
 */
public interface RowMap extends Serializable {

  /**
   * The scratch vectors of a block beyond this one belong to maps; this one takes the numbers for a
   * sink.
   */
  int SCRATCH = 16;

  /** Flops for each row of d columns, those of order d^2 and d. */
  double flopsPerRow(int columns);

  /** Puts the state on a device, in memory of {@code space}. */
  Kernel on(Device device, Workspace space);

  /** The map on one device, for one thread. */
  @FunctionalInterface
  interface Kernel {
    /** to_i = f(row i of the block); {@code to} is no scratch vector that belongs to maps. */
    void of(RowBlock block, Vector to);
  }
}
