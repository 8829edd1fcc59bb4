package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Orientation;
import org.levinv.PlantedModel;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.ScaleResult;
import org.levinv.Signs;
import org.levinv.Standing;
import org.levinv.Standing.Stage;
import org.levinv.Status;
import org.levinv.Tyler;
import org.levinv.VectorSource;
import org.levinv.Weights;

/** Solves that go on from where others stood. */
class StandingTest {

  /** Keeps all of them. */
  private static final class Standings implements Progress {
    private final List<Standing> all = new ArrayList<>();

    @Override
    public void step(Step step) {}

    @Override
    public void standing(Supplier<Standing> now) {
      all.add(now.get());
    }
  }

  static Stream<StoppingTest.Case> cases() {
    return Stream.concat(
        StoppingTest.cases(),
        Stream.of(
            new StoppingTest.Case(
                "many rows",
                PlantedProblem.of(Recipe.of(40_000, 10).withKind(Kind.MIXED)),
                Options.defaults(),
                false),
            new StoppingTest.Case(
                "loud noise",
                PlantedProblem.of(Recipe.of(60, 6).withNoise(0.1)),
                Options.defaults(),
                false)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void fromEachPoint_theAnswerIsTheSameAndAtLastForLess(StoppingTest.Case of) {
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Standings heard = new Standings();
      Result whole = of.run(inverter, of.options().withProgress(heard));
      assertTrue(heard.all.size() > 1);
      for (Standing standing : heard.all) {
        Result result = of.run(inverter, of.options().withStanding(standing));
        assertEquals(whole.status(), result.status(), standing + ": " + result.message());
        // a loss that is rounded tells an optimum to the root of that: 1e-8 or so
        assertArrayEquals(whole.x(), result.x(), 1e-7, standing::toString);
      }
      Standing last = heard.all.get(heard.all.size() - 1);
      Result rest = of.run(inverter, of.options().withStanding(last));
      assertTrue(rest.work() < whole.work(), rest.work() + " of " + whole.work());
    }
  }

  /** Hat values of a model: exact, and printed with 6 and 4 decimals. */
  @Test
  void ofOtherWeights_theAnswerIsTheSame() {
    Weights weights = Weights.of("logistic");
    PlantedModel planted = PlantedModel.of(weights, 1000, 5, 3, false, 2);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      double[] h = inverter.scores(planted.model(weights), planted.solution());
      for (double unit : new double[] {0, 1e-6, 1e-4}) {
        double[] printed =
            Arrays.stream(h).map(v -> unit == 0 ? v : Math.rint(v / unit) * unit).toArray();
        Problem problem = new Problem(planted.model(weights), VectorSource.of("scores", printed));
        Options options = Options.defaults().withOrientation(Orientation.ofCoefficient(0, true));
        Standings heard = new Standings();
        Result whole = inverter.invert(problem, options.withProgress(heard));
        assertTrue(heard.all.size() > 1);
        int every = 1 + heard.all.size() / 8;
        for (int k = 0; k < heard.all.size(); k += every) {
          Standing standing = heard.all.get(k);
          Result result = inverter.invert(problem, options.withStanding(standing));
          assertEquals(whole.status(), result.status(), standing + ": " + result.message());
          double size = Arrays.stream(whole.x()).map(Math::abs).max().orElseThrow();
          if (unit == 0) {
            assertArrayEquals(whole.x(), result.x(), 1e-9 * size, standing::toString);
          } else { // x is as near as a loss that is rounded tells, which is much nearer than noise
            assertTrue(result.loss() <= whole.loss() * (1 + 1e-9), standing.toString());
          }
        }
        Standing last = heard.all.get(heard.all.size() - 1);
        Result rest = inverter.invert(problem, options.withStanding(last));
        assertTrue(rest.work() <= whole.work(), rest.work() + " of " + whole.work());
      }
    }
  }

  /** Row weights and Tyler's estimator, plain, about a median, and shrunk. */
  @ParameterizedTest
  @ValueSource(strings = {"plain", "hr", "shrunk", "heavy"})
  void ofRowWeights_theAnswerIsTheSame(String kind) {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(kind.equals("heavy") ? 30 : 3000, 4));
    Tyler how = Tyler.aboutOrigin();
    how = kind.equals("hr") ? how.about(Tyler.Location.HR) : how;
    Tyler asked = kind.equals("shrunk") ? how.withShrinkage(0.3).about(Tyler.Location.MEAN) : how;
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Function<Options, ScaleResult> search =
          options ->
              kind.equals("heavy")
                  ? inverter.scale(
                      planted.matrix(),
                      VectorSource.of("sigma", scores(inverter, planted)),
                      options)
                  : inverter.tyler(planted.matrix(), asked, options, null, null).scale();
      Standings heard = new Standings();
      ScaleResult whole = search.apply(Options.defaults().withProgress(heard));
      assertEquals(ScaleResult.Status.CONVERGED, whole.status(), whole.message());
      assertTrue(heard.all.size() > 2, "points: " + heard.all.size());
      for (Standing standing : heard.all) {
        ScaleResult rest = search.apply(Options.defaults().withStanding(standing));
        assertEquals(ScaleResult.Status.CONVERGED, rest.status(), rest.message());
        for (int i = 0; i < whole.weights().length; i++) {
          assertEquals(1, rest.weights()[i] / whole.weights()[i], 1e-8, standing.toString());
        }
      }
      Standing last = heard.all.get(heard.all.size() - 1);
      ScaleResult rest = search.apply(Options.defaults().withStanding(last));
      assertTrue(rest.work() < whole.work(), rest.work() + " of " + whole.work());
      assertTrue(last.work() < whole.work() && last.work() > 0.3 * whole.work());
      Standing other = new Standing(last.stage(), 0, 0, new double[] {1, 2, 3, 4, 5}, 0, 0);
      String refusal =
          assertThrows(
                  InvalidInputException.class,
                  () -> search.apply(Options.defaults().withStanding(other)))
              .getMessage();
      assertTrue(refusal.startsWith("standing: expected a state of "), refusal);
    }
  }

  private static double[] scores(Inverter inverter, PlantedProblem planted) {
    return inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
  }

  /** Work and time of all runs add up, and so do those of points that a later run tells. */
  @Test
  void whatWasSpentBefore_isCounted() {
    StoppingTest.Case of = cases().findFirst().orElseThrow();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      Standings first = new Standings();
      of.run(inverter, of.options().withProgress(first));
      Standing middle = first.all.get(first.all.size() / 2);
      Standings second = new Standings();
      of.run(inverter, of.options().withStanding(middle).withProgress(second));
      for (Standing later : second.all) {
        assertTrue(later.work() > middle.work() && later.seconds() > middle.seconds());
      }
    }
  }

  /** Wrong signs: every attempt is in vain. */
  @Test
  void attemptsInVain_areNotMadeAgain() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(4000, 5).withKind(Kind.MIXED));
    StoppingTest.Case of =
        new StoppingTest.Case(
            "wrong signs", planted, Options.defaults().withSigns(Signs.positive()), false);
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Standings heard = new Standings();
      Result whole = of.run(inverter, of.options().withProgress(heard));
      assertEquals(Status.STALLED, whole.status(), whole.message());
      List<Standing> begun =
          heard.all.stream().filter(standing -> standing.stage() == Stage.ATTEMPT).toList();
      assertTrue(begun.size() > 4, "attempts: " + begun.size());
      for (Standing standing : begun) {
        Standings rest = new Standings();
        Result result = of.run(inverter, of.options().withStanding(standing).withProgress(rest));
        assertEquals(Status.STALLED, result.status(), result.message());
        Standing first = rest.all.get(0);
        assertEquals(standing.searches(), first.searches());
        assertEquals(standing.attempts(), first.attempts());
        if (standing.searches() > 0) {
          assertTrue(result.work() < whole.work() - 0.5 * standing.work(), standing.toString());
        }
      }
    }
  }

  @Test
  void aPointOfAnotherProblem_isRefused() {
    StoppingTest.Case of = cases().findFirst().orElseThrow();
    Standing other = new Standing(Stage.REFINEMENT, 0, 0, new double[] {1, 2}, 0, 0);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      InvalidInputException refusal =
          assertThrows(
              InvalidInputException.class,
              () -> of.run(inverter, of.options().withStanding(other)));
      assertEquals(
          "standing: expected 5 entries, one for each column of the matrix, got 2",
          refusal.getMessage());
    }
  }
}
