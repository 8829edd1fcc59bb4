package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.cuda.GramProducts.Way;
import org.levinv.device.reference.ReferenceDevice;

/** The ways to a Gram matrix, and how one of them is chosen and remembered. */
class GramProductsTest {

  /** Rounding of sums of up to 5,000 terms of order 1, relative to the largest entry. */
  private static final double TOLERANCE = 1e-12;

  @TempDir private Path folder;

  @BeforeEach
  void everySizeIsMeasured() {
    CudaForTests.require();
    System.setProperty(GramProducts.TUNE_FROM, "1");
  }

  @AfterEach
  void asUsual() {
    System.clearProperty(GramProducts.TUNE_FROM);
  }

  /** One tall matrix with weights of both signs, and its Gram matrices on a device. */
  private static final class Tall implements AutoCloseable {
    final Device device;
    final Workspace space;
    final Rows A;
    final Vector u;
    final Vector x;
    final Vector b;
    final Vector s;
    final Matrix G;
    final int d;

    Tall(Device device, int n, int d) {
      this.device = device;
      this.d = d;
      space = new Workspace(device);
      Random random = new Random(3);
      A = space.rows(n, d);
      device.upload(random.doubles((long) n * d, -1, 1).toArray(), n, A, 0);
      u = space.upload(random.doubles(n, -1, 1).toArray());
      x = space.upload(random.doubles(d, -1, 1).toArray());
      b = space.upload(random.doubles(n, 10 + d, 20 + d).toArray()); // slacks far from 0
      s = space.vector(n);
      G = space.matrix(d, d);
    }

    private double[] downloaded() {
      double[] entries = new double[d * d];
      device.download(G, entries);
      return entries;
    }

    double[] weightedGram() {
      device.weightedGram(A, u, G);
      return downloaded();
    }

    double[] slackGram() {
      device.slackGram(A, x, b, s, G);
      return downloaded();
    }

    Way way() {
      return ((CudaDevice) device).grams().way((CudaRows) A, ((CudaMatrix) G).at(0));
    }

    String key() {
      return ((CudaDevice) device).grams().key((CudaRows) A);
    }

    @Override
    public void close() {
      space.close();
      device.close();
    }
  }

  private Tall open(int n, int d) {
    return new Tall(new CudaDevice(0, 0, new DiskCache(folder)), n, d);
  }

  private static void assertClose(double[] expected, double[] got) {
    double largest = 0;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(expected, got, TOLERANCE * largest);
  }

  @ParameterizedTest
  @CsvSource({"5, 3", "5000, 5", "3001, 64", "2000, 65", "600, 130", "1100, 520"})
  void everyWay_givesTheGramMatrixOfTheReference(int n, int d) {
    double[] weighted;
    double[] slack;
    try (Tall reference = new Tall(new ReferenceDevice(), n, d)) {
      weighted = reference.weightedGram();
      slack = reference.slackGram();
    }
    List<Way> ways;
    try (Tall tall = open(n, d)) {
      ways = ((CudaDevice) tall.device).grams().ways(d);
    }
    assertEquals(d <= 64 ? 4 : 3, ways.size());
    for (Way way : ways) {
      try (Tall tall = open(n, d)) {
        new DiskCache(folder).write(tall.key(), way.name().getBytes(StandardCharsets.UTF_8));
        assertClose(weighted, tall.weightedGram());
        assertClose(slack, tall.slackGram());
        assertEquals(way, tall.way(), "what the file says is done");
      }
    }
    assertEquals(0, SimulatedCuda.faults());
  }

