package org.levinv.device.cuda;

import static org.levinv.device.cuda.CudaDevice.address;
import static org.levinv.device.cuda.CudaDevice.rows;
import static org.levinv.device.cuda.CudaKernels.lanes;
import static org.levinv.device.cuda.CudaKernels.width;

import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.SinglePrecision;
import org.levinv.device.TallProducts;
import org.levinv.device.Vector;
import org.levinv.device.cuda.Scratch.Use;

/**
 * The products in single precision: for few columns in fused kernels, which round rows as they are
 * loaded; for more, rows are rounded block by block and multiplied by cuBLAS. On a card with matrix
 * units for doubles, memory bounds products of few columns: they are made in double precision,
 * which is faster there.
 */
final class SingleProducts implements TallProducts {

  /** Up to so many columns the parts of a block are multiplied at once, to fill the card. */
  private static final int BATCHED_COLUMNS = 512;

  private final CudaDevice device;
  private final CudaKernels kernels;
  private final CudaLibraries libraries;
  private final Scratch scratch;
  private final RowBlocks blocks;

  SingleProducts(
      CudaDevice device,
      CudaKernels kernels,
      CudaLibraries libraries,
      Scratch scratch,
      RowBlocks blocks) {
    this.device = device;
    this.kernels = kernels;
    this.libraries = libraries;
    this.scratch = scratch;
    this.blocks = blocks;
  }

  /** Memory for as many floats. */
  private Address floats(Use use, long count) {
    return scratch.get(use, (count + 1) / 2);
  }

  // ---- Gram matrices

  @Override
  public void weightedGram(Rows A, Vector u, Matrix G) {
    int d = A.columns();
    if (isFasterInDouble(d)) {
      device.weightedGram(A, u, G);
      return;
    }
    blocks.run(
        rowsOfBlock(d),
        (first, count, at) -> addGram(first, count, d, at[0], address(u).plus(first), true, G),
        rows(A));
  }

  @Override
  public void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G) {
    int d = A.columns();
    if (isFasterInDouble(d)) {
      device.slackGram(A, x, b, s, G);
      return;
    }
    Address u = scratch.get(Use.WEIGHTS, A.count());
    blocks.run(
        rowsOfBlock(d),
        (first, count, at) -> {
          Address weights = u.plus(first);
          Address slacks = address(s).plus(first);
          device.slack(count, d, at[0], x, address(b).plus(first), slacks, false, weights);
          addGram(first, count, d, at[0], weights, false, G);
        },
        rows(A));
  }

  private boolean isFasterInDouble(int d) {
    return d <= GramProducts.FEW_COLUMNS && kernels.hasUnits();
  }

  private int rowsOfBlock(int d) {
    return d <= GramProducts.FEW_COLUMNS ? RowBlocks.ALL : blocks.rowsOf(d);
  }

  /** G = A^T diag(u) A, plus G after the first block; {@code signed} where some u may be < 0. */
  private void addGram(
      long first, int count, int d, Address A, Address u, boolean signed, Matrix G) {
    int add = first == 0 ? 0 : 1;
    if (d <= GramProducts.FEW_COLUMNS) {
      int used = CudaKernels.parts(count, 32);
      Address parts = scratch.get(Use.PARTS, (long) used * d * d);
      kernels.launch("gramSingle" + width(d), used, 1, (long) count, d, A, u, parts);
      kernels.sum("sumGrams", (long) d * d, used, d, parts, add, address(G));
      return;
    }
    int rowsOfPart = Math.min(SinglePrecision.ROWS, count);
    int parts = (count + rowsOfPart - 1) / rowsOfPart;
    long padded = (long) parts * rowsOfPart;
    Address scales = scratch.get(Use.SCALES, count);
    Address partScales = scratch.get(Use.PART_SCALES, parts);
    Address weighted = floats(Use.SCALED_ROWS, padded * d);
    Address other = signed ? floats(Use.SECOND_PRODUCT, padded * d) : weighted;
    Address sums = floats(Use.PARTS, (long) parts * d * d);
    scales(count, d, A, u, scales);
    kernels.launch("partScales", parts, 1, (long) count, (long) rowsOfPart, scales, partScales);
    weighRows(count, padded, d, rowsOfPart, A, u, partScales, weighted, signed ? other : null);
    if (d <= BATCHED_COLUMNS) {
      libraries.batchedCrossGramsSingle(parts, rowsOfPart, d, weighted, other, sums);
    } else {
      for (int p = 0; p < parts; p++) {
        long start = (long) p * rowsOfPart * d;
        libraries.symmetricProductSingle(
            rowsOfPart,
            d,
            weighted.plusFloats(start),
            other.plusFloats(start),
            sums.plusFloats((long) p * d * d));
      }
    }
    kernels.sum("sumGramsSingle", (long) d * d, parts, d, sums, partScales, add, address(G));
  }

  /** c_i = the scale for the largest sqrt|u_i| |a_ij|; u may be null. */
  private void scales(int count, int d, Address A, Address u, Address c) {
    int lanes = lanes(d);
    kernels.run("rowScales", (long) count * lanes, (long) count, d, lanes, A, u, c);
  }

  /** to_i = c_p sqrt|u_i| a_i as floats for row i of part p, with the sign of u_i in another. */
  private void weighRows(
      int count,
      long padded,
      int d,
      int rowsOfPart,
      Address A,
      Address u,
      Address c,
      Address to,
      Address signed) {
    int lanes = lanes(d);
    kernels.run(
        "weighRows",
        padded * lanes,
        (long) count,
        padded,
        d,
        lanes,
        (long) rowsOfPart,
        A,
        u,
        c,
        to,
        signed);
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

  /** q_i = a_i^T M a_i, or ||a_i^T M||^2 with {@code squares}. */
  private void forms(Rows A, Matrix M, boolean squares, Vector q) {
    int d = A.columns();
    if (d <= GramProducts.FEW_COLUMNS) {
      String kernel = isFasterInDouble(d) ? kernels.fused("forms", d) : "formsSingle" + width(d);
      device.smallForms(kernel, A, M, squares ? 1 : 0, q);
      return;
    }
    Address matrix = floats(Use.SINGLE_MATRIX, (long) d * d);
    Address matrixScale = scratch.get(Use.PART_SCALES, 1);
    Address scalesOfM = scratch.get(Use.SCALES, d);
    scales(d, d, address(M), null, scalesOfM);
    kernels.launch("partScales", 1, 1, (long) d, (long) d, scalesOfM, matrixScale);
    weighRows(d, d, d, d, address(M), null, matrixScale, matrix, null);
    int lanes = lanes(d);
    blocks.run(
        blocks.rowsOf(d),
        (first, count, at) -> {
          Address scales = scratch.get(Use.SCALES, count);
          Address a = floats(Use.SCALED_ROWS, (long) count * d);
          Address product = floats(Use.PRODUCT, (long) count * d);
          scales(count, d, at[0], null, scales);
          weighRows(count, count, d, 1, at[0], null, scales, a, null);
          libraries.gemmSingle(count, d, a, matrix, product); // A M
          kernels.run(
              "rowDotsSingle",
              (long) count * lanes,
              (long) count,
              d,
              lanes,
              squares ? product : a,
              product,
              scales,
              matrixScale,
              squares ? 2 : 1,
              address(q).plus(first));
        },
        rows(A));
  }
}
