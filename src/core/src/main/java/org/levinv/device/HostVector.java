package org.levinv.device;

/** A vector in an array of the Java heap. */
public final class HostVector implements Vector {
  public final double[] values;

  public HostVector(int length) {
    values = new double[length];
  }

  @Override
  public long length() {
    return values.length;
  }

  @Override
  public void free() {}
}
