package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.levinv.GradientProblem;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.ScaleResult;
import org.levinv.Status;
import org.levinv.app.Main;
import org.levinv.device.DeviceException;
import org.levinv.files.Inputs;

/** The methods of the papers and row weights on the simulated device, and when it is lost. */
class CudaLocalTest {
  private static final int ROWS = 120;
  private static final int COLUMNS = 4;
  private static final PlantedProblem PLANTED = PlantedProblem.of(Recipe.of(ROWS, COLUMNS));
  private static final double[] X = PLANTED.solution();

  private double[] sigma;
  private Problem problem;
  private Options options;

  @BeforeEach
  void simulatedDevice() {
    CudaForTests.require();
    try (Inverter cpu = Inverter.open("cpu", 1)) {
      sigma = cpu.scores(PLANTED.matrix(), PLANTED.offset().toArray(), X);
    }
    problem = new Problem(PLANTED.matrix(), PLANTED.offset().toArray(), sigma);
    double[] start = X.clone();
    Arrays.setAll(start, j -> X[j] * (1 + 0.01 * Math.cos(j)));
    options = Options.defaults().withStart(start).withMaxIterations(5000);
    Inverter.open("cuda", 0).close();
    SimulatedCuda.reset();
  }

  /** A(x)^T sigma. */
  private GradientProblem gradientProblem() {
    double[] a = new double[COLUMNS];
    double[] g = new double[COLUMNS];
    double[] b = PLANTED.offset().toArray();
    for (int i = 0; i < ROWS; i++) {
      PLANTED.matrix().read(i, 1, a);
      double slack = -b[i];
      for (int j = 0; j < COLUMNS; j++) {
        slack += a[j] * X[j];
      }
      for (int j = 0; j < COLUMNS; j++) {
        g[j] += a[j] * sigma[i] / slack;
      }
    }
    return new GradientProblem(PLANTED.matrix(), PLANTED.offset().toArray(), g);
  }

  private static double error(double[] x) {
    double off = 0;
    double size = 0;
    for (int j = 0; j < COLUMNS; j++) {
      off = Math.hypot(off, x[j] - X[j]);
      size = Math.hypot(size, X[j]);
    }
    return off / size;
  }

  private static void assertNothingLeft() {
    assertEquals(0, SimulatedCuda.counters().bytesLive(), "bytes that were not freed");
    assertEquals(0, SimulatedCuda.faults(), "misuse that the simulated device found");
  }

