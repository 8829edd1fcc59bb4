package org.levinv.device.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasNonUnit;
import static org.bytedeco.openblas.global.openblas.CblasRight;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasUpper;
import static org.bytedeco.openblas.global.openblas.cblas_daxpy;
import static org.bytedeco.openblas.global.openblas.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas.cblas_dtrmm;
import static org.levinv.device.HostDevice.values;
import static org.levinv.device.cpu.BlockKernels.rowDots;
import static org.levinv.device.cpu.BlockKernels.slack;
import static org.levinv.device.cpu.RowBlocks.productRows;

import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.Pointer;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;

/** Products of rows with a d x d matrix, and the forms and norms made of them. */
final class RowProducts {

  /** Number of the scratch memory of the first lane that no other product uses. */
  private static final int UPPER_FORM = 4;

  private final RowBlocks blocks;
  private final Panels panels;

  RowProducts(RowBlocks blocks, Panels panels) {
    this.blocks = blocks;
    this.panels = panels;
  }

  void quadraticForms(Rows A, Matrix N, Vector q) {
    int d = A.columns();
    Memory U = upperForm(N);
    forProducts(
        A,
        1,
        (own, a, product, first, count) -> {
          trmm(a, U.at(0), product, count, d); // A U
          rowDots(own, a, product, count, d, values(q), (int) first);
        });
  }

  /** U = diag(N) + triu(N + N^T), with a^T U a = a^T N a for any N and half the operations. */
  private Memory upperForm(Matrix N) {
    int d = N.columns();
    Memory U = blocks.scratch[0].memory(UPPER_FORM, (long) d * d);
    double[] row = blocks.scratch[0].strip(d);
    for (int j = 0; j < d; j++) {
      Memory.of(N).at((long) j * d).get(row, 0, d);
      Arrays.fill(row, 0, j, 0);
      U.at((long) j * d).put(row, 0, d);
    }
    for (int j = 0; j + 1 < d; j++) { // what is below the diagonal, column by column
      long below = (long) (j + 1) * d + j;
      cblas_daxpy(d - 1 - j, 1, Memory.of(N).at(below), d, U.at((long) j * d + j + 1), 1);
    }
    return U;
  }

  void squaredNorms(Rows A, Matrix inverseR, Vector q) {
    int d = A.columns();
    forProducts(
        A,
        1,
        (own, a, product, first, count) -> {
          trmm(a, Memory.of(inverseR).at(0), product, count, d);
          rowDots(own, product, product, count, d, values(q), (int) first);
        });
  }

  void slackNorms(Rows A, Vector x, Vector b, Matrix inverseR, Vector s, Vector q) {
    int d = A.columns();
    forProducts(
        A,
        1,
        (own, a, product, first, count) -> {
          slack(own, A, first, count, x, b, s);
          trmm(a, Memory.of(inverseR).at(0), product, count, d);
          rowDots(own, product, product, count, d, values(q), (int) first);
        });
  }

  void timesMatrix(Rows A, Matrix M, Rows to) {
    int d = A.columns();
    forProducts(
        A,
        2,
        (own, a, product, first, count) -> {
          gemm(a, Memory.of(M).at(0), product, count, d);
          Pointer.memcpy(Memory.of(to).at(first * d), product, 8L * count * d);
        });
  }

  void timesTriangular(Rows A, Matrix R, Rows to) {
    int d = A.columns();
    forProducts(
        A,
        1,
        (own, a, product, first, count) -> {
          trmm(a, Memory.of(R).at(0), product, count, d);
          Pointer.memcpy(Memory.of(to).at(first * d), product, 8L * count * d);
        });
  }

  /** What is done with {@code count} rows a from {@code first} on, with memory for a product. */
  @FunctionalInterface
  private interface ProductWork {
    void run(Scratch own, DoublePointer a, DoublePointer product, long first, int count);
  }

  /** For each block of rows; so many flops for each row and entry of the d x d matrix. */
  private void forProducts(Rows A, double flops, ProductWork work) {
    int d = A.columns();
    blocks.forBlocks(
        blocks.partsFor(flops * A.count() * d * d, A.count()),
        A.count(),
        productRows(d),
        (own, lane, first, count) ->
            work.run(
                own,
                Memory.of(A).at(first * d),
                own.memory(0, (long) count * d).at(0),
                first,
                count));
  }

  /** C = A R, A of {@code count} rows, R d x d, upper triangular with zeros below. */
  private void trmm(DoublePointer A, DoublePointer R, DoublePointer C, int count, int d) {
    if (panels.multiplyTriangle(d)) {
      for (int j = 0; j < d; j += Panels.WIDTH) {
        int width = Math.min(Panels.WIDTH, d - j);
        cblas_dgemm( // columns j ... need the rows of R up to their diagonal
            CblasRowMajor,
            CblasNoTrans,
            CblasNoTrans,
            count,
            width,
            j + width,
            1,
            A,
            d,
            R.position(j),
            d,
            0,
            C.position(j),
            d);
      }
      R.position(0);
      C.position(0);
      return;
    }
    Pointer.memcpy(C, A, 8L * count * d);
    cblas_dtrmm(
        CblasRowMajor, CblasRight, CblasUpper, CblasNoTrans, CblasNonUnit, count, d, 1, R, d, C, d);
  }

  /** C = A M, A of {@code count} rows, M d x d. */
  private static void gemm(DoublePointer A, DoublePointer M, DoublePointer C, int count, int d) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, count, d, d, 1, A, d, M, d, 0, C, d);
  }
}
