package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.cblas_dgemv;
import static org.levinv.device.HostDevice.values;
import static org.levinv.device.cpu.RowBlocks.stripRows;

import org.bytedeco.javacpp.DoublePointer;
import org.levinv.device.Rows;
import org.levinv.device.Vector;

/** What is done with one block of rows. */
final class BlockKernels {

  private BlockKernels() {}

  /** to = diag(factor) from, for {@code count} rows; factor k belongs to row k. */
  static void scaleRows(
      Scratch own,
      DoublePointer from,
      DoublePointer to,
      int count,
      int d,
      double[] factor,
      int offset) {
    int most = stripRows(d);
    double[] strip = own.strip(most * d);
    long start = from.position();
    long target = to.position();
    for (int i = 0; i < count; i += most) {
      int rows = Math.min(most, count - i);
      from.position(start + (long) i * d).get(strip, 0, rows * d);
      for (int k = 0; k < rows; k++) {
        double f = factor[offset + i + k];
        int end = (k + 1) * d;
        for (int j = k * d; j < end; j++) {
          strip[j] *= f;
        }
      }
      to.position(target + (long) i * d).put(strip, 0, rows * d);
    }
    from.position(start);
    to.position(target);
  }

  /** s = A x - b and u = s^-2 for {@code count} rows. */
  static double[] slackWeights(
      Scratch own, Rows A, long first, int count, Vector x, Vector b, Vector s) {
    slack(own, A, first, count, x, b, s);
    double[] slack = values(s);
    double[] u = own.weights(2 * count);
    for (int i = 0; i < count; i++) {
      double value = slack[(int) first + i];
      double w = value == 0 ? 0 : 1 / value;
      u[i] = w * w;
    }
    return u;
  }

  /** y = A x for {@code count} rows. */
  static void times(Scratch own, Rows A, long first, int count, Vector x, Vector y) {
    int d = A.columns();
    DoublePointer v = own.memory(3, d + (long) count).at(0).put(values(x), 0, d);
    DoublePointer z = own.memory(3, 0).at(d);
    DoublePointer a = Memory.of(A).at(first * d);
    cblas_dgemv(CblasRowMajor, CblasNoTrans, count, d, 1, a, d, v, 1, 0, z, 1);
    z.get(values(y), (int) first, count);
  }

  /** s = A x - b for {@code count} rows. */
  static void slack(Scratch own, Rows A, long first, int count, Vector x, Vector b, Vector s) {
    times(own, A, first, count, x, s);
    double[] slack = values(s);
    double[] offset = values(b);
    for (int i = (int) first; i < first + count; i++) {
      slack[i] -= offset[i];
    }
  }

  /** q_i = a_i . b_i for {@code count} rows; A and B may be the same. */
  static void rowDots(
      Scratch own, DoublePointer A, DoublePointer B, int count, int d, double[] q, int first) {
    int most = stripRows(d);
    int size = most * d;
    boolean same = A == B;
    double[] strip = own.strip(2 * size);
    int shift = same ? 0 : size;
    long startA = A.position();
    long startB = B.position();
    for (int i = 0; i < count; i += most) {
      int rows = Math.min(most, count - i);
      A.position(startA + (long) i * d).get(strip, 0, rows * d);
      if (!same) {
        B.position(startB + (long) i * d).get(strip, size, rows * d);
      }
      for (int k = 0; k < rows; k++) {
        q[first + i + k] = dot(strip, k * d, shift, d);
      }
    }
    A.position(startA);
    B.position(startB);
  }

  /**
   * The dot product of d values from {@code start} on with those {@code shift} further, in four
   * partial sums.
   */
  static double dot(double[] v, int start, int shift, int d) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int j = start;
    int end = start + d;
    for (; j + 3 < end; j += 4) {
      s0 += v[j] * v[j + shift];
      s1 += v[j + 1] * v[j + 1 + shift];
      s2 += v[j + 2] * v[j + 2 + shift];
      s3 += v[j + 3] * v[j + 3 + shift];
    }
    for (; j < end; j++) {
      s0 += v[j] * v[j + shift];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
