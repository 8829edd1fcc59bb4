package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUcontext;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/** Whole solves on the simulated device: the answer, what crosses the bus, what fails and how. */
class CudaSolveTest {

  /** Where x is well determined, rounding moves it by less, relatively. */
  private static final double SAME = 1e-8;

  @BeforeEach
  void simulatedDevice() {
    CudaForTests.require();
    Inverter.open("cuda", 0).close();
    SimulatedCuda.reset();
  }

  private static Problem problem(int n, int d, Kind kind) {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(n, d).withKind(kind).withSeed(7));
    try (Inverter cpu = Inverter.open("cpu", 1)) {
      return new Problem(
          planted.matrix(),
          planted.offset().toArray(),
          cpu.scores(planted.matrix(), planted.offset().toArray(), planted.solution()));
    }
  }

  private static Options options(Kind kind) {
    return Options.defaults().withSigns(kind == Kind.MIXED ? Signs.unknown() : Signs.auto());
  }

  private static double[] solution(String device, Problem problem, Kind kind) {
    try (Inverter inverter = Inverter.open(device, 0)) {
      Result result = inverter.invert(problem, options(kind));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      return result.x();
    }
  }

  private static void assertSame(double[] expected, double[] got) {
    double scale = 0;
    for (double value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    assertArrayEquals(expected, got, SAME * scale);
  }

  private static void assertNothingLeft() {
    assertEquals(0, SimulatedCuda.counters().bytesLive(), "bytes that were not freed");
    assertEquals(0, SimulatedCuda.faults(), "misuse that the simulated device found");
  }

  @ParameterizedTest
  @CsvSource({
    "60, 3, INTERIOR",
    "500, 20, INTERIOR",
    "3000, 40, INTERIOR",
    "150, 100, INTERIOR",
    "400, 12, MIXED",
    "1000, 70, MIXED"
  })
  void givesTheSameXAsTheCpu(int n, int d, Kind kind) {
    Problem problem = problem(n, d, kind);
    assertSame(solution("cpu", problem, kind), solution("cuda", problem, kind));
    assertNothingLeft();
  }

  @Test
  void sameInput_givesTheSameBits() {
    Problem problem = problem(500, 20, Kind.INTERIOR);
    assertArrayEquals(
        solution("cuda", problem, Kind.INTERIOR), solution("cuda", problem, Kind.INTERIOR));
  }

  @Test
  void auto_takesTheCard_andSaysWhereTheProblemIsSmallForIt() {
    Problem problem = problem(60, 3, Kind.INTERIOR);
    try (Inverter inverter = Inverter.open()) {
      Result result = inverter.invert(problem, Options.defaults());
      assertTrue(result.device().startsWith("cuda:0 (simulated"), result.device());
      assertEquals(
          "n d^2 = 5.4e+02 is small for a card: the CPU may well be faster", result.deviceNote());
    }
    assertNothingLeft();
  }

  @Test
  void aThread_mayUseAnotherContextInBetween() {
    try (Device device = CudaForTests.resident();
        Workspace space = new Workspace(device)) {
      Vector x = space.upload(new double[] {1, 2, 3});
      JCudaDriver.cuCtxSetCurrent(new CUcontext()); // none, as after work on another card
      assertEquals(6, device.sum(x));
      JCudaDriver.cuCtxSetCurrent(new CUcontext());
    }
    assertNothingLeft();
  }

  @Test
  void primitives_allocateAndMoveNothingOnceTheyRan() {
    try (Device device = CudaForTests.resident();
        Workspace space = new Workspace(device)) {
      int n = 5000;
      int d = 70;
      Rows A = space.rows(n, d);
      device.upload(new java.util.Random(1).doubles((long) n * d).toArray(), n, A, 0);
      Vector x = space.vector(d);
      Vector b = space.vector(n);
      device.fill(-1, b);
      Vector s = space.vector(n);
      Vector q = space.vector(n);
      Matrix G = space.matrix(d, d);
      Matrix R = space.matrix(d, d);
      Matrix inverse = space.matrix(d, d);
      Runnable iteration =
          () -> {
            device.slackGram(A, x, b, s, G);
            assertEquals(0, device.cholesky(G, R));
            device.invertTriangular(R, inverse);
            device.squaredNorms(A, inverse, q);
            device.multiply(q, s, q);
            device.quadraticForms(A, G, q);
            device.transposeTimes(A, q, x);
            device.weightedGram(A, q, G);
            device.scale(0, x);
            device.dot(q, s);
          };
      iteration.run();
      SimulatedCuda.Counters before = SimulatedCuda.counters();
      iteration.run();
      SimulatedCuda.Counters after = SimulatedCuda.counters();
      assertEquals(before.allocations(), after.allocations());
      assertEquals(before.uploadedBytes(), after.uploadedBytes());
      long most = 3 * Double.BYTES; // two infos and one number
      assertTrue(after.downloadedBytes() - before.downloadedBytes() <= most);
    }
    assertNothingLeft();
  }

  /**
   * A crosses the bus a few times, never in each step: to the card once for the search and once for
   * the verification, and back for each reading of the verification, whose slacks the host computes
   * in twice the precision.
   */
  @Test
  void solve_movesNoMatrixInItsSteps() {
    int n = 4000;
    int d = 40;
    Problem problem = problem(n, d, Kind.INTERIOR);
    SimulatedCuda.reset();
    solution("cuda", problem, Kind.INTERIOR);
    long matrix = (long) n * d * Double.BYTES;
    assertTrue( // the sample's rows, vectors and signs are small beside it
        SimulatedCuda.counters().uploadedBytes() < 4 * matrix, SimulatedCuda.counters().toString());
    assertTrue(
        SimulatedCuda.counters().downloadedBytes() < 4 * matrix,
        SimulatedCuda.counters().toString());
  }

  /** All leaves but a few cross the bus in each pass, and the answer is that of the CPU. */
  @ParameterizedTest
  @CsvSource({"cuda", "'cuda:0,1'"})
  void solve_streamsWhereRowsMayTakeAQuarterOfA(String device) {
    int n = 6000;
    int d = 60;
    Problem problem = problem(n, d, Kind.INTERIOR);
    double[] expected = solution("cpu", problem, Kind.INTERIOR);
    System.setProperty("levinv.cuda.leaf-numbers", "8192");
    SimulatedCuda.setDevices(2);
    SimulatedCuda.reset();
    long quarter = (long) n * d * Double.BYTES / 4;
    try (Inverter inverter = Inverter.open(device, 0)) {
      Result result = inverter.invert(problem, options(Kind.INTERIOR).withMemory(quarter));
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertSame(expected, result.x());
      long uploaded = SimulatedCuda.counters().uploadedBytes();
      assertTrue(uploaded > 2 * result.passes() * quarter, uploaded + " bytes");
    } finally {
      SimulatedCuda.setDevices(1);
      System.clearProperty("levinv.cuda.leaf-numbers");
    }
    assertNothingLeft();
  }

  /**
   * Between two steps of a stage nothing of the length of a vector crosses the bus; what does are
   * the state of passes (x and a few d x d matrices), single numbers and, where the Jacobian of a
   * few rows is made, these rows' places and counts.
   */
  @ParameterizedTest
  @CsvSource({"4000, 40, INTERIOR", "3000, 30, MIXED"})
  void steps_moveNoArray(int n, int d, Kind kind) {
    Problem problem = problem(n, d, kind);
    List<String> stages = new ArrayList<>();
    List<SimulatedCuda.Counters> counters = new ArrayList<>();
    try (Inverter inverter = Inverter.open("cuda", 0)) {
      Options options =
          options(kind)
              .withProgress(
                  step -> {
                    stages.add(step.stage());
                    counters.add(SimulatedCuda.counters());
                  });
      assertEquals(Status.CONVERGED, inverter.invert(problem, options).status());
    }
    int compared = 0;
    long allocations = 0;
    for (int k = 1; k < stages.size(); k++) {
      if (stages.get(k).equals(stages.get(k - 1))) {
        SimulatedCuda.Counters before = counters.get(k - 1);
        SimulatedCuda.Counters after = counters.get(k);
        long up = after.uploadedBytes() - before.uploadedBytes();
        long down = after.downloadedBytes() - before.downloadedBytes();
        String step = stages + ", step " + k + ": " + before + " " + after;
        assertTrue(down < n * Double.BYTES / 4, step);
        assertTrue(after.downloads() - before.downloads() < 100, step);
        assertTrue(up < n * Double.BYTES, step); // of those few rows
        allocations += after.allocations() - before.allocations();
        compared++;
      }
    }
    assertTrue(compared >= 5, "too few steps were seen: " + stages);
    assertTrue(allocations <= 12, "allocations where it is made for the first time: " + counters);
  }

  @Test
  void memory_thatWasFreedIsUsedAgain() {
    Problem problem = problem(600, 20, Kind.INTERIOR);
    try (Inverter inverter = Inverter.open("cuda", 0)) {
      SimulatedCuda.reset();
      double[] x = inverter.invert(problem, options(Kind.INTERIOR)).x();
      long first = SimulatedCuda.counters().allocations();
      assertArrayEquals(x, inverter.invert(problem, options(Kind.INTERIOR)).x());
      long second = SimulatedCuda.counters().allocations() - first;
      assertTrue(second <= first / 10, first + " allocations, and then " + second);
    }
    assertNothingLeft();
  }

  /** The residual of the first step is that of the rows that were drawn, before any rounding. */
  @ParameterizedTest
  @CsvSource({"5000, 8, INTERIOR", "2000, 6, MIXED"})
  void draws_areThoseOfTheCpu(int n, int d, Kind kind) {
    Problem problem = problem(n, d, kind);
    double other = firstResidual("cpu", problem, options(kind).withSeed(3));
    for (long seed : new long[] {0, 1, 2}) {
      Options options = options(kind).withSeed(seed);
      double expected = firstResidual("cpu", problem, options);
      assertEquals(expected, firstResidual("cuda", problem, options), 1e-9 * expected);
      assertTrue(Math.abs(other - expected) > 1e-4 * expected, "seeds draw different rows");
    }
  }

  private static double firstResidual(String device, Problem problem, Options options) {
    List<Double> residuals = new ArrayList<>();
    try (Inverter inverter = Inverter.open(device, 0)) {
      inverter.invert(problem, options.withProgress(step -> residuals.add(step.residual())));
    }
    return residuals.get(0);
  }
}
