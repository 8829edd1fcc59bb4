package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.device.DeviceException;

/** Failures on purpose: a solve ends with the right x or says what failed, and leaves nothing. */
class CudaFaultsTest {
  private static final int ROWS = 120;
  private static final int COLUMNS = 4;

  /** Bytes, less than A and its fields: rows pass through the card. */
  private static final long TOO_LITTLE = ROWS * COLUMNS * Double.BYTES * 3 / 4;

  /** Of an x that was placed, and not refined: sampling errors. */
  private static final double PLACED = 0.1;

  /** Where x is well determined, rounding moves it by less, relatively. */
  private static final double SAME = 1e-8;

  /** Launches that fail, of the 1,300 or so of a solve. */
  private static final int TRIALS = 40;

  @BeforeEach
  void simulatedDevice() {
    CudaForTests.require();
    Inverter.open("cuda", 0).close();
    SimulatedCuda.reset();
  }

  /** A lost device stays lost. */
  @AfterEach
  void afterFailures() {
    System.clearProperty("levinv.cuda.leaf-numbers");
    SimulatedCuda.reset();
    SimulatedCuda.setMemory(1L << 30);
  }

  /** A problem, its answer, and solves with failures. */
  private static final class Trials {
    final Problem problem;
    final Options options;
    final double[] expected;

    /** Memory of the card. */
    final long memory;

    int solved;
    int interrupted;
    int refused;

    /** Rows pass through the card, leaf by leaf. */
    static Trials streamed() {
      System.setProperty("levinv.cuda.leaf-numbers", "32");
      return new Trials(Kind.INTERIOR, 1L << 30, TOO_LITTLE);
    }

    Trials(Kind kind, long memory) {
      this(kind, memory, 0);
    }

    private Trials(Kind kind, long memory, long forRows) {
      this.memory = memory;
      PlantedProblem planted =
          PlantedProblem.of(Recipe.of(ROWS, COLUMNS).withKind(kind).withSeed(7));
      options =
          Options.defaults()
              .withSigns(kind == Kind.MIXED ? Signs.unknown() : Signs.positive())
              .withMemory(forRows);
      try (Inverter cpu = Inverter.open("cpu", 1)) {
        problem =
            new Problem(
                planted.matrix(),
                planted.offset().toArray(),
                cpu.scores(planted.matrix(), planted.offset().toArray(), planted.solution()));
        expected = cpu.invert(problem, options.withMemory(0)).x();
      }
    }

    /** The counters of a solve in which nothing fails. */
    SimulatedCuda.Counters whole() {
      solve(k -> {}, 0);
      assertEquals(1, solved);
      return SimulatedCuda.counters();
    }

    void solve(LongConsumer failure, long k) {
      SimulatedCuda.reset();
      SimulatedCuda.setMemory(memory);
      failure.accept(k);
      String trial = "failure " + k;
      try (Inverter inverter = Inverter.open("cuda", 0)) {
        Result result = inverter.invert(problem, options);
        if (result.status() == Status.CONVERGED) {
          assertRight(result.x(), trial);
          // How far reading is ahead decides on a buffer more or less: a solve may end before k.
          if (SimulatedCuda.counters().launches() >= k) {
            solved++;
          }
          return;
        }
        assertEquals(Status.DEVICE_FAILED, result.status(), trial);
        assertTrue(result.message().startsWith("cuda"), result.message());
        assertEquals(1, result.message().lines().count(), result.message());
        assertNear(result.x(), PLACED, trial); // a placement at least
        if (result.relativeResidual() <= options.tolerance()) {
          assertRight(result.x(), trial);
        }
        interrupted++;
      } catch (DeviceException e) {
        assertSaid(e);
        refused++;
      } catch (InvalidInputException e) { // it could not be opened
        assertSaid((DeviceException) e.getCause());
        refused++;
      } finally {
        assertClean(trial);
      }
    }

