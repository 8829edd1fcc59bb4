package org.levinv.device.cpu;

import java.util.Set;

/** Which triangles of small order are computed as panels, by the kernels of this processor. */
final class Panels {

  /**
   * The processors, by OpenBLAS's names, for which it has kernels for small products that leave out
   * the packing of the arguments; it has none for small triangles.
   */
  private static final Set<String> SMALL_PRODUCTS =
      Set.of("SkylakeX", "Cooperlake", "Sapphirerapids");

  /**
   * With these kernels triangles of small order are computed as panels of this many columns, each
   * by one general product down to the diagonal; without them the symmetric and the triangular
   * product are faster.
   */
  static final int WIDTH = 16;

  /** Rows of a panel's product in a Gram matrix. */
  static final int GRAM_ROWS = 128;

  /** Up to this d panels form a Gram matrix faster than the symmetric product. */
  private static final int MOST_GRAM_PANELS = 512;

  /** Up to this d panels multiply by a triangle faster than the triangular product. */
  private static final int MOST_TRIANGLE_PANELS = 224;

  private final boolean smallProducts;

  /**
   * @param kernels by OpenBLAS's name
   */
  Panels(String kernels) {
    smallProducts = SMALL_PRODUCTS.stream().anyMatch(kernels::equalsIgnoreCase);
  }

  boolean formGram(int d) {
    return smallProducts
        && d <= MOST_GRAM_PANELS
        && d % 256 != 0; // strides of 2 KiB fight for the same cache lines
  }

  boolean multiplyTriangle(int d) {
    return smallProducts && d <= MOST_TRIANGLE_PANELS;
  }
}
