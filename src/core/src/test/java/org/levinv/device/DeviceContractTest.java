package org.levinv.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.levinv.device.reference.ReferenceDevice;

/**
 * Every primitive of every device against the reference device, and the reference device against
 * values by hand.
 */
class DeviceContractTest {

  /**
   * Rounding of sums of up to 20,000 terms of order 1, relative to the largest entry of the result.
   */
  private static final double TOLERANCE = 1e-12;

  /**
   * Rows and columns: one column, fewer rows than a block, several blocks, several lanes, d above
   * the threaded order, d for which triangles are not split into panels.
   */
  static final List<int[]> SHAPES =
      List.of(
          new int[] {3, 1},
          new int[] {7, 5},
          new int[] {150, 33},
          new int[] {4099, 40},
          new int[] {20011, 17},
          new int[] {700, 260},
          new int[] {300, 256},
          new int[] {540, 520});

  /** Vectors: one entry, one block of a reduction and one more, many blocks. */
  static final List<Integer> LENGTHS = List.of(1, 7, 2048, 2049, 20_011, 600_000);

  static Stream<Arguments> devicesAndShapes() {
    return TestedDevices.all()
        .flatMap(device -> SHAPES.stream().map(shape -> Arguments.of(device, shape[0], shape[1])));
  }

  /** Eigenvalues of the reference and of the simulated device take too long beyond. */
  static Stream<Arguments> devicesAndSmallShapes() {
    return devicesAndShapes().filter(arguments -> (int) arguments.get()[2] <= 300);
  }

  static Stream<Arguments> devicesAndLengths() {
    return TestedDevices.all()
        .flatMap(device -> LENGTHS.stream().map(length -> Arguments.of(device, length)));
  }

  /** The same data on two devices, and the comparison of what a primitive makes of it. */
  private static final class Pair implements AutoCloseable {
    final Device reference = new ReferenceDevice();
    final Device tried;
    final Workspace expectedSpace = new Workspace(reference);
    final Workspace triedSpace;
    final Random random = new Random(5);

    Pair(Supplier<Device> device) {
      tried = device.get();
      triedSpace = new Workspace(tried);
    }

    double[] gaussian(long length) {
      return random.doubles(length).map(ignored -> random.nextGaussian()).toArray();
    }

    void compareVectors(long length, BiConsumer<Workspace, Vector> operation) {
      double[] expected = new double[(int) length];
      double[] got = new double[(int) length];
      runVector(expectedSpace, expected, operation);
      runVector(triedSpace, got, operation);
      assertClose(expected, got);
    }

    private void runVector(Workspace space, double[] to, BiConsumer<Workspace, Vector> operation) {
      Vector v = space.vector(to.length);
      operation.accept(space, v);
      space.device().download(v, to);
    }

    void compareMatrices(int rows, int columns, BiConsumer<Workspace, Matrix> operation) {
      double[] expected = new double[rows * columns];
      double[] got = new double[rows * columns];
      runMatrix(expectedSpace, expected, rows, columns, operation);
      runMatrix(triedSpace, got, rows, columns, operation);
      assertClose(expected, got);
    }

    private void runMatrix(
        Workspace space,
        double[] to,
        int rows,
        int columns,
        BiConsumer<Workspace, Matrix> operation) {
      Matrix M = space.matrix(rows, columns);
      operation.accept(space, M);
      space.device().download(M, to);
    }

    void compareRows(int count, int columns, BiConsumer<Workspace, Rows> operation) {
      double[] expected = new double[count * columns];
      double[] got = new double[count * columns];
      runRows(expectedSpace, expected, count, columns, operation);
      runRows(triedSpace, got, count, columns, operation);
      assertClose(expected, got);
    }

    private void runRows(
        Workspace space,
        double[] to,
        int count,
        int columns,
        BiConsumer<Workspace, Rows> operation) {
      Rows rows = space.rows(count, columns);
      operation.accept(space, rows);
      space.device().download(rows, 0, count, to);
    }

    @Override
    public void close() {
      expectedSpace.close();
      triedSpace.close();
      reference.close();
      tried.close();
      TestedDevices.assertNoFaults();
    }
  }

