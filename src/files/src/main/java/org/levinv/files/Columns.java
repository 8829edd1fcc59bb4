package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Reads rows of a matrix whose columns lie one after the other. A few rows are a few numbers of
 * each column, and calls of the system for so little cost more than the copying; so a thread reads
 * ahead, a panel of rows, where rows are asked for one after the other, and puts rows together from
 * its panel. Each reading thread borrows a panel, so none waits for another.
 */
final class Columns {
  /** Bytes of a panel; larger ones make longer pieces of wide matrices, and cost memory. */
  private static final int PANEL_BYTES = 1 << 22;

  /** Columns that are put into rows together: a cache line of doubles. */
  private static final int STRIP = 8;

  /** Rows that are put together at once: a strip of them stays in a core's cache. */
  private static final int STRIP_ROWS = 1 << 11;

  private final Items items;
  private final long rows;
  private final int columns;
  private final int panelRows;
  private final ConcurrentLinkedDeque<Panel> idle = new ConcurrentLinkedDeque<>();

  /** Where the last read ended, of any thread; what is near to it continues it. */
  private volatile long last;

  Columns(Items items, long rows, int columns) {
    this.items = items;
    this.rows = rows;
    this.columns = columns;
    long fitting = PANEL_BYTES / ((long) columns * items.type().size());
    this.panelRows = (int) Math.max(1, Math.min(fitting, rows));
  }

  /** Some rows, column by column, as they are stored. */
  private static final class Panel {
    final ByteBuffer buffer;
    final double[] strip = new double[STRIP * STRIP_ROWS];
    long first;
    int count;

    Panel(int bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
    }

    boolean has(long row) {
      return first <= row && row < first + count;
    }
  }

  /** Copies rows, row by row, to the front of an array. */
  void read(long first, int count, double[] into) throws IOException {
    boolean ahead = Math.abs(first - last) <= panelRows;
    last = first + count;
    Panel panel = borrow(first);
    try {
      for (int done = 0; done < count; ) {
        long row = first + done;
        if (!panel.has(row)) {
          long wanted = ahead ? panelRows : Math.min(count - done, panelRows);
          fill(panel, row, (int) Math.min(wanted, rows - row));
        }
        int part = (int) Math.min(count - done, panel.first + panel.count - row);
        copy(panel, (int) (row - panel.first), part, into, done);
        done += part;
      }
    } finally {
      idle.push(panel);
    }
  }

  /** One that has the row, if there is one. */
  private Panel borrow(long row) {
    for (Iterator<Panel> it = idle.iterator(); it.hasNext(); ) {
      Panel panel = it.next();
      if (panel.has(row) && idle.remove(panel)) {
        return panel;
      }
    }
    Panel panel = idle.pollLast();
    return panel == null ? new Panel(panelRows * columns * items.type().size()) : panel;
  }

  private void fill(Panel panel, long first, int count) throws IOException {
    panel.count = 0; // a read that fails leaves no rows behind
    panel.buffer.clear();
    for (long j = 0; j < columns; j++) {
      panel.buffer.limit(panel.buffer.position() + count * items.type().size());
      items.read(j * rows + first, panel.buffer);
    }
    panel.first = first;
    panel.count = count;
  }

  private void copy(Panel panel, int from, int count, double[] into, int at) {
    for (int i = 0; i < count; i += STRIP_ROWS) {
      int stripRows = Math.min(STRIP_ROWS, count - i);
      for (int j = 0; j < columns; j += STRIP) {
        int width = Math.min(STRIP, columns - j);
        for (int c = 0; c < width; c++) {
          int item = (j + c) * panel.count + from + i;
          items.type().decode(panel.buffer, item, stripRows, panel.strip, c * STRIP_ROWS);
        }
        transpose(panel.strip, stripRows, width, into, (at + i) * columns + j);
      }
    }
  }

  private void transpose(double[] strip, int stripRows, int width, double[] into, int at) {
    for (int i = 0; i < stripRows; i++) {
      for (int c = 0; c < width; c++) {
        into[at + i * columns + c] = strip[c * STRIP_ROWS + i];
      }
    }
  }
}
