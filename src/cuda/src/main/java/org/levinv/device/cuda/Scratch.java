package org.levinv.device.cuda;

import java.util.EnumMap;
import java.util.Map;

/**
 * Memory that primitives need beside their arguments: grows to the largest size asked for, and
 * stays.
 */
final class Scratch {

  /** One for each use that must not share memory with another. */
  enum Use {
    SCALED_ROWS,
    PRODUCT,
    SECOND_PRODUCT,
    PARTS,
    WEIGHTS,
    SCALES,
    PART_SCALES,
    SINGLE_MATRIX,
    STACK,
    LIBRARY,
    TAU,
    INFO,
    INDEX,
    FEW,
    RESULT
  }

  private final CudaContext context;
  private final Map<Use, CudaMemory> memory = new EnumMap<>(Use.class);
  private final Map<Use, Long> sizes = new EnumMap<>(Use.class);

  Scratch(CudaContext context) {
    this.context = context;
  }

  /** Memory for {@code doubles} numbers at least, of undefined content. */
  Address get(Use use, long doubles) {
    if (sizes.getOrDefault(use, 0L) < doubles) {
      free(use);
      memory.put(use, new CudaMemory(context, doubles, true));
      sizes.put(use, doubles);
    }
    return memory.get(use).at(0);
  }

  private void free(Use use) {
    sizes.remove(use);
    CudaMemory freed = memory.remove(use);
    if (freed != null) {
      freed.free();
    }
  }

  void free() {
    for (Use use : Use.values()) {
      free(use);
    }
  }
}
