package org.levinv.rows;

import java.util.function.Supplier;
import org.levinv.device.Device;
import org.levinv.device.ReadAhead;
import org.levinv.device.Rows;
import org.levinv.device.Workspace;

/** One thread's own: a device, and room for rows that do not stay as they are worked on. */
final class LeafWorker {
  final Device own;
  private final Leaves leaves;
  private final int number;
  final RowBlock block;

  /** The leaf that it is at. */
  long at;

  private Rows widened;
  private Rows moved;
  private Slot ahead;

  /**
   * @param number of this thread, from 0
   */
  LeafWorker(Leaves leaves, Device own, int number) {
    this.leaves = leaves;
    this.own = own;
    this.number = number;
    block = new RowBlock(new Workspace(own));
  }

  /** Before a reading: a leaf of one that failed is forgotten. */
  void begin() {
    ahead = null;
  }

  /** A leaf outside of a reading: where it does not stay, it comes to this thread's own slot. */
  Leaf load(long index) {
    return leaves.load(index, number, own);
  }

  /** The leaf in the coordinates of the store, for who asks for them. */
  RowBlock show(long index, Leaf leaf) {
    boolean isLast = leaves.isShort(index); // which has room of its own
    Supplier<Rows> original = leaf.A != null ? () -> leaf.A : once(() -> widened(leaf, isLast));
    Supplier<Rows> moved =
        leaves.areMoved() ? () -> moved(leaf, original, isLast || leaves.keepsMoved()) : original;
    block.show(leaves.first(index), (int) leaf.rows(), moved, original, leaf.fields, leaf.units);
    return block;
  }

  private static Supplier<Rows> once(Supplier<Rows> make) {
    Rows[] made = {null};
    return () -> {
      if (made[0] == null) {
        made[0] = make.get();
      }
      return made[0];
    };
  }

  /** Floats as doubles in the units of the store. */
  private Rows widened(Leaf leaf, boolean stays) {
    Rows room = stays ? leaf.widened : widened;
    if (room == null) {
      room = leaves.newRows(leaf.single.count());
      if (stays) {
        leaf.widened = room;
      } else {
        widened = room;
      }
    }
    own.widen(leaf.single, leaves.columnUnits(), room); // a_i diag(c)
    return room;
  }

  private Rows moved(Leaf leaf, Supplier<Rows> original, boolean stays) {
    Rows room = stays ? leaf.moved : moved;
    if (room == null) {
      room = leaves.newRows(leaf.rows());
      if (stays) {
        leaf.moved = room;
      } else {
        moved = room;
      }
    }
    leaves.move(original, room, stays ? leaf.movedTo : 0, own);
    leaf.movedTo = leaves.factors();
    return room;
  }

  /**
   * A leaf that passed by and is here, before one that is still to be read; null where there is
   * none. On a device that works alone the one after it is on its way by then.
   */
  Slot next(ReadAhead<Slot> stage, boolean wait) {
    Slot slot = ahead != null ? ahead : stage.next(wait);
    ahead = null;
    if (slot != null) {
      slot.send(own);
      if (leaves.workers() == 1) {
        ahead = stage.next(false);
        if (ahead != null) {
          ahead.send(own);
        }
      }
    }
    return slot;
  }
}
