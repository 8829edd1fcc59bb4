package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.levinv.GradientProblem;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.ScaleResult;
import org.levinv.Signs;
import org.levinv.Status;

/** A solve that is ended from outside, by each way and at each step. */
class StoppingTest {

  /** A solve and the x that it is after. */
  record Case(String name, PlantedProblem planted, Options options, boolean gradient) {

    Result run(Inverter inverter, Options changed) {
      double[] sigma =
          inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
      if (gradient) {
        double[] g = gradient(sigma);
        return inverter.invertGradient(
            new GradientProblem(planted.matrix(), planted.offset().toArray(), g), changed);
      }
      return inverter.invert(
          new Problem(planted.matrix(), planted.offset().toArray(), planted.noisy(sigma)), changed);
    }

    private double[] gradient(double[] sigma) {
      int d = planted.matrix().columns();
      double[] g = new double[d];
      double[] row = new double[d];
      double[] b = planted.offset().toArray();
      for (int i = 0; i < sigma.length; i++) {
        planted.matrix().read(i, 1, row);
        double slack = -b[i];
        for (int j = 0; j < d; j++) {
          slack += row[j] * planted.solution()[j];
        }
        for (int j = 0; j < d; j++) {
          g[j] += row[j] * sigma[i] / slack;
        }
      }
      return g;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    Recipe interior = Recipe.of(300, 5);
    Recipe mixed = Recipe.of(400, 6).withKind(Kind.MIXED);
    Options known = Options.defaults().withSigns(Signs.positive());
    PlantedProblem planted = PlantedProblem.of(interior);
    double[] near = Arrays.stream(planted.solution()).map(v -> v + 0.003).toArray();
    return Stream.of(
        new Case("signs known", planted, known, false),
        new Case("auto", planted, Options.defaults(), false),
        new Case(
            "signs unknown",
            PlantedProblem.of(mixed),
            Options.defaults().withSigns(Signs.unknown()),
            false),
        new Case("noise", PlantedProblem.of(interior.withNoise(0.01)), known, false),
        new Case("newton", planted, local(near, Method.NEWTON), false),
        new Case("gradient descent", planted, local(near, Method.GRADIENT), false),
        new Case("gauss-newton", planted, local(near, Method.GAUSS_NEWTON), false),
        new Case("sampled newton", planted, local(near, Method.SAMPLED_NEWTON), false),
        new Case("regularised", planted, known.withRegularization(0.01), false),
        new Case("gradient problem", planted, local(near, Method.NEWTON), true));
  }

  private static Options local(double[] start, Method method) {
    return Options.defaults().withStart(start).withMethod(method).withMaxIterations(60);
  }

  /** Says stop after so many steps, and hears of the stages. */
  private static final class Limit implements Progress {
    private final int steps;
    private final Set<String> stages = new LinkedHashSet<>();
    private int heard;

    Limit(int steps) {
      this.steps = steps;
    }

    @Override
    public void step(Step step) {
      heard++;
      stages.add(step.stage());
    }

    @Override
    public boolean stop() {
      return heard >= steps;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void stoppedAtEachStep_theBestXIsKept(Case of) {
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Result whole = of.run(inverter, of.options);
      assertTrue(whole.status().usable(), whole.message());
      Limit all = new Limit(Integer.MAX_VALUE);
      of.run(inverter, of.options.withProgress(all));
      boolean found = false;
      int stride = Math.max(1, all.heard / 25); // some 25 of the steps, the first among them
      for (int k = 0; k < all.heard; k += stride) {
        Result result = of.run(inverter, of.options.withProgress(new Limit(k)));
        assertEquals(Status.INTERRUPTED, result.status(), "step " + k + ": " + result.message());
        assertTrue(result.message().startsWith("asked to stop"), result.message());
        if (result.x() == null) {
          assertFalse(found, "step " + k);
          assertTrue(result.message().endsWith("; no x was found by then"), result.message());
          continue;
        }
        found = true;
        assertEquals(whole.x().length, result.x().length);
        assertTrue(Arrays.stream(result.x()).allMatch(Double::isFinite), "step " + k);
        assertVerified(of, inverter, result, k);
      }
      assertTrue(found);
      assertArrayEquals(whole.x(), of.run(inverter, of.options).x(), "the same bits afterwards");
    }
  }

  /** A residual is that of the x that comes with it. */
  private static void assertVerified(Case of, Inverter inverter, Result result, int step) {
    if (of.gradient || Double.isNaN(result.relativeResidual())) {
      return;
    }
    PlantedProblem p = of.planted;
    double[] target = p.noisy(inverter.scores(p.matrix(), p.offset().toArray(), p.solution()));
    double[] sigma = inverter.scores(p.matrix(), p.offset().toArray(), result.x());
    double off = 0;
    double size = 0;
    for (int i = 0; i < sigma.length; i++) {
      off = Math.hypot(off, sigma[i] - target[i]);
      size = Math.hypot(size, target[i]);
    }
    assertEquals(off / size, result.relativeResidual(), 1e-12, "step " + step);
  }

