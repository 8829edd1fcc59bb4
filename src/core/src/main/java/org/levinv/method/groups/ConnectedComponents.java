package org.levinv.method.groups;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Rows that decouple whatever their weights. With C = A A_B^-1 for d pivoted rows B, row i says
 * something of pivot j where c_ij is not 0: the connected components of that graph are the groups.
 * A group is a subspace of columns, spanned by its columns of A_B^-1, and a row's group follows
 * from the row. Answers y in the coordinates C come back as x = A_B^-1 y.
 *
 * @param C the coordinates, m x d
 * @param inverse A_B^-1, d x d
 * @param groups in the order of their first column; rows of zeros are in none
 */
record ConnectedComponents(HostMatrix C, HostMatrix inverse, List<Group> groups) {

  /** |c_ij| / ||c_i|| up to this is rounding: a larger one joins less. */
  private static final double ZERO = 1e-9;

  /** Rows times this many columns, and some more, mostly show whether all is one group. */
  private static final int FEW = 3;

  /**
   * A group.
   *
   * @param rows of A
   * @param columns of C
   */
  record Group(int[] rows, int[] columns) {}

  /**
   * Whether some few rows couple all columns, so that there is one group only; it costs some 4 d^3
   * flops. False says nothing.
   */
  static boolean isOne(HostMatrix A, SplittableRandom random, Effort effort) {
    int d = A.columns();
    int few = FEW * d + 50;
    if (A.rows() < 2 * few) {
      return false;
    }
    int[] index = new int[few];
    for (int k = 0; k < few; k++) {
      index[k] = random.nextInt(A.rows());
    }
    ConnectedComponents of = of(A.part(index, range(d)), effort);
    return of != null && of.groups.size() == 1;
  }

  /** The groups of A; null where its rank is below d. Some 2 m d^2 flops, less with many zeros. */
  static ConnectedComponents of(HostMatrix A, Effort effort) {
    int m = A.rows();
    int d = A.columns();
    int[] pivots = Pivots.of(A, effort);
    if (pivots.length < d) {
      return null;
    }
    HostMatrix atPivots = A.part(pivots, range(d));
    HostMatrix inverse = Pivots.inverse(atPivots);
    effort.spend(2.0 * d * d * d);
    HostMatrix C = HostMatrix.zeros(m, d);
    double[] rest = new double[d];
    double[] row = new double[d];
    for (int i = 0; i < m; i++) { // two products with a d x d matrix, as many terms as nonzeros
      System.arraycopy(A.entries(), i * d, rest, 0, d);
      for (int round = 0; round < 2; round++) { // c = c + (a - c A_B) A_B^-1
        for (int k = 0; k < d; k++) {
          if (rest[k] != 0) {
            inverse.addRow(k, rest[k], row);
            effort.spend(2.0 * d);
          }
        }
        System.arraycopy(A.entries(), i * d, rest, 0, d);
        for (int k = 0; k < d && round == 0; k++) {
          if (row[k] != 0) {
            atPivots.addRow(k, -row[k], rest);
            effort.spend(2.0 * d);
          }
        }
      }
      System.arraycopy(row, 0, C.entries(), i * d, d);
      java.util.Arrays.fill(row, 0);
    }
    for (int k = 0; k < d; k++) {
      for (int j = 0; j < d; j++) {
        C.set(pivots[k], j, j == k ? 1 : 0);
      }
    }
    return new ConnectedComponents(C, inverse, components(C));
  }

  private static List<Group> components(HostMatrix C) {
    int d = C.columns();
    int[] parent = range(d);
    int[] strongest = new int[C.rows()];
    for (int i = 0; i < C.rows(); i++) {
      double bound = ZERO * C.length(i);
      int first = -1;
      strongest[i] = -1;
      for (int j = 0; j < d; j++) {
        double size = Math.abs(C.get(i, j));
        if (size > bound) {
          if (first < 0) {
            first = j;
          }
          parent[root(parent, j)] = root(parent, first);
          if (strongest[i] < 0 || size > Math.abs(C.get(i, strongest[i]))) {
            strongest[i] = j;
          }
        }
      }
    }
    List<List<Integer>> rows = new ArrayList<>();
    List<List<Integer>> columns = new ArrayList<>();
    int[] label = new int[d];
    java.util.Arrays.fill(label, -1);
    for (int j = 0; j < d; j++) {
      int top = root(parent, j);
      if (label[top] < 0) {
        label[top] = rows.size();
        rows.add(new ArrayList<>());
        columns.add(new ArrayList<>());
      }
      columns.get(label[top]).add(j);
    }
    for (int i = 0; i < C.rows(); i++) {
      if (strongest[i] >= 0) {
        rows.get(label[root(parent, strongest[i])]).add(i);
      }
    }
    List<Group> groups = new ArrayList<>();
    for (int g = 0; g < rows.size(); g++) {
      groups.add(new Group(array(rows.get(g)), array(columns.get(g))));
    }
    return groups;
  }

  private static int root(int[] parent, int j) {
    int k = j;
    while (parent[k] != k) {
      parent[k] = parent[parent[k]];
      k = parent[k];
    }
    return k;
  }

  private static int[] array(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }

  static int[] range(int count) {
    int[] index = new int[count];
    for (int k = 0; k < count; k++) {
      index[k] = k;
    }
    return index;
  }
}
