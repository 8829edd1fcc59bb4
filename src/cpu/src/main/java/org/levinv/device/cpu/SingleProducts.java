package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas.CblasRight;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.cblas_sdot;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas.cblas_ssyrk;
import static org.bytedeco.openblas.global.openblas.cblas_strmm;
import static org.levinv.device.SinglePrecision.scaleFor;
import static org.levinv.device.cpu.RowBlocks.stripRows;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.levinv.device.HostDevice;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.SinglePrecision;
import org.levinv.device.TallProducts;
import org.levinv.device.Vector;

/** The products in single precision, on the blocks and lanes of the device. */
final class SingleProducts implements TallProducts {

  /**
   * A block of rows with a squared norm between these needs no scale: nothing overflows, and what
   * underflows is small beside its largest entry.
   */
  private static final float SMALLEST = 0x1p-20f;

  private static final float LARGEST = 0x1p100f;

  private final RowBlocks blocks;
  private final Panels panels;
  private final GramProducts grams;

  /** The d x d matrix of a form as floats. */
  private Memory matrix;

  private long matrixSize;

  SingleProducts(RowBlocks blocks, Panels panels, GramProducts grams) {
    this.blocks = blocks;
    this.panels = panels;
    this.grams = grams;
  }

  void free() {
    if (matrix != null) {
      matrix.free();
    }
    matrix = null;
    matrixSize = 0;
  }

  private static FloatPointer floats(Scratch own, int which, long count) {
    return own.memory(which, (count + 1) / 2).floats();
  }

  // ---- Gram matrices

  /** Enough rows that their product costs more than adding it up in double precision. */
  private static int rowsOfBlock(int d) {
    return Math.min(SinglePrecision.ROWS, Math.max(RowBlocks.blockRows(d), 2 * d));
  }

  @Override
  public void weightedGram(Rows A, Vector u, Matrix G) {
    double[] weights = HostDevice.values(u);
    grams.gram(
        A,
        G,
        rowsOfBlock(A.columns()),
        (own, lane, first, count) -> addGram(own, A, first, count, weights, (int) first));
  }