  /** The answer, and the best x so far wherever the device is lost, better and better. */
  private void loseTheDevice(Function<Inverter, Result> solve) {
    try (Inverter inverter = Inverter.open("cuda", 0)) {
      Result result = solve.apply(inverter);
      assertEquals(Status.CONVERGED, result.status(), result.message());
      assertTrue(error(result.x()) < 1e-8, "error " + error(result.x()));
    }
    assertNothingLeft();
    long launches = SimulatedCuda.counters().launches();
    double first = Double.NaN;
    double last = Double.NaN;
    for (long k = 1; k < launches; k += Math.max(1, launches / 6)) {
      SimulatedCuda.reset();
      SimulatedCuda.loseDevice(k);
      try (Inverter inverter = Inverter.open("cuda", 0)) {
        Result reached = solve.apply(inverter);
        assertEquals(Status.DEVICE_FAILED, reached.status(), "lost at launch " + k);
        assertTrue(reached.message().contains("the best x so far is kept"), reached.message());
        last = error(reached.x());
        first = Double.isNaN(first) ? last : first;
      } catch (DeviceException | InvalidInputException e) { // the latter: it cannot be opened
        assertTrue(Double.isNaN(first), "an x was there before launch " + k);
      }
      SimulatedCuda.reset();
    }
    assertTrue(last < 1e-8, "at the end the x kept is the answer: " + last);
    assertTrue(first > 1e-4, "at the beginning it is near the start: " + first);
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"AUTO"},
      mode = EnumSource.Mode.EXCLUDE)
  void aLostDevice_leavesTheBestX(Method method) {
    loseTheDevice(inverter -> inverter.invert(problem, options.withMethod(method)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"NEWTON", "SAMPLED_NEWTON"})
  void aLostDevice_leavesTheBestXOfTheGradientProblem(Method method) {
    GradientProblem gradient = gradientProblem();
    loseTheDevice(inverter -> inverter.invertGradient(gradient, options.withMethod(method)));
  }

  /** After the global method, too: its x is there while the certificate is computed. */
  @Test
  void aDeviceLostBeforeTheCertificate_leavesX() {
    Options global = Options.defaults().withCertificate(true);
    try (Inverter inverter = Inverter.open("cuda", 0)) {
      assertNotNull(inverter.invert(problem, global).certificate());
    }
    long launches = SimulatedCuda.counters().launches();
    SimulatedCuda.reset();
    SimulatedCuda.loseDevice(launches - 1);
    try (Inverter inverter = Inverter.open("cuda", 0)) {
      Result reached = inverter.invert(problem, global);
      assertEquals(Status.DEVICE_FAILED, reached.status());
      assertTrue(error(reached.x()) < 1e-8, "error " + error(reached.x()));
    }
    SimulatedCuda.reset();
  }

  @Test
  void aLostDevice_leavesTheBestWeights() {
    ScaleResult expected;
    try (Inverter cpu = Inverter.open("cpu", 1)) {
      expected = cpu.tyler(PLANTED.matrix(), Options.defaults());
    }
    try (Inverter inverter = Inverter.open("cuda", 0)) {
      ScaleResult result = inverter.tyler(PLANTED.matrix(), Options.defaults());
      assertArrayEquals(expected.weights(), result.weights(), 1e-9);
    }
    assertNothingLeft();
    long launches = SimulatedCuda.counters().launches();
    int kept = 0;
    double off = Double.NaN;
    for (long k = 1; k < launches; k += Math.max(1, launches / 8)) {
      SimulatedCuda.reset();
      SimulatedCuda.loseDevice(k);
      try (Inverter inverter = Inverter.open("cuda", 0)) {
        ScaleResult reached = inverter.tyler(PLANTED.matrix(), Options.defaults());
        assertEquals(ScaleResult.Status.DEVICE_FAILED, reached.status(), "lost at launch " + k);
        double trace = 0;
        off = 0;
        for (int j = 0; j < COLUMNS; j++) {
          trace += reached.scatter()[j][j];
          for (int l = 0; l < COLUMNS; l++) {
            double change = reached.scatter()[j][l] - expected.scatter()[j][l];
            off = Math.max(off, Math.abs(change));
          }
        }
        assertEquals(COLUMNS, trace, 1e-12);
        kept++;
      } catch (DeviceException | InvalidInputException e) { // the latter: it cannot be opened
        assertEquals(0, kept, "weights were there before launch " + k);
      }
      SimulatedCuda.reset();
    }
    assertTrue(kept > 3, "kept " + kept);
    assertTrue(off < 1e-9, "at the end the weights kept are the answer: " + off);
  }

  /** What a solve says of its rows on so many leaves that two cards have some each. */
  private static Result solved(String device, Function<Inverter, Result> solve, long lost) {
    System.setProperty("levinv.cuda.leaf-numbers", "128");
    SimulatedCuda.setDevices(2);
    SimulatedCuda.reset();
    try (Inverter inverter = Inverter.open(device, 0)) {
      if (lost > 0) {
        SimulatedCuda.loseDevice(lost, 1);
      }
      Result result = solve.apply(inverter);
      assertEquals(Status.CONVERGED, result.status(), result.message());
      return result;
    } finally {
      SimulatedCuda.reset();
      SimulatedCuda.setDevices(1);
      System.clearProperty("levinv.cuda.leaf-numbers");
    }
  }

  private static void assertTwoCardsHaveTheBitsOfOne(Function<Inverter, Result> solve) {
    Result one = solved("cuda", solve, 0);
    Result two = solved("cuda:0,1", solve, 0);
    Result lost = solved("cuda:0,1", solve, 40);
    assertArrayEquals(one.x(), two.x());
    assertArrayEquals(one.x(), lost.x());
    assertFalse(two.deviceNote().contains("lost"), two.deviceNote());
    assertTrue(lost.deviceNote().contains("a device was lost"), lost.deviceNote());
    if (one.certificate() != null) {
      assertEquals(one.certificate().toString(), two.certificate().toString());
    }
    assertNothingLeft();
  }

  @Test
  void twoCards_haveTheBitsOfOneForNewtonsMethod() {
    Options certified = options.withMethod(Method.NEWTON).withCertificate(true);
    assertTwoCardsHaveTheBitsOfOne(inverter -> inverter.invert(problem, certified));
  }

  @Test
  void twoCards_haveTheBitsOfOneForTheGradientProblem() {
    GradientProblem gradient = gradientProblem();
    assertTwoCardsHaveTheBitsOfOne(inverter -> inverter.invertGradient(gradient, options));
  }

  @Test
  void twoCards_haveTheBitsOfOneAfterTheGlobalMethod() {
    Options certified = Options.defaults().withCertificate(true);
    assertTwoCardsHaveTheBitsOfOne(inverter -> inverter.invert(problem, certified));
  }

  private static int execute(String... arguments) {
    ByteArrayOutputStream ignored = new ByteArrayOutputStream();
    return Main.execute(arguments, new PrintStream(ignored), new PrintStream(ignored));
  }

  /** Exit code 4, and the files of what was reached. */
  @Test
  void aDeviceLostInACommand_isCode4AndLeavesFiles(@TempDir Path folder) throws IOException {
    String in = folder.resolve("problem").toString();
    assertEquals(
        0,
        execute(
            "generate",
            "--rows=200",
            "--columns=5",
            "--kind=interior",
            "--device=cpu",
            "--out=" + in));
    Files.writeString(
        folder.resolve("start.csv"),
        Arrays.stream(Inputs.vector(Path.of(in, "x.npy")))
            .mapToObj(value -> "" + 1.001 * value)
            .collect(Collectors.joining("\n")));
    Files.writeString(folder.resolve("g.csv"), "1\n1\n1\n1\n1\n");
    String start = "--start=" + folder.resolve("start.csv");
    String[][] commands = {
      {
        "solve",
        "--offset=" + in + "/b.npy",
        "--scores=" + in + "/sigma.npy",
        start,
        "--method=newton"
      },
      {
        "solve-gradient",
        "--offset=" + in + "/b.npy",
        "--gradient=" + folder.resolve("g.csv"),
        start
      },
      {"scale", "--tyler"}
    };
    for (String[] command : commands) {
      String out = folder.resolve(command[0]).toString();
      String[] all = Arrays.copyOf(command, command.length + 4);
      all[command.length] = "--matrix=" + in + "/A.npy";
      all[command.length + 1] = "--device=cuda";
      all[command.length + 2] = "--quiet";
      all[command.length + 3] = "--out=" + out;
      SimulatedCuda.reset();
      execute(all);
      long launches = SimulatedCuda.counters().launches();
      String vector = command[0].equals("scale") ? "weights.npy" : "x.npy";
      Files.delete(Path.of(out, vector));
      Files.delete(Path.of(out, "result.json"));
      SimulatedCuda.reset();
      SimulatedCuda.loseDevice(launches - 2);
      assertEquals(4, execute(all), command[0]);
      SimulatedCuda.reset();
      assertTrue(Files.exists(Path.of(out, vector)), command[0]);
      String json = Files.readString(Path.of(out, "result.json"));
      assertTrue(json.contains("\"status\" : \"device_failed\""), json);
    }
  }
}
