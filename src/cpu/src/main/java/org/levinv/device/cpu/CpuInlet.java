package org.levinv.device.cpu;

import org.bytedeco.javacpp.FloatPointer;
import org.levinv.device.Inlet;
import org.levinv.device.Rows;
import org.levinv.device.SingleRows;

/** Puts rows where they are worked on, which any thread can do. */
final class CpuInlet implements Inlet {

  /** Numbers that are rounded at a time (8 KiB of floats): they stay in the first-level cache. */
  private static final int STRIP = 1 << 11;

  private final Rows rows;
  private final SingleRows single;

  CpuInlet(Rows to) {
    rows = to;
    single = null;
  }

  CpuInlet(SingleRows to) {
    rows = null;
    single = to;
  }

  @Override
  public void put(double[] from, int count, long first) {
    if (rows != null) {
      int d = rows.columns();
      Memory.of(rows).at(first * d).put(from, 0, count * d);
    } else {
      int d = single.columns();
      putFloats(from, count * d, single, first * d, new float[Math.min(STRIP, count * d)]);
    }
  }

  /** {@code numbers} numbers, which are floats, to number {@code at} and those that follow. */
  static void putFloats(double[] from, int numbers, SingleRows to, long at, float[] strip) {
    FloatPointer floats = ((Memory) to).floats();
    for (int k = 0; k < numbers; k += strip.length) {
      int count = Math.min(strip.length, numbers - k);
      for (int i = 0; i < count; i++) {
        strip[i] = (float) from[k + i];
      }
      floats.position(at + k).put(strip, 0, count);
    }
  }

  @Override
  public void free() {}
}
