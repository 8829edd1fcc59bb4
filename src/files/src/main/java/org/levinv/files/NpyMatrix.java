package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/** The numbers of a .npy file, read where they lie by positioned reads into one small buffer. */
final class NpyMatrix implements RowSource {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Columns that are put into rows together: a cache line of doubles. */
  private static final int STRIP = 8;

  /** Rows of a strip that are read together. */
  private static final int STRIP_ROWS = 16_000;

  private final FileChannel channel;
  private final String name;
  private final long dataOffset;
  private final int itemSize;
  private final boolean columnMajor;
  private final long rows;
  private final int columns;
  private final ByteBuffer bytes;
  private final DoubleBuffer doubles;
  private final FloatBuffer floats;
  private final double[] strip;

  NpyMatrix(FileChannel channel, NpyHeader header, long rows, int columns) {
    this.channel = channel;
    this.name = header.name();
    this.dataOffset = header.dataOffset();
    this.itemSize = header.itemSize();
    this.columnMajor = header.fortranOrder() && rows > 1 && columns > 1;
    this.rows = rows;
    this.columns = columns;
    this.bytes = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    this.doubles = bytes.asDoubleBuffer();
    this.floats = bytes.asFloatBuffer();
    this.strip = columnMajor ? new double[STRIP * STRIP_ROWS] : null;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void read(long first, int count, double[] into) {
    Objects.checkFromIndexSize(first, count, rows);
    Objects.checkFromIndexSize(0L, (long) count * columns, into.length);
    try {
      readBuffered(first, count, into);
    } catch (IOException e) {
      throw new InvalidInputException(
          name + ", rows " + first + " to " + (first + count - 1) + ": " + Reason.of(e), e);
    }
    checkFinite(first, count, into);
  }

  /** One thread at a time: there is one buffer. */
  private synchronized void readBuffered(long first, int count, double[] into) throws IOException {
    if (columnMajor) {
      readColumns(first, count, into);
    } else {
      readItems(first * columns, count * columns, into, 0);
    }
  }

  private void readColumns(long first, int count, double[] into) throws IOException {
    for (int i = 0; i < count; i += STRIP_ROWS) {
      int stripRows = Math.min(STRIP_ROWS, count - i);
      for (int j = 0; j < columns; j += STRIP) {
        int width = Math.min(STRIP, columns - j);
        for (int c = 0; c < width; c++) {
          readItems((j + c) * rows + first + i, stripRows, strip, c * STRIP_ROWS);
        }
        transposeStrip(stripRows, width, into, i * columns + j);
      }
    }
  }

  private void transposeStrip(int stripRows, int width, double[] into, int at) {
    for (int i = 0; i < stripRows; i++) {
      for (int c = 0; c < width; c++) {
        into[at + i * columns + c] = strip[c * STRIP_ROWS + i];
      }
    }
  }

  private void readItems(long item, int count, double[] into, int at) throws IOException {
    int most = BUFFER_BYTES / itemSize;
    for (int done = 0; done < count; done += most) {
      int part = Math.min(most, count - done);
      fill(dataOffset + (item + done) * itemSize, part * itemSize);
      if (itemSize == Double.BYTES) {
        doubles.get(0, into, at + done, part);
      } else {
        for (int k = 0; k < part; k++) {
          into[at + done + k] = floats.get(k);
        }
      }
    }
  }

  private void fill(long position, int length) throws IOException {
    bytes.clear().limit(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new IOException("the file ended at byte " + (position + bytes.position()));
      }
    }
  }

  private void checkFinite(long first, int count, double[] values) {
    int length = count * columns;
    for (int k = 0; k < length; k++) {
      if (!Double.isFinite(values[k])) {
        String column = columns == 1 ? "" : ", column " + k % columns;
        throw new InvalidInputException(
            name
                + ", row "
                + (first + k / columns)
                + column
                + ": expected a finite number, got "
                + values[k]);
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new InvalidInputException(name + ": " + Reason.of(e), e);
    }
  }
}
