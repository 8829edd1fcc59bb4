package org.levinv.device.cpu;

import org.bytedeco.javacpp.Pointer;

/**
 * The largest block that was freed, kept for the next request of its size: touching fresh pages of
 * the system takes longer than a whole pass over them. Never more than one.
 */
final class Idle {

  /** Smaller blocks (8 MiB) are kept by malloc itself. */
  private static final long LARGE = 1L << 20;

  private Pointer block;
  private long doubles;

  /** The kept block where it has this size, else null; then a large request finds it freed. */
  Pointer take(long wanted) {
    if (block == null || wanted < LARGE) {
      return null;
    }
    Pointer taken = wanted == doubles ? block : null;
    if (taken == null) {
      free();
    }
    block = null;
    return taken;
  }

  /** Keeps a block; false where it is for the caller to free. */
  boolean keep(Pointer freed, long size) {
    if (size < LARGE || (block != null && size <= doubles)) {
      return false;
    }
    free();
    block = freed;
    doubles = size;
    return true;
  }

  void free() {
    if (block != null) {
      Pointer.free(block);
      block = null;
    }
  }
}
