package org.levinv.method;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.pass.FactorPass;
import org.levinv.pass.NormsPass;
import org.levinv.pass.UnitRows;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * The numerical rank of a matrix whose rows and columns are scaled to norm 1 first, so that units
 * do not count.
 *
 * @param rank columns that doubles can tell from combinations of the others
 * @param ratio the last pivot of the factorisation divided by the first: about 1 / condition of the
 *     scaled matrix
 * @param dependent a column, and those that it is a combination of: the shortest that is found;
 *     empty where there is none
 */
public record Rank(int rank, double ratio, List<Integer> dependent) {

  /** A pivot this small, relative to the first, is zero. */
  private static final double ZERO = 1e-13;

  /**
   * Columns of length 1 with less than this part of the largest coefficient take no part in a
   * combination. Smaller: rounding by cond(A) names others.
   */
  private static final double PART = 1e-6;

  /** So many combinations are looked at, each at r^2 flops, for the shortest. */
  private static final int MOST_COMBINATIONS = 100;

  /**
   * The rank of A (n x d), in five units of work. A sample of rows with full rank shows that A has
   * full rank; a deficient one shows nothing.
   */
  public static Rank of(TallMatrix A, Device device) {
    int d = A.columns();
    double[] entries = new double[Math.multiplyExact(d, d)];
    try (Workspace space = new Workspace(device)) {
      Equilibration scales = new Equilibration(A, space);
      Matrix R = space.matrix(d, d);
      A.triangularFactor(scales.rows(), R); // of diag(r) A
      device.download(R, entries);
    }
    return ofTriangle(entries, d);
  }

  /** The same for all rows of a store, in two readings and five units of work. */
  public static Rank of(RowStore rows) {
    int d = rows.columns();
    double[] entries = new double[Math.multiplyExact(d, d)];
    double[] scales = Equilibration.columns(rows.run(new NormsPass(d)));
    Matrix R = rows.run(new FactorPass(new UnitRows(scales), false)); // of diag(r) A
    rows.device().download(R, entries);
    return ofTriangle(entries, d);
  }

  /** The rank of an upper triangular R, d x d row by row, its columns scaled to norm 1. */
  public static Rank ofTriangle(double[] entries, int d) {
    double[][] columns = new double[d][d];
    for (int j = 0; j < d; j++) {
      double norm = 0;
      for (int i = 0; i <= j; i++) {
        columns[j][i] = entries[i * d + j];
        norm = Math.hypot(norm, columns[j][i]);
      }
      for (int i = 0; norm > 0 && i <= j; i++) {
        columns[j][i] /= norm;
      }
    }
    return ofColumns(columns);
  }

  /**
   * Householder QR with column pivoting, in place. Peter Businger and Gene Golub, "Linear Least
   * Squares Solutions by Householder Transformations", 1965.
   */
  static Rank ofColumns(double[][] columns) {
    int d = columns.length;
    int rank = 0;
    double first = 0;
    double last = 0;
    int[] numbers = IntStream.range(0, d).toArray();
    double[] diagonal = new double[d];
    for (int k = 0; k < d; k++) {
      int pivot = k;
      double largest = -1;
      for (int j = k; j < d; j++) {
        double square = dot(columns[j], columns[j], k);
        if (square > largest) {
          largest = square;
          pivot = j;
        }
      }
      double[] v = columns[pivot];
      columns[pivot] = columns[k];
      columns[k] = v;
      int number = numbers[pivot];
      numbers[pivot] = numbers[k];
      numbers[k] = number;
      double norm = Math.sqrt(largest);
      first = k == 0 ? norm : first;
      last = norm;
      if (!(norm > ZERO * first)) {
        List<Integer> dependent = combination(columns, diagonal, numbers, rank);
        return new Rank(rank, first == 0 ? 0 : last / first, dependent);
      }
      rank++;
      diagonal[k] = -Math.copySign(norm, v[k]);
      v[k] += Math.copySign(norm, v[k]); // v = a + sign(a_k) ||a|| e_k
      double square = dot(v, v, k);
      for (int j = k + 1; j < d; j++) {
        double factor = 2 * dot(v, columns[j], k) / square;
        for (int i = k; i < d; i++) {
          columns[j][i] -= factor * v[i]; // (I - 2 v v^T / v^T v) a_j
        }
      }
    }
    return new Rank(rank, last / first, List.of());
  }

  /**
   * The shortest combination R^-1 r_j of the first columns that is another one; its last column is
   * the one that depends on the others.
   */
  private static List<Integer> combination(
      double[][] columns, double[] diagonal, int[] numbers, int rank) {
    int[] shortest = null;
    for (int j = rank; j < Math.min(numbers.length, rank + MOST_COMBINATIONS); j++) {
      double[] c = Arrays.copyOf(columns[j], rank);
      for (int k = rank - 1; k >= 0; k--) {
        c[k] /= diagonal[k];
        for (int i = 0; i < k; i++) {
          c[i] -= c[k] * columns[k][i];
        }
      }
      double least = PART * Arrays.stream(c).map(Math::abs).max().orElse(0);
      int[] others = IntStream.range(0, rank).filter(k -> Math.abs(c[k]) > least).toArray();
      if (shortest == null || others.length + 1 < shortest.length) {
        shortest = Arrays.copyOf(others, others.length + 1);
        shortest[others.length] = j;
      }
    }
    List<Integer> named =
        new ArrayList<>(Arrays.stream(shortest).mapToObj(k -> numbers[k]).toList());
    Collections.sort(named);
    Collections.rotate(named, 1);
    return List.copyOf(named);
  }

  private static double dot(double[] x, double[] y, int from) {
    double sum = 0;
    for (int i = from; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
