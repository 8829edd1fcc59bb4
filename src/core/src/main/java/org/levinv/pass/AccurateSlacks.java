package org.levinv.pass;

import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.rows.Field;
import org.levinv.rows.RowBlock;
import org.levinv.small.Dot2;

/**
 * The slacks a_i.x - b_i of one block of rows after the other in twice the working precision, on
 * the host, from the rows as they were read. One thread's own; its arrays are used again.
 */
final class AccurateSlacks {

  /**
   * Rows come to the host in strips of about this many numbers (512 KiB), which stay in a cache.
   */
  private static final int STRIP = 1 << 16;

  private final Device device;
  private final Weights weights;
  private final double[] x;
  private final int d;
  private double[] strip = new double[0];
  private double[] offset = new double[0];
  private double[] slack = new double[0];
  private double[] error = new double[0];
  private double[] weight = new double[0];
  private double[] prior = new double[0];

  /**
   * @param x d entries, in the units of the store
   * @param weights of the rows as a function of the slacks
   */
  AccurateSlacks(Device device, double[] x, Weights weights) {
    this.device = device;
    this.weights = weights;
    this.x = x;
    d = x.length;
  }

  /** What is done with row i of a block, whose entries start at {@code at} of {@code rows}. */
  @FunctionalInterface
  interface RowWork {
    void run(int i, double[] rows, int at);
  }

  /** All rows of a block, in order. */
  void forRows(RowBlock block, RowWork work) {
    int most = Math.max(1, STRIP / d);
    if (strip.length == 0) {
      strip = new double[Math.multiplyExact(most, d)];
    }
    for (int first = 0; first < block.count(); first += most) {
      int count = Math.min(most, block.count() - first);
      device.download(block.original(), first, count, strip);
      for (int i = 0; i < count; i++) {
        work.run(first + i, strip, i * d);
      }
    }
  }

  /** Slacks, their errors and weights of the rows of a block; 6 d operations of the host a row. */
  void of(RowBlock block, double unit) {
    int count = block.count();
    if (slack.length != count) {
      offset = new double[count];
      slack = new double[count];
      error = new double[count];
      weight = new double[count];
      prior = new double[count];
    }
    Vector b = block.field(Field.OFFSET);
    if (b != null) {
      device.download(b, offset);
    }
    Vector halfLogs = block.field(Field.PRIOR);
    if (halfLogs != null) {
      device.download(halfLogs, prior);
    }
    forRows(
        block,
        (i, rows, at) -> {
          double s = Dot2.minus(rows, at, x, offset[i], error, i);
          slack[i] = s;
          if (weights.isBarrier()) {
            error[i] = s == 0 ? 0 : error[i] / Math.abs(s);
            weight[i] = s == 0 ? 0 : unit / s;
          } else {
            error[i] *= Math.abs(weights.slope(s));
            weight[i] = unit * Math.exp(weights.log(s) + prior[i]);
          }
        });
  }

  /** a_i.x - b_i. */
  double[] slack() {
    return slack;
  }

  /**
   * How much a relative error eps of all terms of a slack changes its weight, relatively, / eps; 0
   * where a weight 1 / s has a slack of 0.
   */
  double[] error() {
    return error;
  }

  /** The unit times the weight; 0 where a weight 1 / s has a slack of 0. */
  double[] weight() {
    return weight;
  }
}
