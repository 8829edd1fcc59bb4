package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ConnectedComponentsTest {

  /** Blocks of Gaussian rows, then columns mixed so that A's own zeros are gone. */
  private static HostMatrix mixed(int[] rows, int[] columns, long seed) {
    Random random = new Random(seed);
    int m = Arrays.stream(rows).sum();
    int d = Arrays.stream(columns).sum();
    HostMatrix blocks = HostMatrix.zeros(m, d);
    int row = 0;
    int column = 0;
    for (int g = 0; g < rows.length; g++) {
      for (int i = row; i < row + rows[g]; i++) {
        for (int j = column; j < column + columns[g]; j++) {
          blocks.set(i, j, random.nextGaussian());
        }
      }
      row += rows[g];
      column += columns[g];
    }
    HostMatrix mix = HostMatrix.zeros(d, d);
    Arrays.setAll(mix.entries(), k -> random.nextGaussian());
    HostMatrix A = HostMatrix.zeros(m, d);
    for (int i = 0; i < m; i++) {
      double[] sum = new double[d];
      for (int k = 0; k < d; k++) {
        mix.addRow(k, blocks.get(i, k), sum);
      }
      System.arraycopy(sum, 0, A.entries(), i * d, d);
    }
    return A;
  }

  @Test
  void groupsAreFoundBehindMixedColumns() {
    HostMatrix A = mixed(new int[] {12, 1, 9, 4}, new int[] {4, 1, 3, 1}, 3);
    ConnectedComponents of = ConnectedComponents.of(A, Effort.unbounded());
    TreeSet<String> sizes = new TreeSet<>();
    for (ConnectedComponents.Group group : of.groups()) {
      int first = group.rows()[0];
      int last = group.rows()[group.rows().length - 1];
      sizes.add(first + ".." + last + " x " + group.columns().length);
    }
    assertEquals(
        new TreeSet<>(Arrays.asList("0..11 x 4", "12..12 x 1", "13..21 x 3", "22..25 x 1")), sizes);
  }

  @Test
  void answersComeBackByTheInverse() {
    HostMatrix A = mixed(new int[] {12, 9}, new int[] {4, 3}, 4);
    ConnectedComponents of = ConnectedComponents.of(A, Effort.unbounded());
    double[] y = {1, -2, 3, 0.5, 0, 4, 1};
    double[] x = of.inverse().times(y);
    double[] expected = of.C().times(y);
    double[] found = A.times(x);
    for (int i = 0; i < A.rows(); i++) {
      // A_B of 7 columns has a condition number of some 100
      assertEquals(expected[i], found[i], 1e-11);
    }
  }

  @Test
  void rowsOfZerosAreInNoGroup() {
    HostMatrix A = HostMatrix.zeros(4, 1);
    A.set(1, 0, 2);
    A.set(3, 0, -1);
    ConnectedComponents of = ConnectedComponents.of(A, Effort.unbounded());
    assertEquals(1, of.groups().size());
    assertEquals("[1, 3]", Arrays.toString(of.groups().get(0).rows()));
  }

  @Test
  void dependentColumnsHaveNoComponents() {
    HostMatrix A = mixed(new int[] {12}, new int[] {3}, 5).withColumn(new double[12]);
    for (int i = 0; i < 12; i++) {
      A.set(i, 3, A.get(i, 0) - 2 * A.get(i, 2));
    }
    assertNull(ConnectedComponents.of(A, Effort.unbounded()));
  }

  @Test
  void fewRowsShowThatGaussianRowsAreOneGroup() {
    SplittableRandom random = new SplittableRandom(1);
    Effort effort = Effort.unbounded();
    HostMatrix one = mixed(new int[] {4000}, new int[] {5}, 6);
    assertTrue(ConnectedComponents.isOne(one, random, effort));
    // 65 rows of 4,000: pivoting and products take some 7 x 65 x 25 flops
    assertTrue(effort.flops() < 0.2 * 4000 * 25, "flops " + effort.flops());
    HostMatrix two = mixed(new int[] {200, 200}, new int[] {2, 3}, 6);
    assertFalse(ConnectedComponents.isOne(two, random, effort));
  }

  @Test
  void unitsOfRowsAndColumnsDoNotMatter() {
    HostMatrix A = mixed(new int[] {8, 8}, new int[] {2, 2}, 7);
    double[] rows = new double[16];
    Arrays.setAll(rows, i -> Math.pow(10, i % 5 * 4 - 8));
    HostMatrix scaled = A.scaledRows(rows).scaledColumns(new double[] {1e-12, 1, 1e8, 1e3});
    assertEquals(2, ConnectedComponents.of(scaled, Effort.unbounded()).groups().size());
  }
}
