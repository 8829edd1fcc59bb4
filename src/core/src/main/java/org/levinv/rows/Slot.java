package org.levinv.rows;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.levinv.device.Device;
import org.levinv.device.Inlet;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;

/** Room for a leaf that passes by, with the way by which a reader fills it. */
final class Slot {

  /** Numbers that are read at a time (256 KiB): they stay in the cache on their way. */
  private static final int PIECE = 1 << 15;

  final Leaf leaf;
  private final Inlet A;
  private final Map<Field, Inlet> fields = new EnumMap<>(Field.class);

  /** The number of the leaf that is there. */
  long index;

  private boolean isSent;

  Slot(ProblemRows source, int count, boolean isSingle, Workspace space) {
    leaf = new Leaf(source, count, isSingle, space);
    A = isSingle ? space.inlet(leaf.single) : space.inlet(leaf.A);
    leaf.fields.forEach((field, rows) -> fields.put(field, space.inlet(rows)));
  }

  /** By the thread of a reader, until {@code stopped}. */
  void fill(LeafReader.Reading rows, double[] piece, BooleanSupplier stopped) {
    isSent = false;
    fill(rows.rows(), A, piece, stopped);
    leaf.units = rows.factors();
    fields.forEach((field, inlet) -> fill(rows.field(field), inlet, piece, stopped));
  }

  private static void fill(RowSource from, Inlet to, double[] piece, BooleanSupplier stopped) {
    int most = piece.length / from.columns();
    for (long first = 0; first < from.rows() && !stopped.getAsBoolean(); first += most) {
      int count = (int) Math.min(most, from.rows() - first);
      from.read(first, count, piece);
      to.put(piece, count, first);
    }
  }

  /** An array for {@link #fill}. */
  static double[] piece(int columns) {
    return new double[Math.max(PIECE, columns)];
  }

  /** Starts the way to the device; by its thread. */
  void send(Device device) {
    if (!isSent) {
      device.send(A);
      fields.values().forEach(device::send);
      isSent = true;
    }
  }

  /** Returns once the slot may be filled again; by the thread of the device. */
  void await(Device device) {
    device.await(A);
    fields.values().forEach(device::await);
  }
}
