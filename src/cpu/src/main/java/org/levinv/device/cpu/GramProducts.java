package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgelqf_work;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas.cblas_daxpy;
import static org.bytedeco.openblas.global.openblas.cblas_dcopy;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_dsyrk;
import static org.levinv.device.HostDevice.values;
import static org.levinv.device.cpu.BlockKernels.scaleRows;
import static org.levinv.device.cpu.BlockKernels.slackWeights;
import static org.levinv.device.cpu.RowBlocks.blockRows;
import static org.levinv.device.cpu.RowBlocks.productRows;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Pointer;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.cpu.RowBlocks.BlockWork;

/** Gram matrices and factors of all rows: each part has a sum of its own, added up in order. */
final class GramProducts {

  /**
   * Up to this d a Gram matrix with weights of both signs is a general product: twice the flops,
   * but sorting the rows by their signs takes a call for each.
   */
  private static final int SHORT_ROWS = 24;

  /** Rows of a tile in which a triangle is mirrored. */
  private static final int TILE = 32;

  /** Below this order one lane adds up and mirrors faster than several. */
  private static final int SHARED_ORDER = 128;

  private final RowBlocks blocks;
  private final Panels panels;

  GramProducts(RowBlocks blocks, Panels panels) {
    this.blocks = blocks;
    this.panels = panels;
  }

  void weightedGram(Rows A, Vector u, Matrix G) {
    double[] weights = values(u);
    gram(A, G, (own, lane, first, count) -> addGram(own, A, first, count, weights, (int) first));
  }

