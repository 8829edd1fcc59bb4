package org.levinv.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.junit.jupiter.api.Test;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.device.RowSource;
import org.ojalgo.matrix.store.R064Store;
import org.ojalgo.random.Normal;

/** How matrices of other libraries come to levinv: each recovers x = (1, 2, 3). */
class MatrixLibrariesTest {
  private static final int ROWS = 60;
  private static final int COLUMNS = 3;
  private static final double[] X = {1, 2, 3};

  /** The scores at a relative 1e-10 leave this much of x open here. */
  private static final double TOLERANCE = 1e-8;

  /** EJML's rows lie one after the other. */
  @Test
  void ejml_isReadInPlace() {
    DMatrixRMaj A = RandomMatrices_DDRM.rectangle(ROWS, COLUMNS, -1, 1, new Random(1));
    recover(RowSource.of(A.data, A.numCols));
  }

  /** ojAlgo's columns do: a source of a few lines reads its entries. */
  @Test
  void ojAlgo_isReadEntryByEntry() {
    R064Store A = R064Store.FACTORY.makeFilled(ROWS, COLUMNS, Normal.standard());
    recover(
        new RowSource() {
          @Override
          public String name() {
            return "matrix";
          }

          @Override
          public long rows() {
            return A.countRows();
          }

          @Override
          public int columns() {
            return (int) A.countColumns();
          }

          @Override
          public void read(long first, int count, double[] into) {
            for (int i = 0; i < count; i++) {
              for (int j = 0; j < columns(); j++) {
                into[i * columns() + j] = A.doubleValue(first + i, j);
              }
            }
          }
        });
  }

  /** Memory outside the heap, such as a mapped file's. */
  @Test
  void aBuffer_isReadInPlace() {
    DoubleBuffer A =
        ByteBuffer.allocateDirect(ROWS * COLUMNS * Double.BYTES)
            .order(ByteOrder.nativeOrder())
            .asDoubleBuffer();
    Random random = new Random(3);
    while (A.hasRemaining()) {
      A.put(random.nextGaussian());
    }
    recover(RowSource.of(A.flip(), COLUMNS));
  }

  @Test
  void floats_stayFloats() {
    float[] A = new float[ROWS * COLUMNS];
    Random random = new Random(4);
    for (int k = 0; k < A.length; k++) {
      A[k] = (float) random.nextGaussian();
    }
    RowSource source = RowSource.of(A, COLUMNS);
    assertEquals(true, source.isSingle());
    recover(source);
  }

  private static void recover(RowSource A) {
    double[] b = new double[ROWS];
    double[] row = new double[COLUMNS];
    Random random = new Random(5);
    for (int i = 0; i < ROWS; i++) {
      A.read(i, 1, row);
      b[i] = row[0] * X[0] + row[1] * X[1] + row[2] * X[2] + random.nextGaussian();
    }
    try (Inverter inverter = Inverter.open("cpu", 0)) {
      double[] sigma = inverter.scores(A, b, X);
      Options options = Options.builder().signs(Signs.unknown()).seed(1).build();
      Result result = inverter.invert(new Problem(A, b, sigma), options);
      assertEquals(Status.CONVERGED, result.status(), result::toString);
      assertArrayEquals(X, result.x(), TOLERANCE);
    }
  }
}
