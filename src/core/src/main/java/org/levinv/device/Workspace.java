package org.levinv.device;

import java.util.ArrayDeque;
import java.util.Deque;

/** The one owner of what a solve allocates: frees all of it, the last first. */
public final class Workspace implements AutoCloseable {
  private final Device device;
  private final Deque<Buffer> owned = new ArrayDeque<>();

  public Workspace(Device device) {
    this.device = device;
  }

  public Device device() {
    return device;
  }

  /** A vector of zeros. */
  public Vector vector(long length) {
    return own(device.allocateVector(length));
  }

  /** A matrix of zeros. */
  public Matrix matrix(int rows, int columns) {
    return own(device.allocateMatrix(rows, columns));
  }

  /** A tall matrix of undefined content. */
  public Rows rows(long count, int columns) {
    return own(device.allocateRows(count, columns));
  }

  /** Floats, of undefined content. */
  public SingleRows singleRows(long count, int columns) {
    return own(device.allocateSingleRows(count, columns));
  }

  /** A way for other threads to fill rows. */
  public Inlet inlet(Rows to) {
    return own(device.inlet(to));
  }

  /** Likewise, for floats. */
  public Inlet inlet(SingleRows to) {
    return own(device.inlet(to));
  }

  /** A copy of values of the host. */
  public Vector upload(double[] values) {
    Vector v = vector(values.length);
    device.upload(values, v);
    return v;
  }

  private <B extends Buffer> B own(B buffer) {
    owned.push(buffer);
    return buffer;
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      owned.pop().free();
    }
  }
}