  private static void assertClose(double[] expected, double[] got) {
    double scale = 0;
    for (double value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    assertArrayEquals(expected, got, TOLERANCE * scale);
  }

  private static Rows rows(Workspace space, double[] values, int n, int d) {
    Rows A = space.rows(n, d);
    space.device().upload(values, n, A, 0);
    return A;
  }

  private static Matrix matrix(Workspace space, double[] values, int rows, int columns) {
    Matrix M = space.matrix(rows, columns);
    space.device().upload(values, M);
    return M;
  }

  /** Positive definite with a condition number near 4. */
  private static double[] definite(Pair pair, int d) {
    double[] G = new double[d * d];
    double[] B = pair.gaussian((long) 4 * d * d);
    for (int i = 0; i < 4 * d; i++) {
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          G[j * d + k] += B[i * d + j] * B[i * d + k] / (4 * d);
        }
      }
    }
    for (int j = 0; j < d; j++) {
      G[j * d + j] += 0.5;
    }
    return G;
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void tallOperations_equalReference(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] values = pair.gaussian((long) n * d);
      double[] x = pair.gaussian(d);
      double[] y = pair.gaussian(n);
      double[] positive =
          Stream.of(y).flatMapToDouble(java.util.Arrays::stream).map(v -> v * v).toArray();
      double[] b = pair.gaussian(n);
      double[] S = definite(pair, d);
      int[] index = pair.random.ints(Math.min(50, n), 0, n).toArray();
      double[] few = pair.gaussian(index.length);

