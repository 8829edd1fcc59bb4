package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Some rows of a matrix and how often each counts. A row that counts q times behaves like a row
 * sqrt(q) a_i with target q sigma_i, so a sample drawn by the target scores is a small problem of
 * the same kind.
 *
 * @param rows ascending
 * @param counts 1 / probability, one for each of {@code rows}
 */
public record Sample(int[] rows, double[] counts) {

  /**
   * Draws each row with probability min(1, c importance_i), {@code size} rows in expectation; rows
   * without importance are never drawn, and where all the others fit, all are taken. The counts of
   * the rows that were not certain are scaled so that the counted importance has its exact total:
   * the small problem must be feasible, its targets summing to d.
   */
  public static Sample draw(double[] importance, double size, SplittableRandom random) {
    int important = 0;
    for (double value : importance) {
      important += value > 0 ? 1 : 0;
    }
    double c = size >= important ? Double.POSITIVE_INFINITY : scale(importance, size);
    int[] rows = new int[important];
    double[] counts = new double[important];
    int taken = 0;
    for (int i = 0; i < importance.length; i++) {
      if (importance[i] > 0) {
        double p = Math.min(1, c * importance[i]);
        if (p >= 1 || random.nextDouble() < p) {
          rows[taken] = i;
          counts[taken++] = 1 / p;
        }
      }
    }
    Sample sample = new Sample(Arrays.copyOf(rows, taken), Arrays.copyOf(counts, taken));
    sample.meetTotal(importance);
    return sample;
  }

  /** c such that the sum of min(1, c importance) is {@code size}. */
  private static double scale(double[] importance, double size) {
    double c = 0;
    for (int round = 0;
        round < 100;
        round++) { // rows that become certain leave less for the others: c grows until none joins
      double rest = 0;
      int sure = 0;
      for (double value : importance) {
        if (value > 0) {
          if (c * value >= 1) {
            sure++;
          } else {
            rest += value;
          }
        }
      }
      double next = (size - sure) / rest;
      if (!(next > c)) {
        break;
      }
      c = next;
    }
    return c;
  }

  private void meetTotal(double[] importance) {
    double total = 0;
    for (double value : importance) {
      total += Math.max(0, value);
    }
    double sure = 0;
    double free = 0;
    for (int k = 0; k < rows.length; k++) {
      if (counts[k] > 1) {
        free += counts[k] * importance[rows[k]];
      } else {
        sure += importance[rows[k]];
      }
    }
    if (free > 0) {
      double factor = Math.max(0.5, (total - sure) / free);
      for (int k = 0; k < rows.length; k++) {
        counts[k] *= counts[k] > 1 ? factor : 1;
      }
    }
  }

  /**
   * About {@code wanted} of these rows, drawn by how much they count and by their importance (one
   * number for each row of A).
   */
  public Sample thinned(double[] importance, double wanted, SplittableRandom random) {
    double[] counted = new double[rows.length];
    for (int k = 0; k < rows.length; k++) {
      counted[k] = counts[k] * importance[rows[k]];
    }
    Sample chosen = draw(counted, wanted, random);
    int[] few = new int[chosen.size()];
    double[] times = new double[few.length];
    for (int k = 0; k < few.length; k++) {
      few[k] = rows[chosen.rows[k]];
      times[k] = counts[chosen.rows[k]] * chosen.counts[k];
    }
    return new Sample(few, times);
  }

  public int size() {
    return rows.length;
  }

  /** This sample with more rows that count once. */
  public Sample with(int[] more) {
    int[] all = Arrays.copyOf(rows, rows.length + more.length);
    double[] times = Arrays.copyOf(counts, all.length);
    System.arraycopy(more, 0, all, rows.length, more.length);
    Arrays.fill(times, rows.length, all.length, 1);
    return new Sample(all, times);
  }
}
