package org.levinv.pass;

import java.util.HashMap;
import java.util.Map;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * What the scores at x hang on, from the rows as they were read and slacks s = A x - b in twice the
 * working precision, with w = unit / s: the Gram matrix A^T diag(w)^2 A (d^2 flops a row), or R of
 * the Householder QR of diag(w) A (2 d^2), or of diag(w) A M (3 d^2).
 */
public final class VerifyFactorPass implements Pass<VerifyFactor> {
  private static final int ENTRY_MOVES = 0;
  private static final int SLACK_MOVES = 1;
  private static final int DEGREES = 2;
  private static final int NUMBERS = 3;
  private static final int LARGEST = 0;
  private static final int NO_SLACK = 1;
  private static final int NEGATIVE = 2;

  private final double[] x;
  private final double unit;
  private final boolean triangle;
  private final double[] M;
  private final long[] heavyRows;
  private final double[] heavyWeights;
  private Weights weights = Weights.BARRIER;

  private VerifyFactorPass(
      double[] x,
      double unit,
      boolean triangle,
      double[] M,
      long[] heavyRows,
      double[] heavyWeights) {
    this.x = x.clone();
    this.unit = unit;
    this.triangle = triangle;
    this.M = M == null ? null : M.clone();
    this.heavyRows = heavyRows.clone();
    this.heavyWeights = heavyWeights.clone();
  }

  /**
   * A Gram matrix.
   *
   * @param x d entries, in the units of the store
   * @param unit of all weights, a power of two: it keeps squares in the range of doubles
   */
  public static VerifyFactorPass gram(double[] x, double unit) {
    return new VerifyFactorPass(x, unit, false, null, new long[0], new double[0]);
  }

  /**
   * A triangular factor.
   *
   * @param M upper triangular, d x d row by row, or null for the identity
   */
  public static VerifyFactorPass triangle(double[] x, double unit, double[] M) {
    return new VerifyFactorPass(x, unit, true, M, new long[0], new double[0]);
  }

  /**
   * A triangular factor for other weights of some rows.
   *
   * @param rows their numbers
   * @param weights theirs, times the unit, before rows come in units of their own
   */
  public static VerifyFactorPass reweighted(
      double[] x, double unit, long[] rows, double[] weights) {
    return new VerifyFactorPass(x, unit, true, null, rows, weights);
  }

  /** The same pass for other weights than 1 / s. */
  public VerifyFactorPass with(Weights others) {
    VerifyFactorPass pass = new VerifyFactorPass(x, unit, triangle, M, heavyRows, heavyWeights);
    pass.weights = others;
    return pass;
  }

  @Override
  public SumShape shape() {
    SumShape shape = SumShape.none().withNumbers(NUMBERS).withExtremes(3);
    return triangle ? shape.withTriangles(1) : shape.withMatrices(1);
  }

  @Override
  public double flopsPerRow(int d) {
    return (triangle ? (M == null ? 2.0 : 3.0) : 1.0) * d * d;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    int d = x.length;
    AccurateSlacks slacks = new AccurateSlacks(device, x, weights);
    Moved moved = M == null ? null : new Moved(device, space, M, d);
    EntryMoves moves = M == null ? null : new EntryMoves(M, d);
    return (block, sums) -> {
      slacks.of(block, unit);
      for (int k = 0; k < heavyRows.length; k++) {
        long heavy = heavyRows[k] - block.first();
        if (heavy >= 0 && heavy < block.count()) {
          double[] units = block.rowUnits();
          double unitOfRow = units == null ? 1 : units[(int) heavy];
          slacks.weight()[(int) heavy] = heavyWeights[k] / unitOfRow;
        }
      }
      Vector w = block.scratch(0);
      device.upload(slacks.weight(), w);
      offerRows(device, block, slacks.weight(), sums);
      if (weights.needsPositive()) {
        offerNegative(block, slacks.slack(), sums);
      }
      if (triangle) {
        Rows rows = moved == null ? block.original() : moved.of(block);
        if (moves != null) {
          addMoves(device, block, rows, slacks, moves.of(slacks, block), sums);
        }
        device.triangularFactor(rows, w, sums.triangle(0)); // Q R = diag(w) A M
      } else {
        device.multiply(w, w, w);
        device.weightedGram(block.original(), w, sums.matrix(0)); // A^T diag(w)^2 A
      }
    };
  }

  private static void addMoves(
      Device device, RowBlock block, Rows rows, AccurateSlacks slacks, double[] move, Sums sums) {
    Vector squares = block.scratch(1);
    device.squaredRowNorms(rows, squares);
    double[] square = new double[block.count()];
    device.download(squares, square);
    for (int i = 0; i < square.length; i++) {
      double w = slacks.weight()[i];
      double score = Math.min(1, w * w * square[i]);
      sums.add(ENTRY_MOVES, (1 - score) * move[i] * move[i]);
      sums.add(SLACK_MOVES, score * (1 - score) * slacks.error()[i]);
      sums.add(DEGREES, score * (1 - score));
    }
  }

  private static void offerRows(Device device, RowBlock block, double[] weight, Sums sums) {
    Vector squares = block.scratch(1);
    device.squaredRowNorms(block.original(), squares);
    double[] length = new double[block.count()];
    device.download(squares, length);
    for (int i = 0; i < length.length; i++) {
      sums.offer(LARGEST, Math.sqrt(length[i]) * Math.abs(weight[i]), block.first() + i);
      if (weight[i] == 0 && length[i] > 0) {
        sums.offer(NO_SLACK, 1, block.first() + i);
      }
    }
  }

  private static void offerNegative(RowBlock block, double[] slack, Sums sums) {
    for (int i = 0; i < slack.length; i++) {
      if (slack[i] < 0) {
        sums.offer(NEGATIVE, 1, block.first() + i);
      }
    }
  }

  @Override
  public VerifyFactor answer(Sums total) {
    return new VerifyFactor(
        triangle ? null : total.matrix(0),
        triangle ? total.triangle(0) : null,
        total.number(ENTRY_MOVES),
        total.number(SLACK_MOVES) / Math.max(total.number(DEGREES), 1e-300),
        total.extreme(LARGEST),
        total.extremeRow(NO_SLACK),
        total.extremeRow(NEGATIVE));
  }

  /** Rows times a triangle, in room of their own. */
  static final class Moved {
    private final Device device;
    private final Workspace space;
    private final Matrix M;
    private final Map<Integer, Rows> rooms = new HashMap<>();

    Moved(Device device, Workspace space, double[] M, int d) {
      this.device = device;
      this.space = space;
      this.M = space.matrix(d, d);
      device.upload(M, this.M);
    }

    /** A M; d^2 flops a row. */
    Rows of(RowBlock block) {
      Rows to = rooms.computeIfAbsent(block.count(), count -> space.rows(count, M.columns()));
      device.timesTriangular(block.original(), M, to);
      return to;
    }
  }
}