  @ParameterizedTest
  @CsvSource({"3000, 20", "2000, 70", "700, 520"})
  void theChoice_isMeasuredOnceAndRemembered(int n, int d) {
    double[] first;
    Way way;
    long measured;
    try (Tall tall = open(n, d)) {
      first = tall.slackGram(); // the weights of the measurement are in its scratch
      SimulatedCuda.reset();
      first = tall.weightedGram();
      measured = SimulatedCuda.counters().launches();
      assertArrayEquals(first, tall.weightedGram());
      way = tall.way();
      byte[] kept = new DiskCache(folder).read(tall.key());
      List<String> lines = new String(kept, StandardCharsets.UTF_8).lines().toList();
      assertEquals(way.name(), lines.get(0));
      assertEquals(((CudaDevice) tall.device).grams().ways(d).size() + 1, lines.size());
      assertTrue(lines.get(1).matches("[A-Z]+ \\S+ to \\S+ s"), lines.get(1));
    }
    try (Tall tall = open(n, d)) {
      SimulatedCuda.reset();
      assertArrayEquals(first, tall.weightedGram(), "a later run");
      assertEquals(measured, SimulatedCuda.counters().launches(), "nothing is measured again");
      assertEquals(way, tall.way());
    }
  }

  @Test
  void theMeasurement_leavesNothingButItsScratch() {
    try (Tall reference = new Tall(new ReferenceDevice(), 3000, 20);
        Tall tall = open(3000, 20)) {
      double[] expected = reference.slackGram();
      long before = SimulatedCuda.counters().launches();
      assertClose(expected, tall.slackGram());
      assertTrue(
          SimulatedCuda.counters().launches() - before > 4 * 20 * 2, "four ways were not measured");
      double[] s = new double[3000];
      double[] found = new double[3000];
      reference.device.download(reference.s, s);
      tall.device.download(tall.s, found);
      assertClose(s, found);
    }
    assertEquals(0, SimulatedCuda.counters().bytesLive());
  }

  /** Another one than the table's has to be faster whatever else the card did meanwhile. */
  @ParameterizedTest
  @CsvSource({
    "1, 1.1, 0.5, 0.6, SYRKX",
    "1, 1.1, 0.5, 1.01, FUSED", // its slowest is not faster
    "1, 1.1, 0.96, 0.97, FUSED", // not by enough
    "1, 3, 2, 2.5, FUSED"
  })
  void theTable_isReplacedBeyondDoubt(double a, double b, double c, double e, Way best) {
    Map<Way, GramProducts.Seconds> seconds =
        Map.of(
            Way.FUSED, new GramProducts.Seconds(a, b), Way.SYRKX, new GramProducts.Seconds(c, e));
    assertEquals(best, GramProducts.best(Way.FUSED, seconds));
  }

  @Test
  void aDamagedOrForeignFile_isReplaced() throws IOException {
    String key;
    double[] expected;
    try (Tall tall = open(2000, 20)) {
      expected = tall.weightedGram();
      key = tall.key();
    }
    for (byte[] damage : List.of(new byte[0], new byte[500], "SYRKX".getBytes())) {
      Files.write(folder.resolve(key), damage);
      try (Tall tall = open(2000, 20)) {
        assertClose(expected, tall.weightedGram());
      }
      assertNotNull(new DiskCache(folder).read(key), "not repaired");
    }
    new DiskCache(folder).write(key, "A way of another version".getBytes());
    try (Tall tall = open(2000, 20)) {
      assertClose(expected, tall.weightedGram());
    }
  }

  @Test
  void withoutAFolder_orOnSmallProblems_theTableDecides() {
    DiskCache none = new DiskCache(null);
    try (Tall tall = new Tall(new CudaDevice(0, 0, none), 2000, 20)) {
      assertFixed(tall, Way.FUSED);
    }
    System.setProperty(GramProducts.TUNE_FROM, "" + (600.0 * 520 * 520 + 1));
    try (Tall tall = open(600, 520)) {
      assertFixed(tall, Way.SYRKX);
    }
    System.setProperty(GramProducts.TUNE_FROM, "Infinity");
    try (Tall tall = open(600, 520)) {
      assertFixed(tall, Way.SYRKX);
    }
  }

  /** At most the scaling, a batch, what is left of it, and a sum, for each block. */
  private static void assertFixed(Tall tall, Way way) {
    long before = SimulatedCuda.counters().launches();
    assertEquals(way, tall.way());
    assertEquals(before, SimulatedCuda.counters().launches(), "measured nevertheless");
  }
}
