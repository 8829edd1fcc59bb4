package org.levinv.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/** Vectors of n numbers that are open together. */
record Vectors(List<VectorSource> list) implements AutoCloseable {

  static Vectors open(Collection<Path> files, RowSource A, StatusLine line) {
    Vectors vectors = new Vectors(new ArrayList<>());
    try {
      for (Path file : files) {
        vectors.list.add(Shapes.openRows(file, A, line));
      }
      return vectors;
    } catch (RuntimeException e) {
      vectors.close();
      throw e;
    }
  }

  VectorSource get(int k) {
    return list.get(k);
  }

  @Override
  public void close() {
    list.forEach(VectorSource::close);
  }
}