      pair.compareVectors(
          n, (space, to) -> space.device().times(rows(space, values, n, d), space.upload(x), to));
      pair.compareVectors(
          d,
          (space, to) ->
              space.device().transposeTimes(rows(space, values, n, d), space.upload(y), to));
      pair.compareMatrices(
          d,
          d,
          (space, to) ->
              space.device().weightedGram(rows(space, values, n, d), space.upload(y), to));
      pair.compareMatrices(
          d,
          d,
          (space, to) ->
              space.device().weightedGram(rows(space, values, n, d), space.upload(positive), to));
      pair.compareVectors(
          n,
          (space, to) ->
              space.device().quadraticForms(rows(space, values, n, d), matrix(space, S, d, d), to));
      pair.compareVectors(
          n,
          (space, to) ->
              space
                  .device()
                  .squaredNorms(rows(space, values, n, d), inverseFactor(space, S, d), to));
      pair.compareRows(
          n,
          d,
          (space, to) ->
              space.device().timesMatrix(rows(space, values, n, d), matrix(space, S, d, d), to));
      pair.compareRows(
          n,
          d,
          (space, to) ->
              space
                  .device()
                  .timesTriangular(rows(space, values, n, d), inverseFactor(space, S, d), to));
      pair.compareRows(
          n,
          d,
          (space, to) -> {
            space.device().upload(values, n, to, 0);
            space.device().timesMatrix(to, matrix(space, S, d, d), to);
          });
      pair.compareRows(
          index.length,
          d,
          (space, to) -> space.device().gather(rows(space, values, n, d), index, to));
      pair.compareRows(
          index.length,
          d,
          (space, to) ->
              space.device().gather(rows(space, values, n, d), index, space.upload(few), to));
      pair.compareVectors(
          n,
          (space, to) ->
              space
                  .device()
                  .slackGram(
                      rows(space, values, n, d),
                      space.upload(x),
                      space.upload(b),
                      to,
                      space.matrix(d, d)));
      pair.compareVectors(
          n, (space, to) -> space.device().squaredRowNorms(rows(space, values, n, d), to));
      pair.compareRows(
          n,
          d + 1,
          (space, to) ->
              space.device().appendColumn(rows(space, values, n, d), space.upload(y), to));
      pair.compareRows(
          n,
          d,
          (space, to) -> {
            Rows A = rows(space, values, n, d);
            space.device().gather(A, java.util.stream.IntStream.range(0, n).toArray(), to);
            space.device().axpy(-0.25, A, to);
          });
      pair.compareRows(
          n,
          d,
          (space, to) -> space.device().scaleRows(space.upload(y), rows(space, values, n, d), to));
      double[] others = pair.gaussian((long) n * d);
      pair.compareRows(
          n,
          d,
          (space, to) -> {
            space.device().upload(others, n, to, 0);
            space.device().addScaledRows(space.upload(y), rows(space, values, n, d), to);
          });
      pair.compareMatrices(
          d,
          d,
          (space, to) ->
              space.device().crossGram(rows(space, values, n, d), rows(space, others, n, d), to));
      double[] far =
          Stream.of(y)
              .flatMapToDouble(java.util.Arrays::stream)
              .map(v -> Math.signum(v) * (3 * d + v * v))
              .toArray();
      pair.compareMatrices(
          d,
          d,
          (space, to) ->
              space
                  .device()
                  .slackGram(
                      rows(space, values, n, d),
                      space.upload(x),
                      space.upload(far),
                      space.vector(n),
                      to));
    }
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void singlePrecision_isNearDouble(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] A = pair.gaussian((long) n * d);
      double[] u = pair.gaussian(n);
      compareSingle(pair, A, u, definite(pair, d), d);
    }
  }

  /** Rows, weights and matrices far beyond what floats hold, and rows of zeros. */
  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void singlePrecision_takesAnySize(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] A = pair.gaussian((long) n * d);
      double[] u = pair.gaussian(n);
      for (int i = 0; i < n; i++) {
        int size = 250 * (i % 3 - 1);
        u[i] = i % 11 == 5 ? 0 : Math.scalb(u[i], i % 5 * 100 - 200 - 2 * size);
        for (int j = 0; j < d; j++) {
          A[i * d + j] = i % 13 == 7 ? 0 : Math.scalb(A[i * d + j], size);
        }
      }
      double[] S = java.util.Arrays.stream(definite(pair, d)).map(v -> v * 0x1p-300).toArray();
      compareSingle(pair, A, u, S, d);
      u[n / 2] = Double.NaN;
      Matrix G = pair.triedSpace.matrix(d, d);
      pair.tried
          .in(Precision.SINGLE)
          .weightedGram(rows(pair.triedSpace, A, n, d), pair.triedSpace.upload(u), G);
      assertTrue(Double.isNaN(pair.tried.diagonalRange(G)[1]), "a NaN among the weights is lost");
    }
  }

  @Test
  void singlePrecision_ofTheReferenceIsNearDouble() {
    singlePrecision_isNearDouble(ReferenceDevice::new, 4099, 40);
    singlePrecision_takesAnySize(ReferenceDevice::new, 150, 33);
  }

  /**
   * Single precision on a device against double precision on the reference device. Roundings are of
   * either sign, so that k of them add up to some sqrt(k) of one; 8 are those of the factors.
   */
  private static void compareSingle(Pair pair, double[] A, double[] u, double[] S, int d) {
    int n = u.length;
    Workspace space = pair.expectedSpace;
    double[] sizes = magnitudes(A);
    double ofRows =
        (8 + 4 * Math.sqrt(Math.min(n, SinglePrecision.ROWS))) * SinglePrecision.ROUNDING;
    double ofColumns = (8 + 4 * Math.sqrt(d)) * SinglePrecision.ROUNDING;

    double[] sizeOfGram = gram(space, sizes, magnitudes(u), d);
    for (double[] weights : new double[][] {u, magnitudes(u)}) {
      compareSingle(
          pair,
          d,
          ofRows,
          sizeOfGram,
          (products, own, G) -> products.weightedGram(rows(own, A, n, d), own.upload(weights), G));
    }
    double[] x = new double[d]; // s = -b, u = b^-2: rows are weighed as by |u|
    double[] b =
        java.util.Arrays.stream(u).map(v -> v == 0 ? 0 : 1 / Math.sqrt(Math.abs(v))).toArray();
    double[][] slacks = new double[2][n];
    compareSingle(
        pair,
        d,
        ofRows,
        sizeOfGram,
        (products, own, G) -> {
          Vector s = own.vector(n);
          products.slackGram(rows(own, A, n, d), own.upload(x), own.upload(b), s, G);
          own.device().download(s, slacks[own == space ? 0 : 1]);
        });
    assertArrayEquals(slacks[0], slacks[1], "slacks are in double precision, and exact here");

    Matrix absolute = matrix(space, magnitudes(S), d, d);
    Vector bound = space.vector(n);
    space.device().quadraticForms(rows(space, sizes, n, d), absolute, bound);
    compareForms(
        pair,
        ofColumns,
        bound,
        (products, own, q) -> products.quadraticForms(rows(own, A, n, d), matrix(own, S, d, d), q));
    double[] R = new double[d * d];
    for (int e = 0; e < d * d; e++) {
      R[e] = e / d <= e % d ? S[e] : 0;
    }
    space
        .device()
        .squaredNorms(rows(space, sizes, n, d), matrix(space, magnitudes(R), d, d), bound);
    compareForms(
        pair,
        2 * ofColumns,
        bound,
        (products, own, q) -> products.squaredNorms(rows(own, A, n, d), matrix(own, R, d, d), q));
  }

  @FunctionalInterface
  private interface SingleOperation<T> {
    void run(TallProducts products, Workspace space, T to);
  }

  private static double[] magnitudes(double[] v) {
    return java.util.Arrays.stream(v).map(Math::abs).toArray();
  }

  private static double[] gram(Workspace space, double[] A, double[] u, int d) {
    Matrix G = space.matrix(d, d);
    space.device().weightedGram(rows(space, A, u.length, d), space.upload(u), G);
    double[] values = new double[d * d];
    space.device().download(G, values);
    return values;
  }

  private static void compareSingle(
      Pair pair, int d, double tolerance, double[] bound, SingleOperation<Matrix> operation) {
    double[] expected = new double[d * d];
    double[] got = new double[d * d];
    Matrix G = pair.expectedSpace.matrix(d, d);
    operation.run(pair.reference, pair.expectedSpace, G);
    pair.reference.download(G, expected);
    Matrix single = pair.triedSpace.matrix(d, d);
    operation.run(pair.tried.in(Precision.SINGLE), pair.triedSpace, single);
    pair.tried.download(single, got);
    assertWithin(expected, got, tolerance, bound);
  }

  private static void compareForms(
      Pair pair, double tolerance, Vector bound, SingleOperation<Vector> operation) {
    int n = (int) bound.length();
    double[] expected = new double[n];
    double[] got = new double[n];
    double[] sizes = new double[n];
    pair.reference.download(bound, sizes);
    Vector q = pair.expectedSpace.vector(n);
    operation.run(pair.reference, pair.expectedSpace, q);
    pair.reference.download(q, expected);
    Vector single = pair.triedSpace.vector(n);
    operation.run(pair.tried.in(Precision.SINGLE), pair.triedSpace, single);
    pair.tried.download(single, got);
    assertWithin(expected, got, tolerance, sizes);
  }

  private static void assertWithin(
      double[] expected, double[] got, double tolerance, double[] bound) {
    for (int k = 0; k < expected.length; k++) {
      assertEquals(expected[k], got[k], tolerance * bound[k], "entry " + k);
    }
  }

  private static Matrix inverseFactor(Workspace space, double[] S, int d) {
    Matrix R = space.matrix(d, d);
    Matrix inverse = space.matrix(d, d);
    assertEquals(0, space.device().cholesky(matrix(space, S, d, d), R));
    space.device().invertTriangular(R, inverse);
    return inverse;
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void triangularFactor_hasTheGramMatrix(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] values = pair.gaussian((long) n * d);
      double[] w = pair.gaussian(n);
      pair.compareMatrices( // R is unique up to the signs of its rows, so compare R^T R
          d,
          d,
          (space, to) -> {
            Matrix R = space.matrix(d, d);
            space.device().triangularFactor(rows(space, values, n, d), space.upload(w), R);
            space.device().multiply(R, true, R, false, to);
          });
      double[] R = new double[d * d];
      Matrix factor = pair.triedSpace.matrix(d, d);
      pair.tried.triangularFactor(
          rows(pair.triedSpace, values, n, d), pair.triedSpace.upload(w), factor);
      pair.tried.download(factor, R);
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < j; k++) {
          assertEquals(0.0, R[j * d + k], "below the diagonal");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void stackTriangles_addsTheGramMatrices(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] first = triangle(pair.gaussian((long) d * d), d);
      double[] second = triangle(pair.gaussian((long) d * d), d);
      pair.compareMatrices( // R is unique up to the signs of its rows, so compare R^T R
          d,
          d,
          (space, to) -> {
            Matrix R1 = matrix(space, first, d, d);
            Matrix R2 = matrix(space, second, d, d);
            space.device().stackTriangles(R1, R2, R1); // the result may be one of them
            space.device().multiply(R1, true, R1, false, to);
          });
      Matrix R = pair.triedSpace.matrix(d, d);
      pair.tried.stackTriangles(
          matrix(pair.triedSpace, first, d, d), matrix(pair.triedSpace, second, d, d), R);
      double[] entries = new double[d * d];
      pair.tried.download(R, entries);
      for (int j = 0; j < d; j++) {
        double square = 0;
        double expected = 0;
        for (int k = 0; k <= j; k++) {
          square += entries[k * d + j] * entries[k * d + j];
          expected += Math.pow(first[k * d + j], 2) + Math.pow(second[k * d + j], 2);
        }
        assertEquals(expected, square, 1e-12 * d * expected, "column " + j); // d roundings
        for (int k = 0; k < j; k++) {
          assertEquals(0.0, entries[j * d + k], "below the diagonal");
        }
      }
    }
  }

  private static double[] triangle(double[] entries, int d) {
    for (int j = 0; j < d; j++) {
      Arrays.fill(entries, j * d, j * d + j, 0);
    }
    return entries;
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void hadamardTimes_equalsReference(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      int u = Math.min(n, 300);
      int v = Math.min(n, 700);
      double[] U = pair.gaussian((long) u * d);
      double[] V = pair.gaussian((long) v * d);
      double[] S = pair.gaussian((long) u * d);
      double[] T = pair.gaussian((long) v * d);
      double[] X = pair.gaussian((long) v * 3);
      for (boolean withoutDiagonal : new boolean[] {false, true}) {
        pair.compareRows(
            u,
            3,
            (space, to) -> {
              Rows left = rows(space, U, u, d);
              Rows right = rows(space, V, v, d);
              space
                  .device()
                  .hadamardTimes(
                      left, right, left, right, withoutDiagonal, rows(space, X, v, 3), to);
            });
        pair.compareRows(
            u,
            3,
            (space, to) ->
                space
                    .device()
                    .hadamardTimes(
                        rows(space, U, u, d),
                        rows(space, V, v, d),
                        rows(space, S, u, d),
                        rows(space, T, v, d),
                        withoutDiagonal,
                        rows(space, X, v, 3),
                        to));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devicesAndSmallShapes")
  void smallMatrices_equalReference(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] S = definite(pair, d);
      double[] B = pair.gaussian((long) d * (d + 2));
      double[] z = pair.gaussian(d);
      pair.compareMatrices(
          d, d, (space, to) -> space.device().cholesky(matrix(space, S, d, d), to));
      pair.compareMatrices(
          d, d, (space, to) -> space.device().copy(inverseFactor(space, S, d), to));
      pair.compareVectors(
          d,
          (space, to) -> {
            Matrix R = space.matrix(d, d);
            space.device().cholesky(matrix(space, S, d, d), R);
            space.device().upload(z, to);
            space.device().solve(R, to);
          });
      pair.compareMatrices(
          d,
          d + 2,
          (space, to) ->
              space
                  .device()
                  .multiply(matrix(space, S, d, d), false, matrix(space, B, d, d + 2), false, to));
      pair.compareMatrices(
          d + 2,
          d,
          (space, to) ->
              space
                  .device()
                  .multiply(matrix(space, B, d, d + 2), true, matrix(space, S, d, d), false, to));
      pair.compareMatrices(
          d,
          d + 2,
          (space, to) ->
              space
                  .device()
                  .multiply(matrix(space, S, d, d), false, matrix(space, B, d + 2, d), true, to));
      pair.compareVectors(
          d + 2,
          (space, to) ->
              space.device().multiply(matrix(space, B, d, d + 2), true, space.upload(z), to));
      pair.compareVectors(
          d,
          (space, to) ->
              space.device().multiply(matrix(space, S, d, d), false, space.upload(z), to));
      pair.compareMatrices(
          d,
          d,
          (space, to) -> {
            Matrix M = matrix(space, S, d, d);
            space.device().copy(M, to);
            space.device().axpy(-0.25, M, to);
            space.device().addDiagonal(2, M, to);
            space.device().addDiagonal(-0.5, null, to);
            space.device().rankOne(-0.5, space.upload(z), space.upload(z), to);
          });
      pair.compareVectors(
          d,
          (space, to) ->
              space.device().symmetricEigen(matrix(space, S, d, d), space.matrix(d, d), to));
      pair.compareMatrices( // V diag(values) V^T is S again
          d,
          d,
          (space, to) -> {
            Matrix V = space.matrix(d, d);
            Vector values = space.vector(d);
            space.device().symmetricEigen(matrix(space, S, d, d), V, values);
            double[] lambda = new double[d];
            space.device().download(values, lambda);
            double[] columns = new double[d * d];
            space.device().download(V, columns);
            for (int i = 0; i < d * d; i++) {
              columns[i] *= lambda[i % d];
            }
            space.device().multiply(matrix(space, columns, d, d), false, V, true, to);
          });
    }
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void diagonal_isReadInFullOrByItsRange(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] M = pair.gaussian((long) d * d);
      M[0] = -17;
      Matrix expected = matrix(pair.expectedSpace, M, d, d);
      Matrix got = matrix(pair.triedSpace, M, d, d);
      assertArrayEquals(pair.reference.diagonal(expected), pair.tried.diagonal(got));
      assertArrayEquals(pair.reference.diagonalRange(expected), pair.tried.diagonalRange(got));
      assertEquals(17, pair.tried.diagonalRange(got)[1]);
      M[d * d - 1] = Double.NaN;
      pair.tried.upload(M, got);
      assertTrue(Double.isNaN(pair.tried.diagonalRange(got)[0]));
      assertTrue(Double.isNaN(pair.tried.diagonalRange(got)[1]));
    }
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void cholesky_reportsLeadingMinor(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] S = definite(pair, d);
      S[d * d - 1] = -1;
      assertEquals(
          d,
          pair.reference.cholesky(
              matrix(pair.expectedSpace, S, d, d), pair.expectedSpace.matrix(d, d)));
      assertEquals(
          d, pair.tried.cholesky(matrix(pair.triedSpace, S, d, d), pair.triedSpace.matrix(d, d)));
    }
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void sameCallsGiveSameBits(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] values = pair.gaussian((long) n * d);
      double[] u = pair.gaussian(n);
      Rows A = rows(pair.triedSpace, values, n, d);
      Vector weights = pair.triedSpace.upload(u);
      Matrix G = pair.triedSpace.matrix(d, d);
      double[] first = new double[d * d];
      double[] second = new double[d * d];
      for (Precision precision : Precision.values()) {
        pair.tried.in(precision).weightedGram(A, weights, G);
        pair.tried.download(G, first);
        pair.tried.in(precision).weightedGram(A, weights, G);
        pair.tried.download(G, second);
        assertArrayEquals(first, second);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devicesAndLengths")
  void vectorOperations_equalReference(Supplier<Device> device, int n) {
    try (Pair pair = new Pair(device)) {
      double[] x = pair.gaussian(n);
      double[] y = pair.gaussian(n);
      double[] u = pair.gaussian(n);
      int[] index = pair.random.ints(Math.min(n, 100), 0, n).distinct().toArray();
      double[] few = pair.gaussian(index.length);
      pair.compareVectors(
          n,
          (space, to) -> {
            Device on = space.device();
            on.copy(space.upload(x), to);
            on.axpy(-0.25, space.upload(y), to);
            on.scale(3, to);
            on.multiply(to, space.upload(u), to);
            on.divide(to, space.upload(y), to);
            on.put(few, index, to);
          });
      pair.compareVectors(n, (space, to) -> space.device().fill(-1.5, to));
      pair.compareVectors(
          index.length, (space, to) -> space.device().gather(space.upload(x), index, to));
      pair.compareVectors(
          index.length,
          (space, to) -> space.device().upload(space.device().pick(space.upload(x), index), to));
      double[] expected = numbers(pair.expectedSpace, u, x, y);
      double[] got = numbers(pair.triedSpace, u, x, y);
      for (int k = 0; k < 3; k++) { // sums of n terms of order 1, some of which cancel
        assertEquals(expected[k], got[k], TOLERANCE * Math.max(10, n));
      }
      assertEquals(expected[3], got[3]);
      assertEquals(expected[4], got[4]);
      assertArrayEquals(got, numbers(pair.triedSpace, u, x, y), "the same bits again");
    }
  }

  private static double[] numbers(Workspace space, double[] u, double[] x, double[] y) {
    Device device = space.device();
    Vector X = space.upload(x);
    Vector Y = space.upload(y);
    return new double[] {
      device.dot(X, Y),
      device.dot(space.upload(u), X, Y),
      device.sum(X),
      device.max(X),
      device.argmax(X)
    };
  }

  @ParameterizedTest
  @MethodSource("devicesAndLengths")
  void largest_isTheFirstOfEqualOnes(Supplier<Device> device, int n) {
    try (Pair pair = new Pair(device)) {
      double[] x = new double[n];
      java.util.Arrays.fill(x, -3);
      x[n - 1] = 4;
      x[n / 2] = 4;
      assertEquals(4, pair.tried.max(pair.triedSpace.upload(x)));
      assertEquals(n / 2, pair.tried.argmax(pair.triedSpace.upload(x)));
      x[0] = Double.NaN;
      Vector withNan = pair.triedSpace.upload(x);
      assertEquals(Double.NaN, pair.tried.max(withNan));
      assertEquals(0, pair.tried.argmax(withNan));
    }
  }

  @ParameterizedTest
  @MethodSource("devicesAndShapes")
  void formulas_equalTheirDefinition(Supplier<Device> device, int n, int d) {
    try (Pair pair = new Pair(device)) {
      double[] x = pair.gaussian(n);
      double[] y = pair.gaussian(n);
      double[] z = pair.gaussian(n);
      double[] ends = {0, -0.0, 1, -1, 1e-300, 1 - 1e-17, 1e300, 0.5};
      for (int i = 0; i < Math.min(n, 64); i++) {
        x[i] = ends[i % 8];
        y[i] = ends[i / 8];
      }
      double[] got = new double[n];
      for (Formula f : Formula.values()) {
        Vector to = pair.triedSpace.vector(n);
        pair.tried.map(
            f,
            0.75,
            pair.triedSpace.upload(x),
            pair.triedSpace.upload(y),
            pair.triedSpace.upload(z),
            to);
        pair.tried.download(to, got);
        for (int i = 0; i < n; i++) {
          double expected = f.apply(0.75, x[i], y[i], z[i]);
          // Logarithms and exponentials are right to about one unit in the last place, and none of
          // the formulas amplifies that by more than 100 in terms of order 1.
          double bound = 1e-13 * Math.max(1, Math.abs(expected));
          boolean close =
              Math.abs(expected - got[i]) <= bound
                  || expected == got[i] // infinities
                  || Double.isNaN(expected) && Double.isNaN(got[i]);
          assertTrue(
              close,
              f + " of " + x[i] + ", " + y[i] + ", " + z[i] + ": " + expected + ", " + got[i]);
        }
      }
    }
  }

  @Test
  void referenceAgreesWithValuesByHand() {
    try (Device device = new ReferenceDevice();
        Workspace space = new Workspace(device)) {
      Rows A = rows(space, new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
      double[] y = new double[3];
      Vector v = space.vector(3);
      device.times(A, space.upload(new double[] {1, -1}), v);
      device.download(v, y);
      assertArrayEquals(new double[] {-1, -1, -1}, y);

      double[] z = new double[2];
      Vector w = space.vector(2);
      device.transposeTimes(A, space.upload(new double[] {1, 0, -1}), w);
      device.download(w, z);
      assertArrayEquals(new double[] {-4, -4}, z);

      double[] g = new double[4];
      Matrix G = space.matrix(2, 2);
      device.weightedGram(A, space.upload(new double[] {1, 0, -1}), G);
      device.download(G, g);
      assertArrayEquals(new double[] {-24, -28, -28, -32}, g);

      device.quadraticForms(A, matrix(space, new double[] {1, 1, 1, 0}, 2, 2), v);
      device.download(v, y);
      assertArrayEquals(new double[] {5, 33, 85}, y);
      // triangles that are not the same, as rounding leaves them, have the form of their mean
      device.quadraticForms(A, matrix(space, new double[] {1, 3, -1, 0}, 2, 2), v);
      device.download(v, y);
      assertArrayEquals(new double[] {5, 33, 85}, y);

      Matrix R = space.matrix(2, 2);
      assertEquals(0, device.cholesky(matrix(space, new double[] {4, 2, 2, 10}, 2, 2), R));
      device.download(R, g);
      assertArrayEquals(new double[] {2, 1, 0, 3}, g);
      assertEquals(2, device.cholesky(matrix(space, new double[] {1, 2, 2, 1}, 2, 2), R));

      device.squaredNorms(A, matrix(space, new double[] {1, 1, 0, 1}, 2, 2), v);
      device.download(v, y);
      assertArrayEquals(new double[] {10, 58, 146}, y);

      assertEquals(
          -1 + 4 * 2,
          device.dot(space.upload(new double[] {1, 4}), space.upload(new double[] {-1, 2})));
      assertEquals(3, device.max(space.upload(new double[] {-7, 3, 2})));
      assertEquals(1, device.argmax(space.upload(new double[] {-7, 3, 2, 3})));
    }
  }
}
