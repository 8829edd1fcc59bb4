package org.levinv.pass;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The targets of a search for row weights, which rows have a heavy one, and the Gram matrix of the
 * light ones at weights with which each row alone would have its target, in one reading; d^2 + 2 d
 * flops a row. Where rows have no targets of their own, each counts as 1.
 */
public final class TargetPass implements Pass<TargetSums> {

  /** Rows that are named at most of each kind. */
  static final int NAMED = 10;

  /** Other programs leave scores up to this for rows of zeros. */
  private static final double ROUNDING = 1e-14;

  private final double heavy;
  private final int mostHeavy;

  /**
   * @param heavy targets above this are heavy; without targets every row is, and counts as light in
   *     the Gram matrix
   * @param mostHeavy rows that are listed as heavy at most
   */
  public TargetPass(double heavy, int mostHeavy) {
    this.heavy = heavy;
    this.mostHeavy = mostHeavy;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withMatrices(1).withNumbers(5).withExtremes(2).withLists(2);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns + 2.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    return (block, sums) -> {
      Vector square = block.scratch(0);
      Vector u = block.scratch(1);
      device.squaredRowNorms(block.A(), square);
      device.map(Formula.RECIPROCAL, 0, square, null, null, u); // 1 / ||a_i||^2
      Vector target = block.field(Field.TARGET);
      if (target != null) {
        device.multiply(target, u, u);
      }
      int[] own = look(device, block, square, target, sums);
      device.put(new double[own.length], own, u);
      device.weightedGram(block.A(), u, sums.matrix(0)); // A^T diag(t / ||a||^2) A
    };
  }

  /** Adds up the targets; the positions of the heavy rows that have one. */
  private int[] look(Device device, RowBlock block, Vector square, Vector target, Sums sums) {
    double[] squares = new double[block.count()];
    double[] targets = new double[block.count()];
    device.download(square, squares);
    if (target != null) {
      device.download(target, targets);
    }
    sums.list(0).keepLargest(mostHeavy + 1);
    sums.list(1).keepLargest(NAMED);
    int[] own = new int[block.count()];
    int count = 0;
    for (int i = 0; i < squares.length; i++) {
      long row = block.first() + i;
      double t = target == null ? (squares[i] > 0 ? 1 : 0) : targets[i];
      sums.offer(TargetSums.LARGEST, t, row);
      sums.offer(TargetSums.NEGATIVE, -t, row);
      if (squares[i] == 0) {
        sums.add(TargetSums.ZEROS, 1);
        if (t > ROUNDING) {
          sums.list(1).add(row, -row);
        }
      } else if (t > 0) {
        sums.add(TargetSums.POSITIVE, 1);
        if (t > heavy && sums.list(0).offered() <= mostHeavy) {
          sums.list(0).add(row, t);
        }
      }
      if (target != null && t > heavy) {
        own[count++] = i;
      }
      sums.add(TargetSums.SUM, t);
      sums.add(TargetSums.DEGREES, t * (1 - t));
      sums.add(TargetSums.SQUARES, t * t);
    }
    return Arrays.copyOf(own, count);
  }

  @Override
  public TargetSums answer(Sums total) {
    return new TargetSums(total);
  }
}
