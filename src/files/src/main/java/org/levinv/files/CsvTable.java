package org.levinv.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.levinv.device.RowSource;

/** Numbers that came line by line, held in chunks of whole rows so that none is ever copied. */
final class CsvTable implements RowSource {
  private static final int CHUNK_NUMBERS = 1 << 19;

  private final String name;
  private final List<double[]> chunks = new ArrayList<>();
  private int columns;
  private int chunkRows;
  private long rows;

  CsvTable(String name) {
    this.name = name;
  }

  /** Every row must have the width of the first. */
  void add(double[] row, int width) {
    if (rows == 0) {
      columns = width;
      chunkRows = Math.max(1, CHUNK_NUMBERS / columns);
    }
    int within = (int) (rows % chunkRows);
    if (within == 0) {
      chunks.add(new double[chunkRows * columns]);
    }
    System.arraycopy(row, 0, chunks.get(chunks.size() - 1), within * columns, columns);
    rows++;
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
    for (int done = 0; done < count; ) {
      int within = (int) ((first + done) % chunkRows);
      int part = Math.min(count - done, chunkRows - within);
      double[] chunk = chunks.get((int) ((first + done) / chunkRows));
      System.arraycopy(chunk, within * columns, into, done * columns, part * columns);
      done += part;
    }
  }
}
