package org.levinv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.device.RowSource;

/** Many targets for one matrix: the bits of solves one by one, and one upload. */
class ManyTargetsTest {
  private static final int ROWS = 40_000;
  private static final int COLUMNS = 6;

  /**
   * @param spread columns over this many powers of ten, so that the solver works in units of its
   *     own
   * @param memory bytes, 0 for all there is; little, and rows are read again
   */
  @ParameterizedTest
  @CsvSource({"0,0,false", "30,0,false", "0,2200000,false", "30,2200000,false", "0,0,true"})
  void results_haveTheBitsOfSolvesOneByOne(int spread, long memory, boolean isSingle) {
    double[][] A = matrix(spread, isSingle);
    double[] b = offset(A, spread);
    RowSource rows = isSingle ? RowSource.of(floats(A), COLUMNS) : RowSource.of(A);
    Options options = Options.builder().signs(Signs.unknown()).memory(memory).build();
    try (Inverter inverter = Inverter.open("cpu", 0)) {
      List<VectorSource> targets = targets(inverter, rows, b, spread, 3);
      List<Integer> heard = new ArrayList<>();
      List<Result> all =
          inverter.invertAll(
              rows,
              VectorSource.of("offset", b),
              targets,
              options,
              (result, number) -> heard.add(number));
      assertEquals(List.of(0, 1, 2), heard);
      for (int k = 0; k < 3; k++) {
        Result one =
            inverter.invert(
                new Problem(rows, VectorSource.of("offset", b), targets.get(k)), options);
        assertEquals(Status.CONVERGED, one.status(), one::toString);
        assertArrayEquals(one.x(), all.get(k).x());
        assertEquals(one.work(), all.get(k).work());
        assertEquals(one.passes(), all.get(k).passes());
      }
    }
  }

  /** Rows of A that are read by three solves are those of one. */
  @Test
  void theMatrix_isReadOnce() {
    double[][] A = matrix(0, false);
    double[] b = offset(A, 0);
    try (Inverter inverter = Inverter.open("cpu", 0)) {
      List<VectorSource> targets = targets(inverter, RowSource.of(A), b, 0, 3);
      assertEquals(read(inverter, A, b, targets.subList(0, 1)), read(inverter, A, b, targets));
    }
  }

  @Test
  void aTargetThatCannotBeUsed_isRefusedAfterThoseBeforeIt() {
    double[][] A = matrix(0, false);
    double[] b = offset(A, 0);
    try (Inverter inverter = Inverter.open("cpu", 0)) {
      List<VectorSource> targets = new ArrayList<>(targets(inverter, RowSource.of(A), b, 0, 1));
      targets.add(VectorSource.constant("zeros", ROWS, 0));
      List<Status> heard = new ArrayList<>();
      assertThrows(
          InvalidInputException.class,
          () ->
              inverter.invertAll(
                  RowSource.of(A),
                  VectorSource.of("offset", b),
                  targets,
                  Options.defaults(),
                  (result, number) -> heard.add(result.status())));
      assertEquals(List.of(Status.CONVERGED), heard);
    }
  }

  @Test
  void whenOneIsInterrupted_noOtherBegins() {
    double[][] A = matrix(0, false);
    double[] b = offset(A, 0);
    try (Inverter inverter = Inverter.open("cpu", 0)) {
      List<double[]> targets = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        targets.add(inverter.scores(A, b, point(k, 0)));
      }
      Thread.currentThread().interrupt();
      List<Result> results = inverter.invertAll(A, b, targets, Options.defaults());
      assertTrue(Thread.interrupted());
      assertEquals(1, results.size());
      assertEquals(Status.INTERRUPTED, results.get(0).status());
    }
  }

  private static long read(
      Inverter inverter, double[][] A, double[] b, List<VectorSource> targets) {
    AtomicLong count = new AtomicLong();
    RowSource rows = RowSource.of(A);
    RowSource counting =
        new RowSource() {
          @Override
          public String name() {
            return rows.name();
          }

          @Override
          public long rows() {
            return rows.rows();
          }

          @Override
          public int columns() {
            return rows.columns();
          }

          @Override
          public boolean isConcurrent() {
            return true;
          }

          @Override
          public void read(long first, int n, double[] into) {
            if (n > 1) { // single rows are asked for beside
              count.addAndGet(n);
            }
            rows.read(first, n, into);
          }
        };
    inverter.invertAll(
        counting,
        VectorSource.of("offset", b),
        targets,
        Options.defaults().withSigns(Signs.unknown()),
        (result, k) -> {});
    return count.get();
  }

  private static double[][] matrix(int spread, boolean isSingle) {
    Random random = new Random(7);
    double[][] A = new double[ROWS][COLUMNS];
    for (double[] row : A) {
      for (int j = 0; j < COLUMNS; j++) {
        double value = random.nextGaussian() * unit(j, spread);
        row[j] = isSingle ? (float) value : value;
      }
    }
    return A;
  }

  private static double unit(int j, int spread) {
    return Math.pow(10, spread * (j / (COLUMNS - 1.0) - 0.5));
  }

  private static float[] floats(double[][] A) {
    float[] values = new float[ROWS * COLUMNS];
    for (int k = 0; k < values.length; k++) {
      values[k] = (float) A[k / COLUMNS][k % COLUMNS];
    }
    return values;
  }

  /** Slacks at 0 of both signs. */
  private static double[] offset(double[][] A, int spread) {
    Random random = new Random(8);
    return IntStream.range(0, ROWS).mapToDouble(i -> random.nextGaussian()).toArray();
  }

  private static double[] point(int k, int spread) {
    Random random = new Random(9 + k);
    return IntStream.range(0, COLUMNS)
        .mapToDouble(j -> random.nextGaussian() / unit(j, spread))
        .toArray();
  }

  private static List<VectorSource> targets(
      Inverter inverter, RowSource A, double[] b, int spread, int count) {
    VectorSource[] targets = new VectorSource[count];
    Arrays.setAll(
        targets, k -> VectorSource.of("target " + k, inverter.scores(A, b, point(k, spread))));
    return List.of(targets);
  }
}