    private static void assertClean(String trial) {
      assertEquals(0, SimulatedCuda.counters().bytesLive(), trial + ": bytes that were not freed");
      assertEquals(0, SimulatedCuda.faults(), trial + ": misuse that the simulated device found");
    }

    private static void assertSaid(DeviceException e) {
      assertTrue(e.getMessage().startsWith("cuda"), e.getMessage());
      assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
    }

    private void assertRight(double[] x, String trial) {
      assertNear(x, SAME, trial);
    }

    private void assertNear(double[] x, double relative, String trial) {
      double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      assertArrayEquals(expected, x, relative * scale, trial);
    }

    void eachAllocation(int step) {
      long allocations = whole().allocations();
      for (long k = 1; k <= allocations; k += step) {
        solve(SimulatedCuda::failAllocation, k);
      }
    }

    /** Launches from the first to the last of a solve that does not fail. */
    void someLaunches(LongConsumer failure) {
      long launches = whole().launches();
      for (int k = 0; k < TRIALS; k++) {
        solve(failure, 1 + k * (launches - 1) / (TRIALS - 1));
      }
      assertEquals(1, solved, "a launch failed and nobody noticed");
      assertTrue(refused > 0, "every failure left an x");
      assertTrue(interrupted > TRIALS / 3, "an x was left by " + interrupted + " of " + TRIALS);
    }
  }

  /** Memory that is freed, memory of the host or streaming make good for one failure. */
  @Test
  void anAllocationThatFails_isSurvived() {
    Trials trials = new Trials(Kind.INTERIOR, 1L << 30);
    trials.eachAllocation(1);
    assertEquals(0, trials.interrupted + trials.refused, "solves that failed");
  }

  @Test
  void anAllocationThatFails_isSurvivedWhileSignsAreRetrieved() {
    Trials trials = new Trials(Kind.MIXED, 1L << 30);
    trials.eachAllocation(7);
    assertEquals(0, trials.interrupted + trials.refused, "solves that failed");
  }

  @Test
  void anAllocationThatFailsWhileStreaming_isSurvived() {
    Trials trials = Trials.streamed();
    trials.eachAllocation(3);
    assertEquals(0, trials.interrupted + trials.refused, "solves that failed");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aLaunchThatFails_endsTheSolveAndKeepsTheBestX(Kind kind) {
    new Trials(kind, 1L << 30).someLaunches(SimulatedCuda::failLaunch);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aLostDevice_endsTheSolveAndKeepsTheBestX(Kind kind) {
    new Trials(kind, 1L << 30).someLaunches(SimulatedCuda::loseDevice);
  }

  @Test
  void aDeviceLostWhileStreaming_endsTheSolve() {
    Trials.streamed().someLaunches(SimulatedCuda::loseDevice);
  }

  /** Every buffer is freed, wherever a solve is ended. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void aSolveThatIsStopped_leavesTheCardClean(Kind kind) {
    Trials trials = new Trials(kind, 1L << 30);
    int[] steps = {0};
    SimulatedCuda.reset();
    SimulatedCuda.setMemory(trials.memory);
    try (Inverter inverter = Inverter.open("cuda", 0)) {
      inverter.invert(trials.problem, trials.options.withProgress(step -> steps[0]++));
      int stride = Math.max(1, steps[0] / 8);
      for (int k = 0; k < steps[0]; k += stride) {
        Result result =
            inverter.invert(trials.problem, trials.options.withProgress(new StopAfter(k)));
        assertEquals(Status.INTERRUPTED, result.status(), result.message());
      }
      Result again = inverter.invert(trials.problem, trials.options);
      trials.assertRight(again.x(), "afterwards");
    }
    Trials.assertClean("stopped");
  }

  private static final class StopAfter implements Progress {
    private final int steps;
    private int heard;

    StopAfter(int steps) {
      this.steps = steps;
    }

    @Override
    public void step(Step step) {
      heard++;
    }

    @Override
    public boolean stop() {
      return heard >= steps;
    }
  }
}
