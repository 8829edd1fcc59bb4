package org.levinv.device.cpu;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.levinv.device.Buffer;
import org.levinv.device.DeviceException;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;

/** Doubles outside the Java heap, indexed by long. */
class Memory implements Buffer {
  /** Bytes of a cache line, where every memory begins: vector loads do not straddle two. */
  private static final int LINE = 64;

  private final Idle idle;
  private final long doubles;
  private Pointer block;
  private final DoublePointer start;

  Memory(long doubles, String what) {
    this(doubles, what, null);
  }

  /**
   * @param idle gives and takes back large blocks; or null
   */
  Memory(long doubles, String what, Idle idle) {
    this.doubles = doubles;
    this.idle = idle;
    block = idle == null ? null : idle.take(doubles);
    if (block == null && doubles <= Long.MAX_VALUE / 16) {
      block = Pointer.malloc(8 * doubles + LINE);
    }
    if (block == null || block.isNull()) {
      throw new DeviceException("cpu: out of memory, " + 8 * doubles + " bytes for " + what);
    }
    long beyond = block.address() % LINE;
    start = new DoublePointer(block).getPointer(beyond == 0 ? 0 : (LINE - beyond) / 8);
  }

  /** That of rows of this device. */
  static Memory of(Rows A) {
    return (CpuRows) A;
  }

  /** That of a matrix of this device. */
  static Memory of(Matrix M) {
    return (CpuMatrix) M;
  }

  /**
   * A new pointer whose position 0 is entry {@code index}; a pointer can be moved, so each lane
   * takes its own.
   */
  DoublePointer at(long index) {
    if (block == null) {
      throw new IllegalStateException("this memory has been freed");
    }
    return start.getPointer(index);
  }

  /** The memory as floats, two for each double. */
  FloatPointer floats() {
    return new FloatPointer(at(0));
  }

  @Override
  public void free() {
    if (block != null) {
      if (idle == null || !idle.keep(block, doubles)) {
        Pointer.free(block);
      }
      block = null;
    }
  }
}
