package org.levinv.device.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.levinv.device.Formula;

/**
 * Each kernel by itself, where the device would not take it: on grids of one block, of a few and of
 * too many, from addresses that are and are not multiples of 16 bytes, at every tail. All numbers
 * are small and whole, so sums are exact in any order and nothing may differ.
 */
public final class CudaKernelsTest {

  /** Blocks that take many rounds each, some, and more than there is work for. */
  private static final int[] GRIDS = {1, 3, 40};

  /** Rounds of 256 threads, with one entry less and more. */
  private static final int[] LENGTHS = {1, 2, 255, 257, 1024, 2049};

  /** Every number of lanes, odd and even rows; a last warp that has one row. */
  private static final int[][] SHAPES = {
    {1, 1}, {33, 1}, {289, 2}, {129, 3}, {70, 6}, {97, 17}, {65, 32}, {130, 70}, {300, 64}, {5, 257}
  };

  /** Every width of the fused kernels; full tiles of 32 rows, and one row less and more. */
  private static final int[][] FEW_COLUMNS = {
    {1, 1}, {31, 7}, {300, 8}, {33, 9}, {32, 16}, {97, 17}, {64, 32}, {65, 33}, {130, 48}, {65, 49},
    {129, 63}, {130, 64}, {33, 16}
  };

  private static final int[] ORDERS = {1, 5, 32, 33, 70, 300};

  /** A card with the kernels, and arrays on it. */
  private static final class Card implements AutoCloseable {
    final CudaContext context = new CudaContext(0);
    final CudaKernels kernels = new CudaKernels(context, new DiskCache());
    final Random random = new Random(3);
    private final List<Address> used = new ArrayList<>();

    double[] numbers(int count) {
      return random.doubles(count).map(v -> Math.rint(8 * v) - 4).toArray();
    }

    /** With whole square roots, of any sign. */
    double[] squares(int count) {
      return random
          .doubles(count)
          .map(v -> Math.rint(4 * v) - 2)
          .map(v -> v * Math.abs(v))
          .toArray();
    }

    /** With {@code shift} 1 at no multiple of 16 bytes; the last number ends the allocation. */
    Address upload(double[] from, int shift) {
      Address to = allocate(from.length + shift).plus(shift);
      return copied(to, Pointer.to(from), (long) Double.BYTES * from.length);
    }

    Address upload(int[] from) {
      Address to = allocate((from.length + 1) / 2);
      return copied(to, Pointer.to(from), (long) Integer.BYTES * from.length);
    }

    Address upload(float[] from) {
      Address to = allocate((from.length + 1) / 2);
      return copied(to, Pointer.to(from), (long) Float.BYTES * from.length);
    }

    /** A copy of ordinary memory may return before it arrived, and our stream does not wait. */
    private static Address copied(Address to, Pointer from, long bytes) {
      cuMemcpyHtoD(to, from, bytes);
      cuCtxSynchronize();
      return to;
    }

    /** Memory that was not in use before and has no room to spare, so that misuse shows. */
    Address allocate(int count) {
      Address memory = new Address();
      cuMemAlloc(memory, (long) Double.BYTES * Math.max(1, count));
      used.add(memory);
      return memory;
    }

    void run(String kernel, int blocks, Object... values) {
      kernels.launch(kernel, blocks, 1, values);
    }

    double[] download(Address from, int count) {
      double[] to = new double[count];
      cuStreamSynchronize(context.stream);
      cuMemcpyDtoH(Pointer.to(to), from, (long) Double.BYTES * count);
      return to;
    }

    void expect(String what, Address got, int count, IntToDoubleFunction expected) {
      assertArrayEquals(
          IntStream.range(0, count).mapToDouble(expected).toArray(), download(got, count), what);
    }

    void expectFloats(String what, Address got, int count, IntToDoubleFunction expected) {
      float[] to = new float[count];
      cuStreamSynchronize(context.stream);
      cuMemcpyDtoH(Pointer.to(to), got, (long) Float.BYTES * count);
      for (int k = 0; k < count; k++) {
        assertEquals(expected.applyAsDouble(k), to[k], 0.0, what);
      }
    }

    void freeArrays() {
      cuStreamSynchronize(context.stream);
      used.forEach(JCudaDriver::cuMemFree);
      used.clear();
    }

    @Override
    public void close() {
      try {
        freeArrays();
      } finally {
        context.close();
        CudaForTests.assertNoFaults();
      }
    }
  }

