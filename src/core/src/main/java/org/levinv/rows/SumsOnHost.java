package org.levinv.rows;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What {@link Sums} hold, on its way from one device to another. */
final class SumsOnHost implements Serializable {
  final SumShape shape;
  final List<double[]> matrices = new ArrayList<>();
  final List<double[]> triangles = new ArrayList<>();
  final List<double[]> vectors = new ArrayList<>();
  final List<RowList> lists = new ArrayList<>();
  double[] numbers;
  double[] extremes;
  long[] extremeRows;

  SumsOnHost(SumShape shape) {
    this.shape = shape;
  }
}
