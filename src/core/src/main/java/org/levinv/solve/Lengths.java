package org.levinv.solve;

/** Lengths of vectors on the host, without overflow. */
final class Lengths {
  private Lengths() {}

  static double of(double[] v) {
    double length = 0;
    for (double value : v) {
      length = Math.hypot(length, value);
    }
    return length;
  }

  /** v / ||v||, in place. */
  static double[] normalized(double[] v) {
    double length = of(v);
    for (int j = 0; j < v.length; j++) {
      v[j] /= length;
    }
    return v;
  }
}