  @FunctionalInterface
  private interface Case {
    void run(Card card, int blocks);
  }

  private static void onEveryGrid(Case tried) {
    CudaForTests.require();
    try (Card card = new Card()) {
      for (int blocks : GRIDS) {
        tried.run(card, blocks);
        card.freeArrays();
      }
    }
  }

  @Test
  public void elementWise() {
    for (int n : LENGTHS) {
      onEveryGrid((card, blocks) -> elementWise(card, blocks, n));
    }
  }

  /** A card would read whatever bits are where the argument should be. */
  @Test
  public void argumentsThatAKernelDoesNotTake_areRefused() {
    CudaForTests.require();
    try (Card card = new Card()) {
      Address y = card.allocate(1);
      for (Object[] wrong :
          new Object[][] {{1L, 1.0}, {1L, 1.0, y, y}, {1, 1.0, y}, {1L, 1L, y}, {1L, null, y}}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> card.run("fill", 1, wrong),
            Arrays.toString(wrong));
      }
      card.run("fill", 1, 1L, 1.0, y);
      card.expect("fill", y, 1, i -> 1);
    }
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int k = 0; k < floats.length; k++) {
      floats[k] = (float) numbers[k];
    }
    return floats;
  }

  private static void elementWise(Card card, int blocks, int n) {
    long length = n;
    double[] x = card.numbers(n);
    double[] y = card.numbers(n);
    for (int shift = 0; shift < 4; shift++) {
      Address X = card.upload(x, shift % 2);
      Address Y = card.upload(y, shift / 2);
      card.run("axpy", blocks, length, 3.0, X, Y);
      card.expect("axpy", Y, n, i -> 3 * x[i] + y[i]);
    }
    Address X = card.upload(x, 0);
    Address Y = card.upload(y, 0);
    Address to = card.allocate(n);
    card.run("fill", blocks, length, 7.0, to);
    card.expect("fill", to, n, i -> 7);
    to = card.upload(x, 0);
    card.run("scale", blocks, length, -2.0, to);
    card.expect("scale", to, n, i -> -2 * x[i]);
    to = card.allocate(n);
    card.run("multiply", blocks, length, X, Y, to);
    card.expect("multiply", to, n, i -> x[i] * y[i]);
    to = card.allocate(n);
    card.run("divide", blocks, length, X, Y, to);
    card.expect("divide", to, n, i -> x[i] / y[i]);
    to = card.allocate(n);
    card.run("map", blocks, length, card.kernels.number(Formula.SHIFT), 5.0, X, X, X, to);
    card.expect("map", to, n, i -> x[i] + 5);
    for (int d : new int[] {1, 7, 300}) {
      Address rows = card.upload(floats(x));
      double[] c = card.numbers(d);
      to = card.allocate(n);
      card.run("widen", blocks, length, d, rows, card.upload(c, 0), to);
      card.expect("widen", to, n, i -> x[i] * c[i % d]);
      card.run("widen", blocks, length, d, rows, null, to);
      card.expect("widen", to, n, i -> x[i]);
    }
    int[] index = card.random.ints(n, 0, n).toArray();
    to = card.allocate(n);
    card.run("gather", blocks, length, card.upload(index), X, to);
    card.expect("gather", to, n, i -> x[index[i]]);
    to = card.allocate(n);
    card.run(
        "scatter",
        blocks,
        length,
        card.upload(IntStream.range(0, n).map(i -> n - 1 - i).toArray()),
        X,
        to);
    card.expect("scatter", to, n, i -> x[n - 1 - i]);
  }

  @Test
  public void reductions() {
    for (int n : LENGTHS) {
      onEveryGrid((card, blocks) -> reductions(card, blocks, n));
    }
  }

  private static void reductions(Card card, int blocks, int n) {
    double[] u = card.numbers(n);
    double[] x = card.numbers(n);
    double[] y = card.numbers(n);
    Address X = card.upload(x, 0);
    Address Y = card.upload(y, 0);
    Address parts = card.allocate(2 * blocks);
    Address result = card.allocate(2);
    for (int kind = 0; kind < 3; kind++) {
      int factors = kind;
      card.run(
          "sum",
          blocks,
          (long) n,
          kind == 2 ? card.upload(u, 0) : null,
          X,
          kind == 0 ? null : Y,
          parts);
      card.run("sum", 1, (long) blocks, null, parts, null, result);
      double sum =
          IntStream.range(0, n)
              .mapToDouble(i -> (factors == 2 ? u[i] : 1) * x[i] * (factors == 0 ? 1 : y[i]))
              .sum();
      card.expect("sum", result, 1, i -> sum);
    }
    for (int strict = 0; strict < 2; strict++) {
      x[n - 1] = 9;
      x[n / 2] = 9;
      if (n > 2) {
        x[n / 3] = strict == 1 && n / 3 != n / 2 ? Double.NaN : 9;
      }
      int first = IntStream.range(0, n).filter(i -> x[i] == 9).findFirst().orElseThrow();
      Address values = card.upload(x, 0);
      card.run("largest", blocks, (long) n, strict, values, null, parts);
      card.run("largest", 1, (long) blocks, 0, values, parts, result);
      card.expect("largest", result, 2, i -> i == 0 ? 9 : first);
    }
    x[0] = Double.NaN; // which no entry passes, with `strict`
    card.run("largest", blocks, (long) n, 1, card.upload(x, 0), null, parts);
    card.run("largest", 1, (long) blocks, 0, X, parts, result);
    card.expect("largest after a NaN", result, 2, i -> i == 0 ? Double.POSITIVE_INFINITY : 0);
  }

  @Test
  public void rows() {
    for (int[] shape : SHAPES) {
      onEveryGrid((card, blocks) -> rows(card, blocks, shape[0], shape[1]));
    }
  }

  private static void rows(Card card, int blocks, int n, int d) {
    long count = n;
    int lanes = CudaKernels.lanes(d);
    double[] a = card.numbers(n * d);
    double[] c = card.numbers(n * d);
    double[] f = card.numbers(n);
    double[] x = card.numbers(d);
    int[] index = card.random.ints(n, 0, n).toArray();
    Address F = card.upload(f, 0);
    Address places = card.upload(index);
    double[] dots = new double[n];
    for (int e = 0; e < n * d; e++) {
      dots[e / d] += a[e] * c[e];
    }
    double[] slacks = new double[n];
    for (int e = 0; e < n * d; e++) {
      slacks[e / d] += a[e] * x[e % d];
    }
    for (int shift = 0; shift < 4; shift++) {
      Address A = card.upload(a, shift % 2);
      Address C = card.upload(c, shift / 2);
      Address to = card.allocate(n * d + shift / 2).plus(shift / 2);
      card.run("scaleRows", blocks, count, d, lanes, F, A, 0, to);
      card.expect("scaleRows", to, n * d, e -> f[e / d] * a[e]);
      card.run("scaleRows", blocks, count, d, lanes, F, A, 1, C);
      card.expect("scaleRows, added", C, n * d, e -> c[e] + f[e / d] * a[e]);
      to = card.allocate(n * d + shift / 2).plus(shift / 2);
      card.run("gatherRows", blocks, count, d, lanes, A, places, shift == 0 ? null : F, to);
      boolean plain = shift == 0;
      card.expect(
          "gatherRows", to, n * d, e -> (plain ? 1 : f[e / d]) * a[index[e / d] * d + e % d]);
      to = card.allocate(n);
      card.run("rowDots", blocks, count, d, lanes, A, card.upload(c, shift / 2), to);
      card.expect("rowDots", to, n, i -> dots[i]);
      Address S = card.allocate(n);
      Address U = card.allocate(n);
      // every third slack is 0, the others are powers of two
      double[] b =
          IntStream.range(0, n)
              .mapToDouble(i -> slacks[i] - (i % 3 == 0 ? 0 : i % 3 * 2))
              .toArray();
      Address X = card.upload(x, shift / 2);
      Address B = card.upload(b, 0);
      card.run("slack", blocks, count, d, lanes, A, X, B, S, 0, U);
      card.expect("slack", S, n, i -> i % 3 * 2);
      card.expect("u of slack", U, n, i -> i % 3 == 0 ? 0 : i % 3 == 1 ? 0.25 : 0.0625);
      card.run("slack", blocks, count, d, lanes, A, X, B, S, 1, U);
      card.expect("roots of slack", U, n, i -> i % 3 == 0 ? 0 : i % 3 == 1 ? 0.5 : 0.25);
      card.run("slack", blocks, count, d, lanes, A, X, null, S, 0, null);
      card.expect("slack alone", S, n, i -> slacks[i]);
    }
    Address A = card.upload(a, 0);
    Address to = card.allocate(n * (d + 1));
    card.run("appendColumn", blocks, count, d, CudaKernels.lanes(d + 1), A, F, to);
    card.expect(
        "appendColumn",
        to,
        n * (d + 1),
        e -> e % (d + 1) == d ? f[e / (d + 1)] : a[e / (d + 1) * d + e % (d + 1)]);
    double[] sums = new double[d];
    for (int e = 0; e < n * d; e++) {
      sums[e % d] += f[e / d] * a[e];
    }
    for (int width = Math.min(256, CudaKernels.powerOfTwo(d)); width > 0; width /= 16) {
      Address parts = card.allocate(blocks * d);
      card.kernels.launch(
          "columnSums", blocks, (d + width - 1) / width, count, d, width, A, F, parts);
      to = card.allocate(d);
      card.run("sumParts", 3, blocks, (long) d, parts, 0, to);
      card.expect("columnSums", to, d, j -> sums[j]);
    }
  }

  @Test
  public void roundedRows() {
    for (int[] shape : SHAPES) {
      onEveryGrid((card, blocks) -> roundedRows(card, blocks, shape[0], shape[1]));
    }
  }

  private static void roundedRows(Card card, int blocks, int n, int d) {
    long count = n;
    int lanes = CudaKernels.lanes(d);
    double[] a = card.numbers(n * d);
    double[] u = card.squares(n);
    for (int e = 0; e < n * d; e++) {
      int size = e / d == n - 1 ? 400 : 300 * (e / d % 3 - 1); // very different, the last largest
      a[e] *= Math.scalb(1.0, size);
    }
    double[] c = new double[n];
    for (int i = 0; i < n; i++) {
      double largest = 0;
      for (int j = 0; j < d; j++) {
        largest = Math.max(largest, Math.sqrt(Math.abs(u[i])) * Math.abs(a[i * d + j]));
      }
      c[i] = largest == 0 ? Double.POSITIVE_INFINITY : Math.scalb(1.0, -Math.getExponent(largest));
    }
    Address A = card.upload(a, 0);
    Address U = card.upload(u, 0);
    Address C = card.allocate(n);
    card.run("rowScales", blocks, count, d, lanes, A, U, C);
    card.expect("rowScales", C, n, i -> c[i]);
    for (int rowsOfPart : new int[] {1, 7, 300}) {
      int parts = (n + rowsOfPart - 1) / rowsOfPart;
      int padded = parts * rowsOfPart;
      double[] smallest = new double[parts];
      for (int p = 0; p < parts; p++) {
        smallest[p] =
            IntStream.range(p * rowsOfPart, Math.min(n, (p + 1) * rowsOfPart))
                .mapToDouble(i -> c[i])
                .min()
                .orElseThrow();
      }
      Address scales = card.allocate(parts);
      card.run("partScales", blocks, count, (long) rowsOfPart, C, scales);
      card.expect("partScales", scales, parts, p -> smallest[p]);
      Address to = card.allocate((padded * d + 1) / 2);
      Address signed = card.allocate((padded * d + 1) / 2);
      card.run(
          "weighRows",
          blocks,
          count,
          (long) padded,
          d,
          lanes,
          (long) rowsOfPart,
          A,
          U,
          scales,
          to,
          signed);
      IntToDoubleFunction expected =
          e -> {
            int i = e / d;
            double root = i < n ? Math.sqrt(Math.abs(u[i])) : 0;
            return root == 0 || a[e] == 0 ? 0 : (float) (smallest[i / rowsOfPart] * root * a[e]);
          };
      card.expectFloats("weighRows", to, padded * d, expected);
      card.expectFloats(
          "weighRows, signed",
          signed,
          padded * d,
          e -> (e / d < n && u[e / d] < 0 ? -1 : 1) * expected.applyAsDouble(e));
    }
    float[] x = new float[n * d];
    float[] y = new float[n * d];
    double[] dots = new double[n];
    for (int e = 0; e < n * d; e++) {
      x[e] = e % 7 - 3;
      y[e] = e % 5 - 2;
      dots[e / d] += x[e] * y[e];
    }
    Address q = card.allocate(n);
    double[] scales = new double[n]; // powers of two, and the one of a row of zeros
    Arrays.setAll(scales, i -> i % 4 == 3 ? Double.POSITIVE_INFINITY : Math.scalb(1.0, i % 7 - 3));
    Address rowScales = card.upload(scales, 0);
    Address two = card.upload(new double[] {2}, 0);
    for (int power = 1; power <= 2; power++) {
      double m = power == 1 ? 2 : 4;
      card.run(
          "rowDotsSingle",
          blocks,
          count,
          d,
          lanes,
          card.upload(x),
          card.upload(y),
          rowScales,
          two,
          power,
          q);
      card.expect("rowDotsSingle", q, n, i -> dots[i] / scales[i] / scales[i] / m);
    }
  }

  @Test
  public void fewColumns() {
    for (int[] shape : FEW_COLUMNS) {
      onEveryGrid((card, blocks) -> fewColumns(card, blocks, shape[0], shape[1]));
    }
  }

  /**
   * Where the card has matrix units: upper tiles alone, and forms by both triangles of a matrix.
   */
  @Test
  public void fewColumns_onMatrixUnits() {
    for (int[] shape : FEW_COLUMNS) {
      onEveryGrid((card, blocks) -> onMatrixUnits(card, blocks, shape[0], shape[1]));
    }
  }

  private static void onMatrixUnits(Card card, int blocks, int n, int d) {
    String gramUnits = card.kernels.fused("gram", d);
    if (!gramUnits.startsWith("gramUnits")) {
      System.out.println(
          "the kernels for matrix units were NOT RUN: this card has none for doubles");
      return;
    }
    double[] a = card.numbers(n * d);
    double[] u = card.squares(n);
    double[] matrix = card.numbers(d * d); // of which squares read nothing below the diagonal
    double[] gram = new double[d * d];
    double[] forms = new double[n];
    double[] squares = new double[n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < d; k++) {
        double product = 0;
        for (int j = 0; j < d; j++) {
          double pair = a[i * d + j] * a[i * d + k];
          gram[j * d + k] += u[i] * pair;
          forms[i] += matrix[j * d + k] * pair;
          product += j <= k ? a[i * d + j] * matrix[j * d + k] : 0;
        }
        squares[i] += product * product;
      }
    }
    for (int shift = 0; shift < 4; shift++) {
      Address A = card.upload(a, shift % 2);
      Address M = card.upload(matrix, shift / 2);
      Address parts = card.allocate(blocks * d * d);
      Address G = card.allocate(d * d);
      card.run(gramUnits, blocks, (long) n, d, A, card.upload(u, 0), parts);
      card.run("sumGrams", 2, blocks, d, parts, 0, G);
      card.expect(gramUnits, G, d * d, e -> gram[e]);
      slackGram(card, blocks, n, d, a, A, shift);
      Address q = card.allocate(n);
      String formsUnits = card.kernels.fused("forms", d);
      card.run(formsUnits, blocks, (long) n, d, A, M, 0, q);
      card.expect(formsUnits, q, n, i -> forms[i]);
      card.run(formsUnits, blocks, (long) n, d, A, M, 1, q);
      card.expect(formsUnits + ", squares", q, n, i -> squares[i]);
    }
  }

  /** Slacks are 0 or powers of two, whose inverse squares are exact. */
  private static void slackGram(
      Card card, int blocks, int n, int d, double[] a, Address A, int shift) {
    double[] x = card.numbers(d);
    double[] slacks = new double[n];
    double[] b = new double[n];
    double[] gram = new double[d * d];
    for (int i = 0; i < n; i++) {
      slacks[i] = i % 5 == 4 ? 0 : Math.scalb(i % 2 == 0 ? 1.0 : -1.0, i % 3 - 1);
      double weight = slacks[i] == 0 ? 0 : 1 / (slacks[i] * slacks[i]);
      b[i] = -slacks[i];
      for (int k = 0; k < d; k++) {
        b[i] += a[i * d + k] * x[k];
        for (int j = 0; j < d; j++) {
          gram[j * d + k] += weight * a[i * d + j] * a[i * d + k];
        }
      }
    }
    String kernel = card.kernels.fused("slackGram", d);
    Address parts = card.allocate(blocks * d * d);
    Address G = card.allocate(d * d);
    Address s = card.allocate(n);
    Address B = card.upload(b, shift / 2);
    card.run(kernel, blocks, (long) n, d, A, B, card.upload(x, shift % 2), s, parts);
    card.run("sumGrams", 2, blocks, d, parts, 0, G);
    card.expect(kernel + ", slacks", s, n, i -> slacks[i]);
    card.expect(kernel, G, d * d, e -> gram[e]);
  }

  private static void fewColumns(Card card, int blocks, int n, int d) {
    double[] a = card.numbers(n * d);
    double[] u = card.squares(n);
    double[] m = card.numbers(d * d);
    double[] gram = new double[d * d];
    double[] forms = new double[n];
    double[] squares = new double[n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < d; k++) {
        double product = 0;
        for (int j = 0; j < d; j++) {
          gram[j * d + k] += u[i] * a[i * d + j] * a[i * d + k];
          product += a[i * d + j] * m[j * d + k];
        }
        forms[i] += product * a[i * d + k];
        squares[i] += product * product;
      }
    }
    for (int shift = 0; shift < 4; shift++) {
      Address A = card.upload(a, shift % 2);
      Address M = card.upload(m, shift / 2);
      for (String precision : new String[] {"", "Single"}) {
        Address parts = card.allocate(blocks * d * d);
        Address G = card.allocate(d * d);
        String kernel = "gram" + precision + CudaKernels.width(d);
        card.run(kernel, blocks, (long) n, d, A, card.upload(u, 0), parts);
        card.run("sumGrams", 2, blocks, d, parts, 0, G);
        card.expect(kernel, G, d * d, e -> gram[e]);
      }
      Address q = card.allocate(n);
      for (String precision : new String[] {"", "Single"}) {
        String kernel = "forms" + precision + CudaKernels.width(d);
        card.run(kernel, blocks, (long) n, d, A, M, 0, q);
        card.expect(kernel, q, n, i -> forms[i]);
        card.run(kernel, blocks, (long) n, d, A, M, 1, q);
        card.expect(kernel + ", squares", q, n, i -> squares[i]);
      }
    }
  }

  @Test
  public void fewColumns_ofVeryDifferentSize() {
    for (int[] shape : FEW_COLUMNS) {
      onEveryGrid((card, blocks) -> veryDifferentSizes(card, blocks, 290, shape[1]));
    }
  }

  /** What is 2^200 times as large hides all else, in doubles too, and must not overflow floats. */
  private static void veryDifferentSizes(Card card, int blocks, int n, int d) {
    double[] a = card.numbers(n * d);
    double[] m = card.numbers(d * d);
    double[] gram = new double[d * d];
    double[] u = new double[n];
    for (int i = 0; i < n; i++) {
      boolean large = i % 32 == (i / 32 * 5 + 3) % 32 || i == n - 1; // in every tile, in all warps
      u[i] = large ? 4 : -1;
      for (int j = 0; large && j < d; j++) {
        a[i * d + j] = Math.scalb(1.0 + j % 3, 200);
      }
      for (int e = 0; large && e < d * d; e++) {
        gram[e] += 4 * a[i * d + e / d] * a[i * d + e % d];
      }
    }
    Address parts = card.allocate(blocks * d * d);
    Address G = card.allocate(d * d);
    String kernel = "gramSingle" + CudaKernels.width(d);
    card.run(kernel, blocks, (long) n, d, card.upload(a, 0), card.upload(u, 0), parts);
    card.run("sumGrams", 2, blocks, d, parts, 0, G);
    card.expect(kernel, G, d * d, e -> gram[e]);

    double last = Math.scalb(3.0, 200);
    m[d * d - 1] = last;
    for (int i = 0; i < n; i++) {
      a[i * d + d - 1] = Math.scalb(1.0 + i % 3, 200 * (i % 4));
      for (int j = 0; j < d - 1; j++) {
        a[i * d + j] = j % 3;
      }
    }
    Address q = card.allocate(n);
    kernel = "formsSingle" + CudaKernels.width(d);
    for (int squares = 0; squares < 2; squares++) {
      double power = squares == 0 ? last : last * last;
      card.run(kernel, blocks, (long) n, d, card.upload(a, 0), card.upload(m, 0), squares, q);
      card.expect(kernel, q, n, i -> a[i * d + d - 1] * a[i * d + d - 1] * power);
    }
  }

  @Test
  public void squareMatrices() {
    for (int d : ORDERS) {
      onEveryGrid((card, blocks) -> squareMatrices(card, blocks, d));
    }
  }

  private static void squareMatrices(Card card, int blocks, int d) {
    int size = d * d;
    double[] m = card.numbers(size);
    double[] c = card.numbers(size);
    double[] parts = card.numbers(3 * size);
    Address M = card.upload(m, 0);
    Address P = card.upload(parts, 0);
    for (int add = 0; add < 2; add++) {
      int plus = add;
      Address to = card.upload(c, 0);
      card.run("sumParts", blocks, 3, (long) size, P, add, to);
      card.expect(
          "sumParts",
          to,
          size,
          e -> plus * c[e] + parts[e] + parts[size + e] + parts[2 * size + e]);
      to = card.upload(c, 0);
      card.run("sumGrams", blocks, 3, d, P, add, to);
      card.expect(
          "sumGrams",
          to,
          size,
          e -> {
            int upper = Math.min(e / d, e % d) * d + Math.max(e / d, e % d);
            return plus * c[upper] + parts[upper] + parts[size + upper] + parts[2 * size + upper];
          });
    }
    float[] floats = new float[3 * size];
    for (int e = 0; e < floats.length; e++) {
      floats[e] = (float) parts[e];
    }
    Address scales = card.upload(new double[] {0.5, 2, Double.POSITIVE_INFINITY}, 0);
    Address to = card.upload(c, 0);
    card.run("sumGramsSingle", blocks, 3, d, card.upload(floats), scales, 1, to);
    card.expect(
        "sumGramsSingle",
        to,
        size,
        e -> {
          int upper = Math.min(e / d, e % d) * d + Math.max(e / d, e % d);
          return c[upper] + parts[upper] * 4 + parts[size + upper] / 4;
        });
    to = card.upload(m, 0);
    card.run("mirror", blocks, d, to);
    card.expect("mirror", to, size, e -> m[Math.min(e / d, e % d) * d + Math.max(e / d, e % d)]);
    to = card.upload(m, 0);
    card.run("clearLower", blocks, d, to);
    card.expect("clearLower", to, size, e -> e / d > e % d ? 0 : m[e]);
    to = card.upload(c, 0);
    card.run("addDiagonal", blocks, d, 3.0, M, to);
    card.run("addDiagonal", blocks, d, -5.0, null, to);
    card.expect("addDiagonal", to, size, e -> c[e] + (e / d == e % d ? 3 * m[e] - 5 : 0));
    to = card.allocate(d);
    card.run("diagonal", blocks, d, M, to);
    card.expect("diagonal", to, d, j -> m[j * d + j]);
    double[] range = new double[size];
    for (int j = 0; j < d; j++) {
      range[j * d + j] = j == d - 1 ? -9 : j == d / 2 ? 2 : 4;
    }
    to = card.allocate(2);
    card.run("diagonalRange", 1, d, card.upload(range, 0), to);
    card.expect("diagonalRange", to, 2, k -> k == 1 ? 9 : d == 1 ? 9 : 2);
    to = card.upload(m, 0);
    card.run("keepTriangle", blocks, d, (long) d, to);
    card.expect("keepTriangle", to, size, e -> e % d > e / d ? 0 : m[e]);
  }

  @Test
  public void rectangles() {
    int[][] shapes = {{1, 1}, {32, 32}, {33, 31}, {5, 97}, {97, 5}, {129, 70}};
    for (int[] shape : shapes) {
      onEveryGrid((card, blocks) -> rectangles(card, blocks, shape[0], shape[1]));
    }
  }

  private static void rectangles(Card card, int blocks, int rows, int columns) {
    int size = rows * columns;
    double[] m = card.numbers(size);
    double[] q = card.numbers(size);
    double[] w = card.numbers(rows);
    Address M = card.upload(m, 0);
    Address W = card.upload(w, 0);
    int stride = rows + 2;
    double[] before = card.numbers(columns * stride);
    for (Address factor : new Address[] {null, W}) {
      Address to = card.upload(before, 0);
      card.run("transpose", blocks, rows, columns, factor, M, (long) columns, to, (long) stride);
      card.expect(
          "transpose",
          to,
          columns * stride,
          e -> {
            int i = e % stride;
            return i < rows ? (factor == null ? 1 : w[i]) * m[i * columns + e / stride] : before[e];
          });
    }
    for (int hollow = 0; hollow < 2; hollow++) {
      boolean without = hollow == 1;
      Address to = card.upload(m, 0);
      card.run("hadamard", blocks, rows, columns, card.upload(q, 0), hollow, -2L, to);
      card.expect(
          "hadamard", to, size, e -> without && e / columns == e % columns - 2 ? 0 : m[e] * q[e]);
    }
  }
}
