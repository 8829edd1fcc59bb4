package org.levinv.pass;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * The first reading: sizes of rows, columns and offsets, sums and spread of the targets, and rows
 * drawn by them; no flops that count.
 */
public final class SurveyPass implements Pass<Profile> {

  /** An evaluation of exact scores may leave [0, 1] by this: some thousands of roundings. */
  private static final double ROUNDING = 1e-12;

  /** About so many rows, evenly spread, tell the sizes of columns. */
  private static final int TELLING_ROWS = 2048;

  private final int columns;
  private final long stride;
  private final Draws draws;

  /**
   * @param rows n
   * @param draws which rows are drawn by their targets, or null
   */
  public SurveyPass(long rows, int columns, Draws draws) {
    this.columns = columns;
    this.draws = draws;
    stride = Math.max(1, rows / TELLING_ROWS);
  }

  @Override
  public SumShape shape() {
    return SumShape.none()
        .withNumbers(Profile.COLUMNS + 2 * columns)
        .withExtremes(Profile.EXTREMES)
        .withLists(1);
  }

  @Override
  public double flopsPerRow(int d) {
    return 0;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    return (block, sums) -> {
      Vector offset = block.field(Field.OFFSET);
      if (offset != null) {
        Vector size = block.scratch(BlockScores.FREE);
        device.map(Formula.MAGNITUDE, 0, offset, null, null, size);
        BlockScores.offerLargest(device, block, size, Profile.OFFSET, sums);
      }
      Vector target = block.field(Field.TARGET);
      if (target != null) {
        lookAtTargets(device, block, target, sums);
        if (draws != null) {
          draws.draw(device, block, target, sums.list(0));
        }
      }
      lookAtColumns(device, block, sums);
    };
  }

  private void lookAtTargets(Device device, RowBlock block, Vector target, Sums sums) {
    double[] values = new double[block.count()];
    device.download(target, values);
    for (int i = 0; i < values.length; i++) {
      double t = values[i];
      sums.offer(Profile.LARGEST, t, block.first() + i);
      sums.offer(Profile.SMALLEST, -t, block.first() + i);
      sums.add(Profile.OUTSIDE, t < -ROUNDING || t > 1 + ROUNDING ? 1 : 0);
      PrintedDigits.count(t, sums, Profile.PRINTED);
      if (t > 0) {
        int bin = Profile.bin(t);
        sums.add(Profile.HISTOGRAM + 2 * bin, 1);
        sums.add(Profile.HISTOGRAM + 2 * bin + 1, t);
      }
    }
    lookAtLarge(device, block, values, sums);
    sums.add(Profile.SUM, device.sum(target));
    sums.add(Profile.SQUARES, device.dot(target, target));
  }

  /** Which large targets are those of rows of zeros, whose score is 0: right ones are few. */
  private void lookAtLarge(Device device, RowBlock block, double[] targets, Sums sums) {
    int[] large =
        IntStream.range(0, targets.length)
            .filter(i -> targets[i] > Profile.NOISE)
            .limit(Math.round(columns / Profile.NOISE))
            .toArray();
    double[] entries = entries(device, block, large);
    for (int k = 0; k < large.length; k++) {
      int from = k * columns;
      if (Arrays.stream(entries, from, from + columns).allMatch(entry -> entry == 0)) {
        sums.offer(Profile.OF_ZEROS, targets[large[k]], block.first() + large[k]);
      }
    }
  }

  /** Some rows of a block, one after the other. */
  private double[] entries(Device device, RowBlock block, int[] index) {
    double[] rows = new double[Math.multiplyExact(index.length, columns)];
    if (index.length > 0) {
      try (Workspace own = new Workspace(device)) {
        Rows some = own.rows(index.length, columns);
        device.gather(block.A(), index, some);
        device.download(some, 0, index.length, rows);
      }
    }
    return rows;
  }

  /**
   * Exponents of the entries of some rows, each relative to the largest of its row: sums of whole
   * numbers, the same in any order. Their largest entries tell the unit of A.
   */
  private void lookAtColumns(Device device, RowBlock block, Sums sums) {
    long before = block.first() % stride;
    int from = (int) (before == 0 ? 0 : stride - before);
    if (from >= block.count()) {
      return;
    }
    int[] index = new int[(int) ((block.count() - 1 - from) / stride) + 1];
    Arrays.setAll(index, k -> (int) (from + k * stride));
    double[] rows = entries(device, block, index);
    for (int k = 0; k < index.length; k++) {
      int top = Integer.MIN_VALUE;
      double largest = 0;
      for (int j = 0; j < columns; j++) {
        largest = Math.max(largest, Math.abs(rows[k * columns + j]));
        top = Math.max(top, Math.getExponent(rows[k * columns + j]));
      }
      sums.offer(Profile.ENTRY, largest, block.first() + index[k]);
      for (int j = 0; j < columns; j++) {
        double entry = rows[k * columns + j];
        if (entry != 0) {
          sums.add(Profile.COLUMNS + 2 * j, 1);
          sums.add(Profile.COLUMNS + 2 * j + 1, Math.getExponent(entry) - top);
        }
      }
    }
  }

  @Override
  public Profile answer(Sums total) {
    return new Profile(total, columns, draws);
  }
}
