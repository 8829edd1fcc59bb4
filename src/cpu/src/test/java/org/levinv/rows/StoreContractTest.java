package org.levinv.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.rows.StoreProblem.D;
import static org.levinv.rows.StoreProblem.N;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Matrix;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.pass.SlackGramPass;

/** Every store gives the same bits as every other, and to rounding those of the reference. */
class StoreContractTest {
  private static final long THIRD = 8L * N * (D + 3) / 3;
  private final StoreProblem problem = new StoreProblem(false, false);

  /** What a store is made for, and closed after. */
  private interface Use<T> {
    T of(RowStore store);
  }

  private static <T> T with(
      ProblemRows rows, int threads, Partition partition, long memory, Use<T> use) {
    try (Device device = new CpuDevice(threads);
        RowStore store = new LeafStore(rows, device, partition, memory)) {
      return use.of(store);
    }
  }

  private static <T> T onThree(ProblemRows rows, Partition partition, long memory, Use<T> use) {
    try (Device one = new CpuDevice(1);
        Device two = new CpuDevice(2);
        Device three = new CpuDevice(1);
        RowStore store = new PartitionedStore(rows, List.of(one, two, three), partition, memory)) {
      return use.of(store);
    }
  }

  /** In processes of their own, for all that the rows can tell. */
  private static <T> T onCluster(ProblemRows rows, Partition partition, int shards, Use<T> use) {
    return onCluster(rows, partition, shards, false, use);
  }

  /** Likewise; leaves may stay there from pass to pass. */
  private static <T> T onCluster(
      ProblemRows rows, Partition partition, int shards, boolean holding, Use<T> use) {
    try (Device home = new CpuDevice(2);
        Device away = new CpuDevice(1);
        ClusterForTests cluster =
            new ClusterForTests(rows, partition, shards, 8L * D * 64, holding, away);
        RowStore store = new ClusterStore(rows, cluster, home)) {
      return use.of(store);
    }
  }

  @AfterEach
  void noReaderIsLeftBehind() {
    assertEquals(List.of(), readers());
  }

