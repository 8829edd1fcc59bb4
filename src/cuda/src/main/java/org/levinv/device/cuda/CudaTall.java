package org.levinv.device.cuda;

/** A tall matrix on the card, of doubles or of floats. */
abstract class CudaTall extends CudaMemory {
  private final long count;
  private final int columns;
  private final int width;

  /**
   * @param width bytes of a number
   */
  CudaTall(CudaContext context, long count, int columns, int width) {
    super(context, doubles(Math.multiplyExact(count, columns), width));
    this.count = count;
    this.columns = columns;
    this.width = width;
  }

  private static long doubles(long numbers, int width) {
    int inOne = Double.BYTES / width;
    return (numbers + inOne - 1) / inOne;
  }

  public final long count() {
    return count;
  }

  public final int columns() {
    return columns;
  }

  /** Bytes of a number. */
  final int width() {
    return width;
  }

  /** Row {@code first}, for work in the stream of the kernels. */
  final Address row(long first) {
    return at(0).plusBytes(first * columns * width);
  }

  /** Likewise, for what brings it here. */
  final Address placeOf(long first) {
    return place(0).plusBytes(first * columns * width);
  }
}
