package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Inlet;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.reference.ReferenceDevice;

/**
 * Random sequences of calls, with nothing read back before the end, while the card does its work as
 * late as it may, at once, or in random turns of its streams: a wait that is missing between
 * streams, or between a buffer's uses, gives other numbers than the reference device.
 */
public class StreamOrdersTest {

  /** Six blocks of streamed rows, the last one not full. */
  private static final int ROWS = 3000;

  private static final int COLUMNS = 16;
  private static final int FEW = 700;
  private static final int STEPS = 12;

  /** Each of the races that were seeded by hand was found within these. */
  private static final int SEQUENCES = 20;

  /**
   * Sums in other orders differ by some eps times their terms, over a few steps; a stale block of
   * random numbers is wrong by its own size.
   */
  private static final double SAME = 1e-6;

  @BeforeEach
  void simulatedDevice() {
    CudaForTests.require();
  }

  @AfterEach
  void inTheUsualOrder() {
    SimulatedCuda.setOrder(SimulatedCuda.LATE);
  }

  static Stream<Arguments> orders() {
    return Stream.of(true, false)
        .flatMap(
            streamed ->
                Stream.of(SimulatedCuda.LATE, SimulatedCuda.EAGER, 12L, 7654321L)
                    .map(order -> Arguments.of(streamed, order)));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void anyOrderOfTheStreams_givesTheNumbersOfTheReference(boolean streamed, long order) {
    Supplier<Device> card = streamed ? CudaForTests::inBlocks : CudaForTests::resident;
    for (long seed = 0; seed < SEQUENCES; seed++) {
      List<double[]> expected;
      try (Device reference = new ReferenceDevice()) {
        expected = new Sequence(reference, seed).run();
      }
      List<double[]> got;
      try (Device device = card.get()) {
        SimulatedCuda.setOrder(order);
        got = new Sequence(device, seed).run();
      }
      for (int k = 0; k < got.size(); k++) {
        assertSame(expected.get(k), got.get(k), "sequence " + seed + ", result " + k);
      }
      CudaForTests.assertNoFaults();
    }
  }

  /**
   * Rows on their way hold up only the work that uses them: a card that does its work as late as it
   * may has not copied them when other work is done, and takes what is in the inlet by then.
   */
  @Test
  void workOnOtherRows_doesNotWaitForACopy() {
    double[] ones = new double[FEW * COLUMNS];
    Arrays.fill(ones, 1);
    double[] twos = new double[FEW * COLUMNS];
    Arrays.fill(twos, 2);
    double[] got = new double[FEW * COLUMNS];
    try (Device device = CudaForTests.resident()) {
      SimulatedCuda.setOrder(SimulatedCuda.LATE);
      Rows here = device.allocateRows(FEW, COLUMNS);
      device.upload(ones, FEW, here, 0);
      Rows coming = device.allocateRows(FEW, COLUMNS);
      Inlet inlet = device.inlet(coming);
      inlet.put(ones, FEW, 0);
      device.send(inlet);
      device.axpy(1, here, here);
      device.download(here, 0, FEW, got);
      assertArrayEquals(twos, got);
      inlet.put(twos, FEW, 0); // without await: a card that was late sends these
      device.axpy(1, coming, here);
      device.download(here, 0, FEW, got);
      assertEquals(4, got[0]);
      inlet.free();
    }
  }

  /** What is still on its way to memory that was freed does not reach those who have it next. */
  @Test
  void memoryThatIsFreed_isLeftAlone() {
    double[] ones = new double[FEW * COLUMNS];
    Arrays.fill(ones, 1);
    double[] got = new double[FEW * COLUMNS];
    try (Device device = CudaForTests.resident()) {
      SimulatedCuda.setOrder(SimulatedCuda.LATE);
      Rows freed = device.allocateRows(FEW, COLUMNS);
      Inlet inlet = device.inlet(freed);
      inlet.put(new double[FEW * COLUMNS], FEW, 0);
      device.send(inlet);
      freed.free();
      Rows next = device.allocateRows(FEW, COLUMNS);
      device.upload(ones, FEW, next, 0);
      device.download(next, 0, FEW, got);
      inlet.free();
      device.download(next, 0, FEW, got);
      assertArrayEquals(ones, got);
    }
    CudaForTests.assertNoFaults();
  }

  /** What copies and kernels read of the host is there until they have run. */
  @ParameterizedTest
  @ValueSource(longs = {SimulatedCuda.LATE, SimulatedCuda.EAGER, 12, 7654321})
  public void memoryOfTheHost_isFreedAfterItsUse(long order) {
    double[] expected = new double[ROWS * COLUMNS];
    Arrays.fill(expected, 1.5);
    try (Device device = CudaForTests.resident()) {
      SimulatedCuda.setOrder(order);
      Rows A = device.allocateRows(ROWS, COLUMNS);
      Inlet inlet = device.inlet(A);
      inlet.put(expected, ROWS, 0);
      device.send(inlet);
      inlet.free();
      double[] got = new double[expected.length];
      device.download(A, 0, ROWS, got);
      assertArrayEquals(expected, got);
      SimulatedCuda.setMemory(1 << 16); // less than is in use: what comes now lies on the host
      Rows B = device.allocateRows(ROWS, COLUMNS);
      device.upload(expected, ROWS, B, 0);
      device.axpy(1, B, A);
      B.free();
      device.download(A, 0, ROWS, got);
      assertEquals(3, got[0]);
    }
    CudaForTests.assertNoFaults();
  }

  /**
   * A norm, and the minor that is not positive, are those of the call and not of the one before.
   */
  @ParameterizedTest
  @ValueSource(longs = {SimulatedCuda.LATE, SimulatedCuda.EAGER, 12, 7654321})
  public void whatALibraryReturns_isOfItsCall(long order) {
    try (Device device = CudaForTests.resident()) {
      SimulatedCuda.setOrder(order);
      Matrix M = device.allocateMatrix(3, 3);
      Matrix R = device.allocateMatrix(3, 3);
      for (int minor = 1; minor <= 3; minor++) {
        double[] entries = {1, 0, 0, 0, 1, 0, 0, 0, 1};
        entries[4 * (minor - 1)] = -minor;
        device.upload(entries, M);
        assertEquals(Math.sqrt(2 + minor * minor), device.norm(M), 1e-15);
        assertEquals(minor, device.cholesky(M, R));
      }
    }
  }

  private static void assertSame(double[] expected, double[] got, String what) {
    double size = 0;
    for (double value : expected) {
      size = Double.isFinite(value) ? Math.max(size, Math.abs(value)) : size;
    }
    for (int i = 0; i < got.length; i++) {
      if (Double.isFinite(expected[i])) {
        double bound = SAME * Math.abs(expected[i]) + 1e-3 * SAME * size;
        assertEquals(expected[i], got[i], bound, what + ", entry " + i);
      } else {
        assertEquals(false, Double.isFinite(got[i]), what + ", entry " + i);
      }
    }
  }

  /** A few matrices and vectors, and calls on those that a seed draws. */
  private static final class Sequence {
    private final Device device;
    private final Random random;
    private final List<Rows> tall = new ArrayList<>();
    private final List<Rows> few = new ArrayList<>();
    private final List<Inlet> inlets = new ArrayList<>();
    private final List<Vector> longs = new ArrayList<>();
    private final List<Vector> shorts = new ArrayList<>();
    private final List<Matrix> squares = new ArrayList<>();

    /** Written and never read, since it grows. */
    private final Rows product;

    Sequence(Device device, long seed) {
      this.device = device;
      random = new Random(seed);
      product = device.allocateRows(FEW, COLUMNS);
      device.upload(numbers(FEW * COLUMNS), FEW, product, 0);
      for (int k = 0; k < 3; k++) {
        tall.add(device.allocateRows(ROWS, COLUMNS));
        device.upload(numbers(ROWS * COLUMNS), ROWS, tall.get(k), 0);
        longs.add(device.allocateVector(ROWS));
        device.upload(numbers(ROWS), longs.get(k));
      }
      for (int k = 0; k < 2; k++) {
        few.add(device.allocateRows(FEW, COLUMNS));
        device.upload(numbers(FEW * COLUMNS), FEW, few.get(k), 0);
        inlets.add(device.inlet(few.get(k)));
        shorts.add(device.allocateVector(COLUMNS));
        device.upload(numbers(COLUMNS), shorts.get(k));
        squares.add(device.allocateMatrix(COLUMNS, COLUMNS));
        device.upload(symmetric(), squares.get(k));
      }
    }

    private double[] numbers(int count) {
      return random.doubles(count, 0.5, 1.5).toArray();
    }

    private double[] symmetric() {
      double[] values = numbers(COLUMNS * COLUMNS);
      for (int e = 0; e < values.length; e++) {
        values[e] = values[Math.min(e, e % COLUMNS * COLUMNS + e / COLUMNS)];
      }
      return values;
    }

    private <T> T any(List<T> of) {
      return of.get(random.nextInt(of.size()));
    }

    List<double[]> run() {
      for (int step = 0; step < STEPS; step++) {
        step(any(tall), any(tall), any(longs), any(longs));
      }
      inlets.forEach(Inlet::free);
      List<double[]> all = new ArrayList<>();
      tall.forEach(A -> all.add(rows(A)));
      few.forEach(A -> all.add(rows(A)));
      all.add(rows(product));
      Stream.of(longs, shorts)
          .flatMap(List::stream)
          .forEach(
              v -> {
                all.add(new double[(int) v.length()]);
                device.download(v, all.get(all.size() - 1));
              });
      squares.forEach(
          M -> {
            all.add(new double[COLUMNS * COLUMNS]);
            device.download(M, all.get(all.size() - 1));
          });
      return all;
    }

    private double[] rows(Rows A) {
      double[] values = new double[(int) A.count() * COLUMNS];
      device.download(A, 0, (int) A.count(), values);
      return values;
    }

    private void step(Rows A, Rows B, Vector u, Vector v) {
      switch (random.nextInt(15)) {
        case 0 -> device.scaleRows(u, A, B);
        case 1 -> device.timesMatrix(A, squares.get(1), A);
        case 2 -> {
          int count = 1 + random.nextInt(ROWS);
          device.upload(numbers(count * COLUMNS), count, A, random.nextInt(ROWS - count + 1));
        }
        case 3 -> device.gather(A, random.ints(FEW, 0, ROWS).toArray(), any(few));
        case 4 -> device.times(A, shorts.get(0), u);
        case 5 -> {
          device.transposeTimes(A, u, shorts.get(1));
          device.scale(0.01, shorts.get(1));
        }
        case 6 -> {
          device.weightedGram(A, u, squares.get(0));
          device.axpy(-0.999, squares.get(0), squares.get(0));
        }
        case 7 -> device.squaredRowNorms(A, u);
        case 8 -> device.upload(numbers(ROWS), u);
        case 9 -> device.quadraticForms(A, squares.get(1), u);
        case 10 -> {
          Rows U = few.get(0);
          device.hadamardTimes(U, U, U, U, false, few.get(1), product);
        }
        case 11, 12 -> {
          int which = random.nextInt(inlets.size());
          for (int times = 0; times < 2; times++) {
            device.await(inlets.get(which));
            inlets.get(which).put(numbers(FEW * COLUMNS), FEW, 0);
            device.send(inlets.get(which));
            device.axpy(0.25, few.get(which), product);
          }
        }
        default -> ofTwo(A, B, u);
      }
      Vector other = u == v ? longs.get(u == longs.get(0) ? 1 : 0) : v;
      device.map(Formula.SHIFTED_QUOTIENT, 1, u, u, null, other); // numbers stay near 1
    }

    private void ofTwo(Rows A, Rows B, Vector u) {
      if (A == B) {
        return;
      }
      switch (random.nextInt(3)) {
        case 0 -> device.axpy(0.25, A, B);
        case 1 -> device.timesMatrix(A, squares.get(0), B);
        default -> device.addScaledRows(u, A, B);
      }
    }
  }
}
