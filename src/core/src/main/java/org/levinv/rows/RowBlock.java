package org.levinv.rows;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.levinv.device.Device;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/** The rows of one leaf in the memory of one device, in the coordinates of their store. */
public final class RowBlock implements AutoCloseable {
  private final Device device;
  private final Workspace space;
  private final Vector one;
  private final Map<Integer, List<Vector>> scratch = new HashMap<>();
  private final Map<Field, Rows> stored = new EnumMap<>(Field.class);
  private final Map<Field, Vector> loaded = new EnumMap<>(Field.class);
  private long first;
  private int count;
  private Rows A;
  private Supplier<Rows> moved;
  private Supplier<Rows> original;
  private double[] units;

  /** Scratch vectors are made in memory of {@code space} when they are first asked for. */
  RowBlock(Workspace space) {
    this.device = space.device();
    this.space = space;
    this.one = space.upload(new double[] {1});
  }

  /**
   * From now on these rows, from row {@code first} of all on.
   *
   * @param moved the rows in the coordinates of the store, made when they are first asked for
   * @param original the rows in their own coordinates, made when they are asked for
   * @param units see {@link #rowUnits}
   */
  void show(
      long first,
      int count,
      Supplier<Rows> moved,
      Supplier<Rows> original,
      Map<Field, Rows> fields,
      double[] units) {
    this.first = first;
    this.count = count;
    this.moved = moved;
    A = null;
    this.original = original;
    this.units = units;
    stored.clear();
    stored.putAll(fields);
    loaded.clear();
  }

  /** The number of the first row. */
  public long first() {
    return first;
  }

  /** Rows. */
  public int count() {
    return count;
  }

  /** The rows a_i M, M being the coordinates of the store. */
  public Rows A() {
    if (A == null) {
      A = moved.get();
    }
    return A;
  }

  /** The rows a_i as they were read, in the units of the store. */
  public Rows original() {
    return original.get();
  }

  /** The power of two that each row was multiplied by when it was read, or null where all are 1. */
  public double[] rowUnits() {
    return units;
  }

  /** A field of these rows; null where the problem does not have it. Not to be written to. */
  public Vector field(Field field) {
    if (!stored.containsKey(field)) {
      return null;
    }
    return loaded.computeIfAbsent(
        field,
        f -> {
          Vector values = scratch(-1 - f.ordinal());
          device.times(stored.get(f), one, values); // the only column
          return values;
        });
  }

  /**
   * Room for one number for each row, k = 0, 1, ...; its content is undefined, and gone with the
   * block.
   */
  public Vector scratch(int k) {
    int slot = k + Field.values().length;
    List<Vector> vectors = scratch.computeIfAbsent(count(), size -> new ArrayList<>());
    while (vectors.size() <= slot) {
      vectors.add(null);
    }
    if (vectors.get(slot) == null) {
      vectors.set(slot, space.vector(count()));
    }
    return vectors.get(slot);
  }

  @Override
  public void close() {
    space.close();
  }
}
