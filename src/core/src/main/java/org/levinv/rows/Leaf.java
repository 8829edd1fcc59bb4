package org.levinv.rows;

import java.util.EnumMap;
import java.util.Map;
import org.levinv.device.Device;
import org.levinv.device.Rows;
import org.levinv.device.SingleRows;
import org.levinv.device.Workspace;

/** Room for the rows of one leaf with their fields, in the precision in which they come. */
final class Leaf {
  /** The rows, or null where they are floats. */
  final Rows A;

  /** The rows, or null where they are doubles. */
  final SingleRows single;

  final Map<Field, Rows> fields = new EnumMap<>(Field.class);

  /** The power of two that each row was multiplied by, or null where all are 1. */
  double[] units;

  /** Floats as doubles, where they have room of their own. */
  Rows widened;

  /** The rows in the coordinates of the store, where they have room of their own. */
  Rows moved;

  /** Changes of coordinates that these have seen. */
  int movedTo;

  boolean isRead;

  Leaf(ProblemRows source, int count, boolean isSingle, Workspace space) {
    A = isSingle ? null : space.rows(count, source.columns());
    single = isSingle ? space.singleRows(count, source.columns()) : null;
    for (Field field : Field.values()) {
      if (source.has(field)) {
        fields.put(field, space.rows(count, 1));
      }
    }
  }

  /** Bytes of a leaf of so many rows. */
  static double bytes(ProblemRows source, int rows, boolean isSingle) {
    double fields = 0;
    for (Field field : Field.values()) {
      fields += source.has(field) ? Double.BYTES : 0;
    }
    return rows * ((double) source.columns() * (isSingle ? Float.BYTES : Double.BYTES) + fields);
  }

  /** Rows. */
  long rows() {
    return A == null ? single.count() : A.count();
  }

  /** By the thread of a device. */
  void read(LeafReader.Reading rows, Device by) {
    if (single == null) {
      by.upload(rows.rows(), A);
    } else {
      by.upload(rows.rows(), single);
    }
    units = rows.factors();
    fields.forEach((field, to) -> by.upload(rows.field(field), to));
    isRead = true;
    movedTo = 0;
  }
}
