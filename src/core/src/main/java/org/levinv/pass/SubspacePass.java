package org.levinv.pass;

import java.util.Arrays;
import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.RowMap;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * Which rows lie in the subspaces spanned by the first k of some orthonormal vectors, k = 1, 2, ...
 * of them, what targets they hold, and which other rows have grown most, in one reading; d^2 flops
 * a row and 2 d for each vector.
 */
public final class SubspacePass implements Pass<SubspaceSums> {

  /** The length of what is left of a row of length 1 that lies in a subspace, up to rounding. */
  public static final double INSIDE = 1e-7;

  private final double[][] basis;
  private final TargetWeights weights;
  private final int candidates;
  private final int named;

  /**
   * @param basis orthonormal vectors of d entries, in the coordinates of the store
   * @param weights u; rows with a large u_i ||a_i||^2 / t_i have grown most
   * @param candidates rows outside of all subspaces that are listed at most
   * @param named rows inside the largest one that are listed at most, the first ones
   */
  public SubspacePass(double[][] basis, TargetWeights weights, int candidates, int named) {
    this.basis = Copies.of(basis);
    this.weights = weights;
    this.candidates = candidates;
    this.named = named;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withNumbers(2 * basis.length).withLists(2);
  }

  @Override
  public double flopsPerRow(int columns) {
    return weights.flopsPerRow(columns) + 2.0 * columns * (basis.length + 1);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    List<Vector> Q = Copies.upload(basis, space);
    RowMap.Kernel weight = weights.on(device, space);
    return (block, sums) -> {
      Vector v = block.scratch(0);
      int n = block.count();
      double[] square = new double[n];
      device.squaredRowNorms(block.A(), v);
      device.download(v, square);
      int[] rank = ranks(device, block, Q, square);
      double[] t = new double[n];
      device.download(weights.targets().of(block, device), t);
      double[] u = new double[n];
      weight.of(block, v);
      device.download(v, u);
      sums.list(0).keepLargest(candidates);
      sums.list(1).keepLargest(named);
      for (int i = 0; i < n; i++) {
        long row = block.first() + i;
        if (!(t[i] > 0) || square[i] == 0) {
          continue;
        }
        if (rank[i] == 0) {
          sums.list(0).add(row, u[i] * square[i] / t[i]);
        } else {
          sums.add(2 * rank[i] - 2, t[i]);
          sums.add(2 * rank[i] - 1, 1);
          sums.list(1).add(row, -row);
        }
      }
    };
  }

  /** The k of the first subspace that each row lies in, 0 for none. */
  private static int[] ranks(Device device, RowBlock block, List<Vector> Q, double[] square) {
    Vector projection = block.scratch(1);
    double[] rest = square.clone();
    double[] part = new double[square.length];
    int[] rank = new int[square.length];
    for (int k = 0; k < Q.size(); k++) {
      device.times(block.A(), Q.get(k), projection); // A q
      device.map(Formula.SQUARE, 0, projection, null, null, projection);
      device.download(projection, part);
      for (int i = 0; i < rest.length; i++) {
        rest[i] -= part[i];
        if (rank[i] == 0 && rest[i] <= INSIDE * INSIDE * square[i]) {
          rank[i] = k + 1;
        }
      }
    }
    return rank;
  }

  @Override
  public SubspaceSums answer(Sums total) {
    double[] held = new double[basis.length];
    long[] count = new long[basis.length];
    for (int k = 0; k < held.length; k++) {
      held[k] = total.number(2 * k) + (k == 0 ? 0 : held[k - 1]);
      count[k] = (long) total.number(2 * k + 1) + (k == 0 ? 0 : count[k - 1]);
    }
    return new SubspaceSums(held, count, total.list(0), total.list(1));
  }

  /** w_i = 1 / ||a_i|| for rows outside of all subspaces, else 0; 2 d flops for each vector. */
  public static RowMap unitRowsOutside(double[][] basis) {
    double[][] own = Copies.of(basis);
    return new RowMap() {
      @Override
      public double flopsPerRow(int columns) {
        return 2.0 * columns * (own.length + 1);
      }

      @Override
      public Kernel on(Device device, Workspace space) {
        List<Vector> Q = Copies.upload(own, space);
        return (block, to) -> {
          double[] square = new double[block.count()];
          device.squaredRowNorms(block.A(), to);
          device.download(to, square);
          int[] rank = ranks(device, block, Q, square);
          double[] w = new double[square.length];
          Arrays.setAll(w, i -> rank[i] == 0 && square[i] > 0 ? 1 / Math.sqrt(square[i]) : 0);
          device.upload(w, to);
        };
      }
    };
  }
}