  void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G) {
    gram(
        A,
        G,
        (own, lane, first, count) ->
            addGram(own, A, first, count, slackWeights(own, A, first, count, x, b, s), 0));
  }

  /** G = sum of what {@code work} adds to the upper triangles of the lanes. */
  private void gram(Rows A, Matrix G, BlockWork work) {
    int d = A.columns();
    gram(A, G, panels.formGram(d) ? blockRows(d) : productRows(d), work);
  }

  /** Likewise, by blocks of at most {@code most} rows. */
  void gram(Rows A, Matrix G, int most, BlockWork work) {
    int d = A.columns();
    long size = (long) d * d;
    int use = blocks.partsFor((double) A.count() * d * d, A.count(), d);
    blocks.lanes.run(
        use,
        lane ->
            Pointer.memset(blocks.scratch[lane].memory(2, size).at(0), 0, 8 * size)); // no part yet
    blocks.forBlocks(use, A.count(), most, work);
    sumGrams(use, d, G);
  }

  /**
   * G = G + A^T diag(u) A of {@code count} rows, upper triangle, in the lane's own G; the weight of
   * row k is entry {@code offset + k} of u.
   */
  private void addGram(Scratch own, Rows A, long first, int count, double[] u, int offset) {
    int d = A.columns();
    DoublePointer a = Memory.of(A).at(first * d);
    if (panels.formGram(d)) {
      DoublePointer G = own.memory(2, (long) d * d).at(0);
      DoublePointer few = own.memory(0, (long) Panels.GRAM_ROWS * d).at(0);
      for (int i = 0; i < count; i += Panels.GRAM_ROWS) {
        int rows = Math.min(Panels.GRAM_ROWS, count - i);
        scaleRows(own, a.position((long) i * d), few, rows, d, u, offset + i);
        addPanels(a, few, G, rows, d);
      }
      return;
    }
    DoublePointer scaled = own.memory(0, (long) count * d).at(0);
    double[] root = own.weights(2 * count); // u may be in the first half
    int negative = 0;
    for (int i = 0; i < count; i++) {
      double value = u[offset + i];
      root[count + i] = Math.sqrt(Math.abs(value));
      negative += value < 0 ? 1 : 0;
    }
    scaleRows(own, a, scaled, count, d, root, count);
    if (negative == 0 || negative == count) {
      syrk(own, scaled, count, d, negative == 0 ? 1 : -1);
      return;
    }
    if (d <= SHORT_ROWS) {
      scaleRows(own, a, scaled, count, d, u, offset);
      addProduct(a, scaled, own.memory(2, (long) d * d).at(0), count, d);
      return;
    }
    // rows with u > 0, scaled by sqrt(u), are added; rows with u < 0, by sqrt(-u), subtracted
    DoublePointer sorted = own.memory(1, (long) count * d).at(0);
    int below = 0;
    int above = count; // negative rows to the front, the others to the back
    for (int i = 0; i < count; i++) {
      int k = u[offset + i] < 0 ? below++ : --above;
      cblas_dcopy(d, scaled.position((long) i * d), 1, sorted.position((long) k * d), 1);
    }
    syrk(own, sorted.position(0), below, d, -1);
    syrk(own, sorted.position((long) below * d), count - below, d, 1);
  }

  /** G = G + A^T B. */
  private static void addProduct(
      DoublePointer A, DoublePointer B, DoublePointer G, int count, int d) {
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, d, d, count, 1, A, d, B, d, 1, G, d);
  }

  /** G = G + A^T B, upper triangle, panel by panel. */
  private static void addPanels(
      DoublePointer A, DoublePointer B, DoublePointer G, int count, int d) {
    for (int j = 0; j < d; j += Panels.WIDTH) {
      int width = Math.min(Panels.WIDTH, d - j);
      cblas_dgemm( // rows up to the diagonal of columns j ...
          CblasRowMajor,
          CblasTrans,
          CblasNoTrans,
          j + width,
          width,
          count,
          1,
          A,
          d,
          B.position(j),
          d,
          1,
          G.position(j),
          d);
    }
    B.position(0);
    G.position(0);
  }

  /** G = G + sign B^T B, upper triangle, in the lane's own G. */
  private static void syrk(Scratch own, DoublePointer B, int count, int d, double sign) {
    DoublePointer G = own.memory(2, (long) d * d).at(0);
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, d, count, sign, B, d, 1, G, d);
  }

  void crossGram(Rows A, Rows B, Matrix C) {
    int d = A.columns();
    long size = (long) d * d;
    int use = blocks.partsFor(2.0 * A.count() * d * d, A.count(), d);
    for (int lane = 0; lane < use; lane++) {
      Pointer.memset(blocks.scratch[lane].memory(2, size).at(0), 0, 8 * size);
    }
    blocks.forBlocks(
        use,
        A.count(),
        productRows(d),
        (own, lane, first, count) ->
            addProduct(
                Memory.of(A).at(first * d),
                Memory.of(B).at(first * d),
                own.memory(2, size).at(0),
                count,
                d));
    sumRows(use, d, 0, d, false, C);
  }

  /** G = the sum of the lanes' upper triangles, in order, and their mirror image below. */
  private void sumGrams(int use, int d, Matrix G) {
    int tiles = (d + TILE - 1) / TILE;
    int share = d < SHARED_ORDER ? 1 : blocks.sharing();
    blocks.lanes.run(
        share,
        lane -> {
          for (int tile = lane; tile < tiles; tile += share) {
            int from = tile * TILE;
            sumRows(use, d, from, Math.min(d, from + TILE), true, G);
          }
        });
    blocks.lanes.run(
        share,
        lane -> {
          for (int tile = lane; tile < tiles; tile += share) {
            mirror(blocks.scratch[lane], G, tile * TILE);
          }
        });
  }

  /** Rows {@code from} to {@code to} of the sum of the lanes' matrices, in order. */
  private void sumRows(int use, int d, int from, int to, boolean upper, Matrix G) {
    long size = (long) d * d;
    DoublePointer sum = Memory.of(G).at(0);
    for (int lane = 0; lane < use; lane++) {
      DoublePointer part = blocks.scratch[lane].memory(2, size).at(0);
      for (int j = from; j < to; j++) {
        int first = upper ? j : 0;
        long start = (long) j * d + first;
        if (lane == 0) {
          cblas_dcopy(d - first, part.position(start), 1, sum.position(start), 1);
        } else {
          cblas_daxpy(d - first, 1, part.position(start), 1, sum.position(start), 1);
        }
      }
    }
  }

  /**
   * Rows {@code from ... from + TILE - 1} of the upper triangle become columns of the lower one.
   */
  private static void mirror(Scratch own, Matrix G, int from) {
    int d = G.columns();
    int rows = Math.min(TILE, d - from);
    int width = d - from;
    double[] values = own.strip(rows * width + TILE);
    int column = rows * width;
    DoublePointer g = Memory.of(G).at(0);
    for (int j = 0; j < rows; j++) {
      g.position((long) (from + j) * d + from).get(values, j * width, width);
    }
    for (int k = 1; k < width; k++) {
      int length = Math.min(rows, k);
      for (int j = 0; j < length; j++) {
        values[column + j] = values[j * width + k];
      }
      g.position((long) (from + k) * d + from).put(values, column, length);
    }
  }

  /**
   * R with R^T R = A^T diag(w)^2 A. A lane stacks its R so far on a block of rows and factors the
   * stack; row by row, that is the LQ factorisation of its transpose, column by column.
   */
  void triangularFactor(Rows A, Vector w, Matrix R) {
    int d = A.columns();
    int most = Math.max(blockRows(d), 4 * d);
    int use = A.count() < 4L * d ? 1 : blocks.partsFor(2.0 * A.count() * d * d, A.count(), d);
    long size = (long) d * d;
    boolean[] begun = new boolean[use];
    blocks.forBlocks(
        use,
        A.count(),
        most,
        (own, lane, first, count) -> {
          DoublePointer stack = own.memory(0, size + (long) count * d).at(0);
          int above = 0; // rows of R in the stack: none yet, or as many as make it square
          if (begun[lane]) {
            Pointer.memcpy(stack, own.memory(2, size).at(0), 8 * size);
            above = d;
          } else if (count < d) {
            Pointer.memset(stack, 0, 8 * size);
            above = d;
          }
          begun[lane] = true;
          scaleRows(
              own,
              Memory.of(A).at(first * d),
              stack.getPointer((long) above * d),
              count,
              d,
              values(w),
              (int) first);
          factorStack(own, stack, above + count, d);
        });
    for (int lane = 1; lane < use; lane++) { // R of the first lane, R of the next one below
      Scratch own = blocks.scratch[0];
      DoublePointer stack = own.memory(0, 2 * size).at(0);
      Pointer.memcpy(stack, own.memory(2, size).at(0), 8 * size);
      Pointer.memcpy(stack.getPointer(size), blocks.scratch[lane].memory(2, size).at(0), 8 * size);
      factorStack(own, stack, 2 * d, d);
    }
    Pointer.memcpy(Memory.of(R).at(0), blocks.scratch[0].memory(2, size).at(0), 8 * size);
  }

  /** The R of a stack of rows, to the lane's own R. */
  private static void factorStack(Scratch own, DoublePointer stack, int rows, int d) {
    int work = 64 * d;
    DoublePointer tau = own.memory(3, d + (long) work).at(0);
    MatrixKernels.check(
        LAPACKE_dgelqf_work(LAPACK_COL_MAJOR, d, rows, stack, d, tau, own.memory(3, 0).at(d), work),
        "dgelqf");
    DoublePointer R = own.memory(2, (long) d * d).at(0);
    Pointer.memcpy(R, stack, 8L * d * d);
    MatrixKernels.clearLower(R, d);
  }
}