  @Override
  public void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G) {
    grams.gram(
        A,
        G,
        rowsOfBlock(A.columns()),
        (own, lane, first, count) ->
            addGram(
                own, A, first, count, BlockKernels.slackWeights(own, A, first, count, x, b, s), 0));
  }

  /** The lane's G = G + A^T diag(u) A of {@code count} rows, upper triangle. */
  private void addGram(Scratch own, Rows A, long first, int count, double[] u, int offset) {
    int d = A.columns();
    int size = count * d;
    DoublePointer a = Memory.of(A).at(first * d);
    FloatPointer weighted = floats(own, 0, size);
    double c = 1;
    weigh(own, a, count, d, u, offset, c, false, weighted);
    float norm = cblas_sdot(size, weighted, 1, weighted, 1);
    if (!(norm >= SMALLEST && norm <= LARGEST)) {
      c = scaleFor(largest(own, a, count, d, u, offset));
      weigh(own, a, count, d, u, offset, c, false, weighted);
    }
    boolean signed = false;
    for (int i = 0; i < count; i++) {
      signed |= u[offset + i] < 0;
    }
    FloatPointer other = weighted;
    if (signed) {
      other = floats(own, 1, size);
      weigh(own, a, count, d, u, offset, c, true, other);
    }
    FloatPointer G = floats(own, 4, (long) d * d);
    if (signed || panels.formGram(d)) {
      for (int i = 0; i < count; i += Panels.GRAM_ROWS) {
        int rows = Math.min(Panels.GRAM_ROWS, count - i);
        long start = (long) i * d;
        addPanels(weighted.getPointer(start), other.getPointer(start), i == 0 ? 0 : 1, G, rows, d);
      }
    } else {
      cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, d, count, 1, weighted, d, 0, G, d);
    }
    add(own, G, c, d);
  }

  /** to_i = c sqrt|u_i| a_i, with the sign of u_i where asked. */
  private static void weigh(
      Scratch own,
      DoublePointer A,
      int count,
      int d,
      double[] u,
      int offset,
      double c,
      boolean signed,
      FloatPointer to) {
    int most = stripRows(d);
    double[] strip = own.strip(most * d);
    float[] floats = own.floats(most * d);
    for (int i = 0; i < count; i += most) {
      int rows = Math.min(most, count - i);
      A.position((long) i * d).get(strip, 0, rows * d);
      for (int k = 0; k < rows; k++) {
        double weight = u[offset + i + k];
        double root = Math.sqrt(Math.abs(weight));
        double factor = signed && weight < 0 ? -root : root;
        int end = (k + 1) * d;
        for (int j = k * d; j < end; j++) {
          floats[j] = (float) (c * (factor * strip[j]));
        }
      }
      to.position((long) i * d).put(floats, 0, rows * d);
    }
    A.position(0);
    to.position(0);
  }

  /** The largest sqrt|u_i| |a_ij|. */
  private static double largest(
      Scratch own, DoublePointer A, int count, int d, double[] u, int offset) {
    double[] row = own.strip(d);
    double largest = 0;
    for (int i = 0; i < count; i++) {
      A.position((long) i * d).get(row, 0, d);
      largest = Math.max(largest, Math.sqrt(Math.abs(u[offset + i])) * largest(row, 0, d));
    }
    A.position(0);
    return largest;
  }

  private static double largest(double[] v, int from, int to) {
    double largest = 0;
    for (int j = from; j < to; j++) {
      largest = Math.max(largest, Math.abs(v[j]));
    }
    return largest;
  }

  /** G = A^T B + add G, upper triangle, panel by panel. */
  private static void addPanels(
      FloatPointer A, FloatPointer B, float add, FloatPointer G, int count, int d) {
    for (int j = 0; j < d; j += Panels.WIDTH) {
      int width = Math.min(Panels.WIDTH, d - j);
      cblas_sgemm( // rows up to the diagonal of columns j ...
          CblasRowMajor,
          CblasTrans,
          CblasNoTrans,
          j + width,
          width,
          count,
          1,
          A,
          d,
          B.getPointer(j),
          d,
          add,
          G.getPointer(j),
          d);
    }
  }

  /** The lane's G = G + sums / c^2, upper triangle. */
  private static void add(Scratch own, FloatPointer sums, double c, int d) {
    DoublePointer G = own.memory(2, (long) d * d).at(0);
    double[] row = own.strip(d);
    float[] floats = own.floats(d);
    for (int j = 0; j < d; j++) {
      long start = (long) j * d + j;
      G.position(start).get(row, 0, d - j);
      sums.position(start).get(floats, 0, d - j);
      for (int k = 0; k < d - j; k++) {
        row[k] += floats[k] / c / c;
      }
      G.position(start).put(row, 0, d - j);
    }
    sums.position(0);
  }

  // ---- forms

  @Override
  public void quadraticForms(Rows A, Matrix N, Vector q) {
    forms(A, N, false, q);
  }

  @Override
  public void squaredNorms(Rows A, Matrix inverseR, Vector q) {
    forms(A, inverseR, true, q);
  }

  /** q_i = a_i^T M a_i, or ||a_i^T M||^2 with {@code squares}, where M is upper triangular. */
  private void forms(Rows A, Matrix M, boolean squares, Vector q) {
    int d = A.columns();
    double m = round(M);
    double[] to = HostDevice.values(q);
    blocks.forBlocks(
        blocks.partsFor((squares ? 1.0 : 2.0) * A.count() * d * d, A.count()),
        A.count(),
        RowBlocks.productRows(d),
        (own, lane, first, count) -> {
          double[] c = own.weights(count);
          FloatPointer a = floats(own, 0, (long) count * d);
          FloatPointer product = floats(own, 1, (long) count * d);
          FloatPointer rounded = matrix.floats();
          roundRows(own, Memory.of(A).at(first * d), count, d, a, c);
          if (squares) {
            trmm(a, rounded, product, count, d);
          } else {
            cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasNoTrans,
                count,
                d,
                d,
                1,
                a,
                d,
                rounded,
                d,
                0,
                product,
                d);
          }
          rowDots(own, squares ? product : a, product, count, d, to, (int) first);
          for (int i = 0; i < count; i++) {
            to[(int) first + i] = to[(int) first + i] / c[i] / c[i] / m / (squares ? m : 1);
          }
        });
  }

  /** Rounds m M, whose largest entry is near 1, to floats, and returns m. */
  private double round(Matrix M) {
    int d = M.columns();
    long size = (long) d * d;
    if (matrixSize < size) {
      free();
      matrix = new Memory((size + 1) / 2, "scratch");
      matrixSize = size;
    }
    DoublePointer from = Memory.of(M).at(0);
    FloatPointer to = matrix.floats();
    double[] row = blocks.scratch[0].strip(d);
    float[] floats = blocks.scratch[0].floats(d);
    double largest = 0;
    for (int j = 0; j < d; j++) {
      from.position((long) j * d).get(row, 0, d);
      largest = Math.max(largest, largest(row, 0, d));
    }
    double m = scaleFor(largest);
    for (int j = 0; j < d; j++) {
      from.position((long) j * d).get(row, 0, d);
      for (int k = 0; k < d; k++) {
        floats[k] = (float) (m * row[k]);
      }
      to.position((long) j * d).put(floats, 0, d);
    }
    return m;
  }

  /** to_i = c_i a_i, with a norm near 1. */
  private static void roundRows(
      Scratch own, DoublePointer A, int count, int d, FloatPointer to, double[] c) {
    int most = stripRows(d);
    double[] strip = own.strip(most * d);
    float[] floats = own.floats(most * d);
    for (int i = 0; i < count; i += most) {
      int rows = Math.min(most, count - i);
      A.position((long) i * d).get(strip, 0, rows * d);
      for (int k = 0; k < rows; k++) {
        double square = BlockKernels.dot(strip, k * d, 0, d);
        boolean normal = square >= 0x1p-1000 && square <= 0x1p1000; // others lost digits
        double scale = scaleFor(normal ? Math.sqrt(square) : largest(strip, k * d, (k + 1) * d));
        c[i + k] = scale;
        for (int j = k * d; j < (k + 1) * d; j++) {
          floats[j] = (float) (scale * strip[j]);
        }
      }
      to.position((long) i * d).put(floats, 0, rows * d);
    }
    to.position(0);
  }

  /** C = A R, A of {@code count} rows, R d x d, upper triangular with zeros below. */
  private void trmm(FloatPointer A, FloatPointer R, FloatPointer C, int count, int d) {
    if (panels.multiplyTriangle(d)) {
      for (int j = 0; j < d; j += Panels.WIDTH) {
        int width = Math.min(Panels.WIDTH, d - j);
        cblas_sgemm( // columns j ... need the rows of R up to their diagonal
            CblasRowMajor,
            CblasNoTrans,
            CblasNoTrans,
            count,
            width,
            j + width,
            1,
            A,
            d,
            R.getPointer(j),
            d,
            0,
            C.getPointer(j),
            d);
      }
      return;
    }
    Pointer.memcpy(C, A, 4L * count * d);
    cblas_strmm(
        CblasRowMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, count, d, 1, R, d, C, d);
  }

  /** q_i = a_i . b_i for {@code count} rows, summed in double precision. */
  private static void rowDots(
      Scratch own, FloatPointer A, FloatPointer B, int count, int d, double[] q, int first) {
    int most = stripRows(d);
    int size = most * d;
    float[] v = own.floats(2 * size);
    for (int i = 0; i < count; i += most) {
      int rows = Math.min(most, count - i);
      A.position((long) i * d).get(v, 0, rows * d);
      B.position((long) i * d).get(v, size, rows * d);
      for (int k = 0; k < rows; k++) {
        q[first + i + k] = dot(v, k * d, size, d);
      }
    }
    A.position(0);
    B.position(0);
  }

  /** The dot product of d floats from {@code start} on with those {@code shift} further. */
  private static double dot(float[] v, int start, int shift, int d) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int j = start;
    int end = start + d;
    for (; j + 3 < end; j += 4) {
      s0 += (double) v[j] * v[j + shift];
      s1 += (double) v[j + 1] * v[j + 1 + shift];
      s2 += (double) v[j + 2] * v[j + 2 + shift];
      s3 += (double) v[j + 3] * v[j + 3 + shift];
    }
    for (; j < end; j++) {
      s0 += (double) v[j] * v[j + shift];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
