package org.levinv.device.cuda;

import org.levinv.device.Rows;

/** A tall matrix: on the card, or on the host where it does not fit. */
final class CudaRows implements Rows {
  private final CudaContext context;
  private final long count;
  private final int columns;
  private CudaMemory resident;
  private HostRows host;

  private CudaRows(CudaContext context, long count, int columns) {
    this.context = context;
    this.count = count;
    this.columns = columns;
  }

  /**
   * @throws org.levinv.device.DeviceException if they do not fit on the card
   */
  static CudaRows resident(CudaContext context, long count, int columns) {
    CudaRows rows = new CudaRows(context, count, columns);
    rows.resident =
        new CudaMemory(
            context, Math.multiplyExact(count, columns), CudaContext.Shortage.SHRINK_OR_FAIL);
    return rows;
  }

  static CudaRows streamed(CudaContext context, long count, int columns, long chunkBytes) {
    CudaRows rows = new CudaRows(context, count, columns);
    rows.host = new HostRows(context, count, columns, chunkBytes);
    context.own(rows, rows::free);
    return rows;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public int columns() {
    return columns;
  }

  boolean isStreamed() {
    return host != null;
  }

  /** Row {@code first} of rows on the card. */
  Address at(long first) {
    return resident.at(first * columns);
  }

  HostRows host() {
    return host;
  }

  @Override
  public void free() {
    if (resident != null) {
      resident.free();
    } else if (host != null) {
      context.disown(this);
      host.free();
    }
    resident = null;
    host = null;
  }
}
