package org.levinv.rows;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * The small results of a pass over some consecutive rows. Those of neighbours merge: matrices,
 * vectors and numbers are added, of extremes the larger stays, lists of rows are joined, triangles
 * are factored together.
 */
public final class Sums implements AutoCloseable {
  private final Workspace space;
  private final SumShape shape;
  private final Matrix[] matrices;
  private final Vector[] vectors;
  private final double[] numbers;
  private final double[] extremes;
  private final long[] extremeRows;
  private final RowList[] lists;
  private final Matrix[] triangles;

  /** Sums of zero, in memory of a device, for matrices of {@code columns} columns. */
  Sums(Device device, SumShape shape, int columns) {
    this.space = new Workspace(device);
    this.shape = shape;
    matrices = new Matrix[shape.matrices()];
    Arrays.setAll(matrices, k -> space.matrix(columns, columns));
    vectors = new Vector[shape.vectors()];
    Arrays.setAll(vectors, k -> space.vector(columns));
    numbers = new double[shape.numbers()];
    extremes = new double[shape.extremes()];
    extremeRows = new long[shape.extremes()];
    lists = new RowList[shape.lists()];
    Arrays.setAll(lists, k -> new RowList());
    triangles = new Matrix[shape.triangles()];
    Arrays.setAll(triangles, k -> space.matrix(columns, columns));
    clear();
  }

  SumShape shape() {
    return shape;
  }

  /** No numbers, extremes and rows yet; matrices and vectors keep what they hold. */
  void clear() {
    Arrays.fill(numbers, 0);
    Arrays.fill(extremes, Double.NEGATIVE_INFINITY);
    Arrays.fill(extremeRows, -1);
    for (RowList list : lists) {
      list.clear();
    }
  }

  /** The answer of a pass to these; the lists are its own from then on. */
  <T> T answer(Pass<T> pass) {
    T answer = pass.answer(this);
    Arrays.setAll(lists, k -> new RowList());
    return answer;
  }

  /** Matrix k, d x d; of one leaf: to be overwritten with its part. */
  public Matrix matrix(int k) {
    return matrices[k];
  }

  /** Vector k, d; of one leaf: to be overwritten with its part. */
  public Vector vector(int k) {
    return vectors[k];
  }

  /** Number k. */
  public double number(int k) {
    return numbers[k];
  }

  /** Adds to number k. */
  public void add(int k, double value) {
    numbers[k] += value;
  }

  /** Extreme k, minus infinity where nothing was offered. */
  public double extreme(int k) {
    return extremes[k];
  }

  /** The first row that has extreme k, or -1. */
  public long extremeRow(int k) {
    return extremeRows[k];
  }

  /** Offers a value for extreme k; NaN is larger than any number. */
  public void offer(int k, double value, long row) {
    if (value > extremes[k] || (Double.isNaN(value) && !Double.isNaN(extremes[k]))) {
      extremes[k] = value;
      extremeRows[k] = row;
    }
  }

  /** List k. */
  public RowList list(int k) {
    return lists[k];
  }

  /** Triangle k, d x d upper triangular; of one leaf: to be overwritten with the R of its rows. */
  public Matrix triangle(int k) {
    return triangles[k];
  }

  /**
   * This = this + the sums of the rows that follow.
   *
   * @param device of the thread that adds, which shares the memory of these sums
   */
  void merge(Sums later, Device device) {
    for (int k = 0; k < matrices.length; k++) {
      device.axpy(1, later.matrices[k], matrices[k]);
    }
    for (int k = 0; k < vectors.length; k++) {
      device.axpy(1, later.vectors[k], vectors[k]);
    }
    for (int k = 0; k < numbers.length; k++) {
      numbers[k] += later.numbers[k];
    }
    for (int k = 0; k < extremes.length; k++) {
      offer(k, later.extremes[k], later.extremeRows[k]);
    }
    for (int k = 0; k < lists.length; k++) {
      lists[k].addAll(later.lists[k]);
    }
    for (int k = 0; k < triangles.length; k++) {
      device.stackTriangles(triangles[k], later.triangles[k], triangles[k]); // R of [R1; R2]
    }
  }

  /** A copy in memory of the host. */
  SumsOnHost download() {
    Device device = space.device();
    SumsOnHost copy = new SumsOnHost(shape);
    for (Matrix M : matrices) {
      double[] values = new double[M.rows() * M.columns()];
      device.download(M, values);
      copy.matrices.add(values);
    }
    for (Matrix R : triangles) {
      double[] values = new double[R.rows() * R.columns()];
      device.download(R, values);
      copy.triangles.add(values);
    }
    for (Vector v : vectors) {
      double[] values = new double[Math.toIntExact(v.length())];
      device.download(v, values);
      copy.vectors.add(values);
    }
    copy.numbers = numbers.clone();
    copy.extremes = extremes.clone();
    copy.extremeRows = extremeRows.clone();
    for (RowList list : lists) {
      copy.lists.add(new RowList());
      copy.lists.get(copy.lists.size() - 1).addAll(list);
    }
    return copy;
  }

  /** This = what was copied from sums of the same shape on another device; empty before. */
  void upload(SumsOnHost from) {
    Device device = space.device();
    for (int k = 0; k < matrices.length; k++) {
      device.upload(from.matrices.get(k), matrices[k]);
    }
    for (int k = 0; k < triangles.length; k++) {
      device.upload(from.triangles.get(k), triangles[k]);
    }
    for (int k = 0; k < vectors.length; k++) {
      device.upload(from.vectors.get(k), vectors[k]);
    }
    System.arraycopy(from.numbers, 0, numbers, 0, numbers.length);
    System.arraycopy(from.extremes, 0, extremes, 0, extremes.length);
    System.arraycopy(from.extremeRows, 0, extremeRows, 0, extremeRows.length);
    for (int k = 0; k < lists.length; k++) {
      lists[k].addAll(from.lists.get(k));
    }
  }

  @Override
  public void close() {
    space.close();
  }
}
