package org.levinv.device;

/** A matrix of single-precision numbers row by row in an array, which is read in place. */
record FloatSource(String name, long rows, int columns, float[] values) implements RowSource {

  static FloatSource of(String name, float[] values, int columns) {
    FloatSource source =
        new FloatSource(name, BufferSource.rows(name, values.length, columns), columns, values);
    for (int k = 0; k < values.length; k++) {
      BufferSource.requireFinite(name, k, columns, values[k]);
    }
    return source;
  }

  @Override
  public boolean isSingle() {
    return true;
  }

  @Override
  public boolean isConcurrent() {
    return true;
  }

  @Override
  public void read(long first, int count, double[] into) {
    int from = (int) (first * columns);
    for (int k = 0; k < count * columns; k++) {
      into[k] = values[from + k];
    }
  }
}