  private static List<String> readers() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("levinv-reader") || name.startsWith("levinv-device"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 4096})
  void sameBitsWhereverRowsAre(int leafRows) {
    Partition partition = new Partition(N, leafRows);
    ProblemRows rows = problem.rows;
    double[] expected =
        with(
            rows,
            1,
            partition,
            Long.MAX_VALUE,
            store -> {
              double[] once = problem.answers(store, false);
              assertArrayEquals(once, problem.answers(store, true), "work done again");
              return once;
            });
    for (int threads : new int[] {1, 2}) {
      for (long memory : new long[] {0, THIRD, Long.MAX_VALUE}) {
        String what = threads + " threads, memory " + memory;
        double[] found =
            with(rows, threads, partition, memory, store -> problem.answers(store, true));
        assertArrayEquals(expected, found, what);
      }
    }
    for (long memory : new long[] {0, Long.MAX_VALUE}) {
      double[] found = onThree(rows, partition, memory, store -> problem.answers(store, false));
      assertArrayEquals(expected, found, "three devices, memory " + memory);
    }
    if (leafRows > 1) { // sums of single rows take long on their way
      for (int shards : new int[] {1, 4, 7}) {
        double[] found =
            onCluster(rows, partition, shards, store -> problem.answers(store, shards == 4));
        assertArrayEquals(expected, found, shards + " shards of a cluster");
      }
      double[] found = onCluster(rows, partition, 4, true, store -> problem.answers(store, false));
      assertArrayEquals(expected, found, "leaves that stay");
    }
  }

  /** A second search begins with units anew, and a shard may have heard nothing in between. */
  @Test
  void leavesThatStay_followUnitsAndCoordinates() {
    Partition partition = new Partition(N, 7);
    Use<double[]> searches =
        store -> concat(search(store, 2, false), search(store, 3, true), search(store, 5, false));
    double[] expected = with(problem.rows, 1, partition, Long.MAX_VALUE, searches);
    assertArrayEquals(expected, onCluster(problem.rows, partition, 3, true, searches));
  }

  /** G in new units and coordinates. */
  private double[] search(RowStore store, double scale, boolean isPlain) {
    store.setUnits(isPlain ? Units.NONE : new Units(new double[] {1, 2, 1, 4, 1}, 1));
    double[] entries = new double[D * D];
    try (Workspace space = new Workspace(store.device())) {
      Matrix M = space.matrix(D, D);
      store.device().addDiagonal(scale, null, M);
      store.changeCoordinates(M, true);
      store.device().download(store.run(SlackGramPass.at(problem.x)).G(), entries);
    }
    return entries;
  }

  @Test
  void aThirdOfTheMemoryMeansThatRowsPassBy() {
    Partition partition = new Partition(N, 7);
    long passing = with(problem.rows, 1, partition, THIRD, RowStore::passingRows);
    assertTrue(passing > N / 2 && passing < N, passing + " rows");
    assertEquals(0, with(problem.rows, 1, partition, Long.MAX_VALUE, RowStore::passingRows));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 4096})
  void floatsGiveTheBitsOfTheSameNumbersAsDoubles(int leafRows) {
    Partition partition = new Partition(N, leafRows);
    StoreProblem doubles = new StoreProblem(true, false);
    StoreProblem floats = new StoreProblem(true, true);
    Use<double[]> scaled =
        store -> {
          store.run(SlackGramPass.at(problem.x)); // so that some leaves are in memory
          store.setUnits(new Units(new double[] {1, 4, 0.5, 1, 2}, 8));
          double[] first = problem.answers(store, false);
          long[] few = {0, 6, 7, 333, 499};
          return concat(
              first,
              rows(store, few),
              store.lengths(few),
              store.gather(Field.OFFSET, few),
              moved(store));
        };
    double[] expected = with(doubles.rows, 1, partition, Long.MAX_VALUE, scaled);
    for (long memory : new long[] {0, THIRD, 2 * THIRD, Long.MAX_VALUE}) {
      double[] found = with(floats.rows, 2, partition, memory, scaled);
      assertArrayEquals(expected, found, "memory " + memory);
    }
    assertArrayEquals(expected, onThree(floats.rows, partition, THIRD / 3, scaled));
    assertArrayEquals(expected, onCluster(floats.rows, partition, 3, scaled));
  }

  /** A second search begins where the first one began, whatever that one changed. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unitsThatAreSetAgain_leaveNothingOfThoseBefore(boolean isSingle) {
    Partition partition = new Partition(N, 64);
    ProblemRows rows = new StoreProblem(true, isSingle).rows;
    Units units = new Units(new double[] {1, 4, 0.5, 1, 2}, 8);
    Use<double[]> once =
        store -> {
          store.setUnits(units);
          return concat(problem.answers(store, false), moved(store));
        };
    Use<double[]> again =
        store -> {
          store.setUnits(new Units(new double[] {2, 1, 1, 8, 0.25}, 0.5));
          moved(store);
          return once.of(store);
        };
    double[] expected = with(rows, 1, partition, Long.MAX_VALUE, once);
    for (long memory : new long[] {0, THIRD, Long.MAX_VALUE}) {
      assertArrayEquals(expected, with(rows, 2, partition, memory, again), "memory " + memory);
    }
    assertArrayEquals(expected, onThree(rows, partition, THIRD / 3, again));
    assertArrayEquals(expected, onCluster(rows, partition, 3, again));
  }

  /** Nothing changes rows in memory, so that they need not be read again to be verified. */
  @Test
  void rowsThatAllStay_areVerifiedWhereTheyAre() {
    try (Device device = new CpuDevice(1)) {
      try (Stores.Pair pair = Stores.openPair(problem.rows, List.of(device), 0)) {
        assertSame(pair.held(), pair.original());
      }
      try (Stores.Pair pair = Stores.openPair(problem.rows, List.of(device, device), 0)) {
        assertNotSame(pair.held(), pair.original());
      }
    }
  }

  private static double[] concat(double[]... parts) {
    return Stream.of(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[] rows(RowStore store, long[] numbers) {
    try (Workspace space = new Workspace(store.device())) {
      double[] entries = new double[numbers.length * D];
      var few = store.gather(numbers, space);
      var x = space.vector(D);
      double[] row = new double[D];
      for (int k = 0; k < numbers.length; k++) {
        few.rowTo(k, x);
        store.device().download(x, row);
        System.arraycopy(row, 0, entries, k * D, D);
      }
      return entries;
    }
  }

  /** Sums and rows in other coordinates. */
  private double[] moved(RowStore store) {
    double[] M = new double[D * D];
    for (int i = 0; i < D; i++) {
      for (int j = i; j < D; j++) {
        M[i * D + j] = i == j ? 1 + 0.1 * i : 0.05 * (i - j);
      }
    }
    try (Workspace space = new Workspace(store.device())) {
      Matrix upper = space.matrix(D, D);
      store.device().upload(M, upper);
      store.changeCoordinates(upper, true);
      store.run(SlackGramPass.at(problem.x()));
      store.changeCoordinates(upper, false);
      return concat(problem.answers(store, false), rows(store, new long[] {0, 63, 64, 499}));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 64})
  void coordinatesGiveTheSameBitsKeptOrNot(int leafRows) {
    Partition partition = new Partition(N, leafRows);
    double[] expected = with(problem.rows, 2, partition, Long.MAX_VALUE, this::moved);
    for (long memory : new long[] {0, THIRD, 8L * N * (D + 3) + 40_000}) {
      assertArrayEquals(expected, with(problem.rows, 2, partition, memory, this::moved));
    }
    assertArrayEquals(expected, onThree(problem.rows, partition, THIRD / 3, this::moved));
    assertArrayEquals(expected, onCluster(problem.rows, partition, 3, this::moved));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 4096})
  void cpuAgreesWithTheReference(int leafRows) {
    double[] expected;
    try (Device reference = new ReferenceDevice();
        RowStore whole =
            new LeafStore(problem.rows, reference, new Partition(N, N), Long.MAX_VALUE);
        RowStore passing = new LeafStore(problem.rows, reference, new Partition(N, leafRows), 0)) {
      expected = problem.answers(whole, false);
      assertNear(expected, problem.answers(passing, false));
    }
    assertNear(
        expected,
        with(
            problem.rows,
            2,
            new Partition(N, leafRows),
            0,
            store -> problem.answers(store, false)));
  }

  private static void assertNear(double[] expected, double[] found) {
    assertEquals(expected.length, found.length);
    for (int k = 0; k < found.length; k++) { // some 1e3 roundings of sums of 500 terms
      assertEquals(expected[k], found[k], 1e-11 * Math.max(1, Math.abs(expected[k])), "" + k);
    }
  }

  @Test
  void readingsAreCounted() {
    with(
        problem.rows,
        1,
        new Partition(N, 64),
        Long.MAX_VALUE,
        store -> {
          store.run(SlackGramPass.at(problem.x));
          store.run(SlackGramPass.at(problem.x));
          assertEquals(2, store.counter().passes(), 1e-12);
          double unit = (double) N * D * D;
          assertEquals(2 * N * (D * D + 2.0 * D) / unit, store.counter().work(), 1e-12);
          return null;
        });
  }

  // ---- what can go wrong while rows pass by

  /** Rows of the problem; the reads that were begun are counted, and a test may act on each. */
  private static class Watched implements RowSource {
    final RowSource rows;
    final List<Long> begun = Collections.synchronizedList(new ArrayList<>());

    Watched(RowSource rows) {
      this.rows = rows;
    }

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
    public void read(long first, int count, double[] into) {
      begun.add(first);
      rows.read(first, count, into);
    }
  }

  @Test
  void passesGoForwardsAndBackwardsInTurn() {
    Watched source = new Watched(problem.source());
    with(
        problem.withSource(source),
        1,
        new Partition(N, 100),
        0,
        store -> {
          store.run(SlackGramPass.at(problem.x));
          assertEquals(0, source.begun.stream().limit(2).mapToLong(k -> k).min().orElseThrow());
          source.begun.clear();
          store.run(SlackGramPass.at(problem.x));
          assertEquals(400, source.begun.stream().limit(2).mapToLong(k -> k).max().orElseThrow());
          return null;
        });
  }

  @Test
  void smallProblemsStartNoThread() {
    Watched source =
        new Watched(problem.source()) {
          @Override
          public void read(long first, int count, double[] into) {
            assertEquals(List.of(), readers());
            super.read(first, count, into);
          }
        };
    try (Device device = new CpuDevice(1);
        RowStore store = Stores.open(problem.withSource(source), device, 0)) {
      store.run(SlackGramPass.at(problem.x));
      store.run(SlackGramPass.at(problem.x));
      assertEquals(N, store.rows());
      assertFalse(source.begun.isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 0", "1, 7000", "2, 7000", "2, 1000000"})
  void aSourceThatFails_isTheFailureOfThePass_andThePassCanBeRunAgain(int threads, long memory) {
    RuntimeException[] failure = {null};
    Watched source =
        new Watched(problem.source()) {
          @Override
          public void read(long first, int count, double[] into) {
            if (failure[0] != null && first <= 250 && 250 < first + count) {
              throw failure[0];
            }
            super.read(first, count, into);
          }
        };
    Partition partition = new Partition(N, 7);
    double[] expected = with(problem.rows, 1, partition, 0, s -> problem.answers(s, false));
    with(
        problem.withSource(source),
        threads,
        partition,
        memory,
        store -> {
          for (RuntimeException e :
              List.of(
                  new InvalidInputException("A, row 250: the file ended"),
                  new InvalidInputException("A, rows 248 to 254: the file changed"),
                  new IllegalStateException("a bug"))) {
            failure[0] = e;
            assertSame(
                e,
                assertThrows(RuntimeException.class, () -> store.run(SlackGramPass.at(problem.x))));
            assertEquals(List.of(), readers());
          }
          failure[0] = null;
          assertArrayEquals(expected, problem.answers(store, false));
          return null;
        });
  }

  @Test
  void aNumberThatIsNotFinite_isBadInputWithNameAndRow() {
    Watched source =
        new Watched(problem.source()) {
          @Override
          public void read(long first, int count, double[] into) {
            super.read(first, count, into);
            if (first <= 250 && 250 < first + count) {
              into[(int) (250 - first) * D + 3] = Double.NaN;
            }
          }
        };
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () ->
                with(
                    problem.withSource(source),
                    2,
                    new Partition(N, 7),
                    0,
                    store -> store.run(SlackGramPass.at(problem.x))));
    assertEquals("A, row 250, column 3: expected a finite number, got NaN", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE})
  void aPassThatIsStopped_endsSoon_leavesNoThread_andTheStoreUsable(long memory) {
    Partition partition = new Partition(N, 7);
    double[] expected = with(problem.rows, 1, partition, 0, s -> problem.answers(s, false));
    Use<double[]> stopped =
        store -> {
          AtomicInteger asked = new AtomicInteger();
          store.setCheck(
              () -> {
                if (asked.incrementAndGet() > 10) {
                  throw new CancellationException("stop");
                }
              });
          assertThrows(CancellationException.class, () -> store.run(SlackGramPass.at(problem.x)));
          assertTrue(asked.get() < 20, asked + " leaves were begun");
          assertEquals(List.of(), readers());
          store.setCheck(() -> {});
          return problem.answers(store, false);
        };
    assertArrayEquals(expected, with(problem.rows, 2, partition, memory, stopped));
    assertArrayEquals(expected, onThree(problem.rows, partition, memory, stopped));
  }

  /** Each reading is told from 0 on, once for each leaf and once more by each worker at most. */
  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE})
  void readingsTellHowFarTheyAre(long memory) {
    Partition partition = new Partition(N, 7);
    Use<List<Double>> heard =
        store -> {
          List<Double> shares = Collections.synchronizedList(new ArrayList<>());
          store.setListener(shares::add);
          store.run(SlackGramPass.at(problem.x));
          return shares;
        };
    for (int workers : new int[] {1, 2}) {
      List<Double> shares = with(problem.rows, workers, partition, memory, heard);
      assertTrue(shares.size() >= partition.leaves(), shares.toString());
      assertTrue(shares.size() <= partition.leaves() + workers, shares.toString());
      assertEquals(1, shares.stream().filter(share -> share == 0).count());
      assertTrue(shares.stream().allMatch(share -> share >= 0 && share <= 1), shares.toString());
      long distinct = shares.stream().filter(share -> share < 1).distinct().count();
      assertEquals(partition.leaves(), distinct);
    }
    // three devices tell of their parts
    List<Double> parts = onThree(problem.rows, partition, memory, heard);
    assertEquals(3, parts.stream().filter(share -> share == 0).count(), parts.toString());
  }

  @Test
  void anInterruptInTheMiddle_changesNoBit_andTheFlagStays() {
    Partition partition = new Partition(N, 7);
    double[] expected = with(problem.rows, 1, partition, 0, s -> problem.answers(s, false));
    Thread me = Thread.currentThread();
    Watched source =
        new Watched(problem.source()) {
          @Override
          public void read(long first, int count, double[] into) {
            if (first > 200) {
              me.interrupt();
            }
            super.read(first, count, into);
          }
        };
    double[] found =
        with(problem.withSource(source), 2, partition, 0, s -> problem.answers(s, false));
    assertTrue(Thread.interrupted());
    assertArrayEquals(expected, found);
    assertArrayEquals(
        expected,
        onThree(problem.withSource(source), partition, 0, s -> problem.answers(s, false)));
    assertTrue(Thread.interrupted());
  }

  // ---- devices that are lost

  /** A device of the CPU that fails from some leaf on. */
  private static Device failing(Device device, AtomicInteger leavesLeft) {
    return failing(device, "slackGram", leavesLeft);
  }

  /** One that does a primitive so many times. */
  private static Device failing(Device device, String primitive, AtomicInteger left) {
    return (Device)
        java.lang.reflect.Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("team")) {
                return org.levinv.device.Team.alone((Device) proxy);
              }
              if (method.getName().equals(primitive) && left.getAndDecrement() <= 0) {
                throw new DeviceException("two: lost");
              }
              if (method.getName().equals("in")) {
                return proxy;
              }
              try {
                return method.invoke(device, arguments);
              } catch (java.lang.reflect.InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 40})
  void aLostDeviceHandsItsLeavesToTheOthers(int leaves) {
    Partition partition = new Partition(N, 7);
    double[] expected = with(problem.rows, 1, partition, 0, s -> problem.answers(s, false));
    try (Device one = new CpuDevice(1);
        Device two = new CpuDevice(1);
        Device three = new CpuDevice(1);
        RowStore store =
            new PartitionedStore(
                problem.rows,
                List.of(one, failing(two, new AtomicInteger(leaves)), three),
                partition,
                THIRD)) {
      assertArrayEquals(expected, problem.answers(store, false));
      assertEquals("a device was lost, and its rows went to the others: two: lost", store.note());
    }
  }

  /** Those that take over have the coordinates in which the device was lost. */
  @Test
  void aDeviceMayBeLostWhileCoordinatesChange() {
    Partition partition = new Partition(N, 7);
    double[] expected = with(problem.rows, 1, partition, 0, this::moved);
    AtomicInteger uploads = new AtomicInteger(Integer.MAX_VALUE);
    try (Device one = new CpuDevice(1);
        Device two = new CpuDevice(1);
        Device three = new CpuDevice(1);
        RowStore store =
            new PartitionedStore(
                problem.rows, List.of(one, failing(two, "upload", uploads), three), partition, 0)) {
      uploads.set(0);
      assertArrayEquals(expected, moved(store));
      assertEquals("a device was lost, and its rows went to the others: two: lost", store.note());
    }
  }

  @Test
  void theFirstDeviceIsTheOneThatMayNotBeLost() {
    try (Device one = new CpuDevice(1);
        Device two = new CpuDevice(1);
        RowStore store =
            new PartitionedStore(
                problem.rows,
                List.of(failing(one, new AtomicInteger(5)), two),
                new Partition(N, 7),
                THIRD)) {
      assertThrows(DeviceException.class, () -> store.run(SlackGramPass.at(problem.x)));
    }
  }

  @Test
  void tooLittleMemoryIsBadInputThatSaysHowMuchThereMustBe() {
    try (Device device = new CpuDevice(1)) {
      InvalidInputException e =
          assertThrows(InvalidInputException.class, () -> Stores.open(problem.rows, device, 100));
      assertTrue(
          e.getMessage().matches("memory: expected at least \\d+ KiB .* 5 columns, got 100 bytes"),
          e.getMessage());
    }
  }
}
