package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.levinv.ArrayRows;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

class RankTest {

  private static Rank of(double[][] A) {
    try (Device device = TestedDevices.open(1);
        Workspace space = new Workspace(device);
        RowStore store =
            new LeafStore(
                ProblemRows.of(ArrayRows.of(A)), device, new Partition(A.length, 16), 0)) {
      Rank rank = Rank.of(PlainProblem.upload(A, space), device);
      Rank byPasses = Rank.of(store);
      assertEquals(rank.rank(), byPasses.rank());
      assertEquals(2, store.counter().passes(), 1e-12);
      if (rank.rank() == A[0].length) { // where it is not, the ratio is rounding
        double factor = byPasses.ratio() / rank.ratio(); // nearly equal pivots may change places
        assertTrue(factor > 0.2 && factor < 5, rank.ratio() + " and " + byPasses.ratio());
      }
      return rank;
    }
  }

  private static double[][] gaussian(int n, int d, long seed) {
    Random random = new Random(seed);
    double[][] A = new double[n][];
    for (int i = 0; i < n; i++) {
      A[i] = PlainProblem.normals(d, random);
    }
    return A;
  }

  /** A diag(1 ... 1/condition) Q with a Gaussian Q: about that condition, visible in no column. */
  static double[][] conditioned(int n, int d, double condition, long seed) {
    double[][] A = gaussian(n, d, seed);
    double[][] Q = gaussian(d, d, seed + 1);
    double[][] B = new double[n][d];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < d; k++) {
        double factor = A[i][k] * Math.pow(condition, -(double) k / (d - 1));
        for (int j = 0; j < d; j++) {
          B[i][j] += factor * Q[k][j];
        }
      }
    }
    return B;
  }

  /** Multiplies row i by exp(U(-10, 10)) and column j by 10^(grade j). */
  static void scale(double[][] A, double grade) {
    Random random = new Random(61);
    for (double[] row : A) {
      double factor = Math.exp(20 * random.nextDouble() - 10);
      for (int j = 0; j < row.length; j++) {
        row[j] *= factor * Math.pow(10, grade * j);
      }
    }
  }

  @Test
  void fullRankWhateverTheConditionAndTheScales() {
    for (int d : new int[] {1, 5, 30}) {
      for (double condition : new double[] {1, 1e5, 1e10}) {
        for (double grade : new double[] {0, -0.5}) {
          if (d > 1 || condition == 1) {
            double[][] A = d == 1 ? gaussian(20, 1, 62) : conditioned(10 * d, d, condition, 62);
            assertEquals(d, of(A).rank());
            scale(A, grade);
            assertEquals(d, of(A).rank());
          }
        }
      }
    }
  }

  @Test
  void dependentColumnsAreFound() {
    for (double grade : new double[] {0, 1}) {
      for (double condition : new double[] {1, 1e6}) {
        double[][] A = conditioned(200, 8, condition, 63);
        for (double[] row : A) {
          row[6] = row[0] - 2 * row[3];
          row[2] = row[5] + row[7];
        }
        scale(A, grade);
        Rank rank = of(A);
        assertEquals(6, rank.rank());
        Set<List<Integer>> planted = Set.of(List.of(6, 0, 3), List.of(7, 2, 5));
        assertTrue(planted.contains(rank.dependent()), rank.dependent().toString());
        assertTrue(rank.ratio() <= 1e-13);
      }
    }
  }

  @Test
  void zeroColumnsAndDuplicatesAreFound() {
    double[][] A = gaussian(50, 4, 64);
    for (double[] row : A) {
      row[1] = 0;
    }
    assertEquals(3, of(A).rank());
    assertEquals(List.of(1), of(A).dependent());
    for (double[] row : A) {
      row[1] = row[2];
    }
    assertEquals(3, of(A).rank());
    assertEquals(List.of(2, 1), of(A).dependent());
    assertEquals(0, of(new double[10][3]).rank());
  }

  @Test
  void aRowOfZerosDoesNotMatter() {
    double[][] A = gaussian(50, 4, 65);
    A[7] = new double[4];
    try (Device device = new ReferenceDevice();
        Workspace space = new Workspace(device)) {
      Rank rank = Rank.of(PlainProblem.upload(A, space), device);
      assertEquals(4, rank.rank());
      assertEquals(List.of(), rank.dependent());
      assertEquals(of(A).ratio(), rank.ratio(), 1e-12);
      assertTrue(rank.ratio() > 0.3);
    }
  }
}
