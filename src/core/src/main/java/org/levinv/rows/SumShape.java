package org.levinv.rows;

import java.io.Serializable;

/**
 * What a pass adds up.
 *
 * @param matrices d x d matrices, added
 * @param vectors of d entries, added
 * @param numbers added
 * @param extremes numbers of which the largest is kept, with its first row
 * @param lists of rows, one after the other
 * @param triangles d x d upper triangular factors R, of which two become that of [R1; R2]
 */
public record SumShape(
    int matrices, int vectors, int numbers, int extremes, int lists, int triangles)
    implements Serializable {

  /** Nothing yet. */
  public static SumShape none() {
    return new SumShape(0, 0, 0, 0, 0, 0);
  }

  /** Bytes of one such sum for d columns, but for its lists. */
  long bytes(int d) {
    long numbersInAll =
        ((long) matrices + triangles) * d * d + (long) vectors * d + numbers + 2L * extremes;
    return Double.BYTES * numbersInAll;
  }

  public SumShape withMatrices(int count) {
    return new SumShape(count, vectors, numbers, extremes, lists, triangles);
  }

  public SumShape withVectors(int count) {
    return new SumShape(matrices, count, numbers, extremes, lists, triangles);
  }

  public SumShape withNumbers(int count) {
    return new SumShape(matrices, vectors, count, extremes, lists, triangles);
  }

  public SumShape withExtremes(int count) {
    return new SumShape(matrices, vectors, numbers, count, lists, triangles);
  }

  public SumShape withLists(int count) {
    return new SumShape(matrices, vectors, numbers, extremes, count, triangles);
  }

  public SumShape withTriangles(int count) {
    return new SumShape(matrices, vectors, numbers, extremes, lists, count);
  }
}
