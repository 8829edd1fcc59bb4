package org.levinv.rows;

/**
 * What a pass adds up.
 *
 * @param matrices d x d matrices, added
 * @param vectors of d entries, added
 * @param triangles upper triangular d x d factors R of rows, of which R^T R is added
 * @param numbers added
 * @param extremes numbers of which the largest is kept, with its first row
 * @param lists of rows, one after the other
 */
public record SumShape(
    int matrices, int vectors, int triangles, int numbers, int extremes, int lists) {

  /** Nothing yet. */
  public static SumShape none() {
    return new SumShape(0, 0, 0, 0, 0, 0);
  }

  public SumShape withMatrices(int count) {
    return new SumShape(count, vectors, triangles, numbers, extremes, lists);
  }

  public SumShape withVectors(int count) {
    return new SumShape(matrices, count, triangles, numbers, extremes, lists);
  }

  public SumShape withTriangles(int count) {
    return new SumShape(matrices, vectors, count, numbers, extremes, lists);
  }

  public SumShape withNumbers(int count) {
    return new SumShape(matrices, vectors, triangles, count, extremes, lists);
  }

  public SumShape withExtremes(int count) {
    return new SumShape(matrices, vectors, triangles, numbers, count, lists);
  }

  public SumShape withLists(int count) {
    return new SumShape(matrices, vectors, triangles, numbers, extremes, count);
  }
}