  /** The later a solve is stopped, the better what it leaves; at last the answer. */
  @Test
  void stoppedAtTheLastStep_theAnswerIsThere() {
    Case of = cases().findFirst().orElseThrow();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      Limit all = new Limit(Integer.MAX_VALUE);
      of.run(inverter, of.options.withProgress(all));
      assertTrue(all.stages.contains("magnitudes") && all.stages.contains("refinement"));
      Result last = of.run(inverter, of.options.withProgress(new Limit(all.heard)));
      assertArrayEquals(of.planted.solution(), last.x(), 1e-7); // a verified candidate at least
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void interrupted_theFlagStaysAndTheInverterWorks(Case of) {
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Result whole = of.run(inverter, of.options);
      int[] steps = {0};
      Progress interrupting =
          step -> {
            if (++steps[0] == 3) {
              Thread.currentThread().interrupt();
            }
          };
      Result result = of.run(inverter, of.options.withProgress(interrupting));
      assertTrue(Thread.interrupted(), "the flag of the thread");
      assertEquals(Status.INTERRUPTED, result.status(), result.message());
      assertTrue(result.message().startsWith("the thread was interrupted"), result.message());
      assertArrayEquals(whole.x(), of.run(inverter, of.options).x());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void limitsOfTimeAndWork_areStatusesWithValueAndBound(Case of) {
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Result late = of.run(inverter, of.options.withTimeLimit(Duration.ofNanos(1)));
      assertEquals(Status.TIME_LIMIT, late.status(), late.message());
      assertTrue(late.message().contains(" s > 1.00e-09 s"), late.message());
      double work = of.run(inverter, of.options).work();
      for (double share : new double[] {0.2, 0.5}) {
        Result result = of.run(inverter, of.options.withMaxWork(share * work));
        assertEquals(Status.WORK_LIMIT, result.status(), result.message());
        assertTrue(result.work() > share * work);
        assertTrue(result.message().startsWith("the work limit was reached: "), result.message());
        assertTrue(Arrays.stream(result.x()).allMatch(Double::isFinite));
      }
      Result free = of.run(inverter, of.options.withMaxWork(2 * work));
      assertTrue(free.status().usable(), free.message());
    }
  }

  /** After a limit there is time for the residual of the x that is kept. */
  @Test
  void atALimit_theBestXIsVerified() {
    Case of = cases().findFirst().orElseThrow();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double work = of.run(inverter, of.options).work();
      Result result = of.run(inverter, of.options.withMaxWork(0.6 * work));
      assertEquals(Status.WORK_LIMIT, result.status());
      assertFalse(Double.isNaN(result.relativeResidual()), result.message());
      assertVerified(of, inverter, result, 0);
    }
  }

  @Test
  void scaling_keepsItsWeights() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(200, 5));
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] whole = inverter.tyler(planted.matrix(), Options.defaults()).weights();
      for (int k = 0; k < 5; k++) {
        ScaleResult result =
            inverter.tyler(planted.matrix(), Options.defaults().withProgress(new Limit(k)));
        assertEquals(ScaleResult.Status.INTERRUPTED, result.status());
        assertTrue(Arrays.stream(result.weights()).allMatch(w -> w > 0 && Double.isFinite(w)));
      }
      ScaleResult late =
          inverter.tyler(planted.matrix(), Options.defaults().withTimeLimit(Duration.ofNanos(1)));
      assertEquals(ScaleResult.Status.TIME_LIMIT, late.status());
      assertArrayEquals(whole, inverter.tyler(planted.matrix(), Options.defaults()).weights());
    }
  }

  // ---- one user at a time

  @Test
  void aSecondThread_isRefused() {
    Case of = cases().findFirst().orElseThrow();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] whole = of.run(inverter, of.options).x();
      AtomicReference<Throwable> answer = new AtomicReference<>();
      Progress meddling =
          step -> {
            if (answer.get() == null) {
              answer.set(inThread(() -> of.run(inverter, of.options)));
              assertTrue(inThread(inverter::device) == null, "the name is there for all");
              Throwable closing = inThread(() -> close(inverter));
              assertEquals(IllegalStateException.class, closing.getClass());
            }
          };
      Result result = of.run(inverter, of.options.withProgress(meddling));
      assertEquals(IllegalStateException.class, answer.get().getClass());
      assertArrayEquals(whole, result.x());
    }
  }

  private static Object close(Inverter inverter) {
    inverter.close();
    return null;
  }

  private static Throwable inThread(Supplier<Object> work) {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.get();
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return failure.get();
  }

  @Test
  void afterClosing_useIsRefusedAndClosingIsQuiet() {
    Case of = cases().findFirst().orElseThrow();
    Inverter inverter = Inverter.open("cpu", 1);
    inverter.close();
    inverter.close();
    assertThrows(IllegalStateException.class, () -> of.run(inverter, of.options));
  }

  /** Of a descent that a limit ends, the best point is kept, not its start. */
  @Test
  void aLimitInLeastSquares_keepsWhereItCameTo() {
    Case noisy =
        new Case(
            "noisy",
            PlantedProblem.of(Recipe.of(60, 8).withNoise(0.1)),
            Options.defaults().withSigns(Signs.positive()),
            false);
    List<Progress.Step> descent = new ArrayList<>();
    Progress listener =
        step -> {
          if (step.stage().equals("least squares") && isNext(descent, step)) {
            descent.add(step);
          }
        };
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      noisy.run(inverter, noisy.options.withProgress(listener));
      assertTrue(descent.size() > 3, "steps " + descent.size());
      Progress.Step third = descent.get(3);
      assertTrue(third.residual() < 0.99 * descent.get(0).residual(), "all steps " + descent);
      Result ended = noisy.run(inverter, noisy.options.withMaxWork(third.work() - 0.01));
      assertEquals(Status.WORK_LIMIT, ended.status());
      assertEquals(third.residual(), ended.relativeResidual(), 1e-9);
    }
  }

  /** Whether a step belongs to the first descent. */
  private static boolean isNext(List<Progress.Step> descent, Progress.Step step) {
    return descent.size() == step.iteration();
  }
}
