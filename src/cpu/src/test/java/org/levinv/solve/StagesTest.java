package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.levinv.ArrayRows;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Standing;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.method.GlobalMethod;
import org.levinv.method.SingularValues;
import org.levinv.pass.SignRule;
import org.levinv.rows.Field;
import org.levinv.rows.Places;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Stores;

/** Single stages of a solve without a start point, and what they leave of the best x. */
class StagesTest {
  private static final Options OPTIONS = Options.defaults();
  private static final Standing NOWHERE = new Standing(Standing.Stage.ATTEMPT, 0, 0, null, 0, 0);

  private final PlantedProblem planted =
      PlantedProblem.of(Recipe.of(300, 4).withKind(PlantedProblem.Kind.MIXED).withNoise(0.01));

  /** What is run on some rows. */
  private interface Run {
    void of(Incumbent best, Stages stages, GroupStage groups);
  }

  private static double[] scores(RowSource A, double[] b, double[] x) {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      return inverter.scores(A, b, x);
    }
  }

  private Problem problem(boolean isNoisy) {
    double[] sigma = scores(planted.matrix(), planted.offset().toArray(), planted.solution());
    double[] target = isNoisy ? planted.noisy(sigma) : sigma;
    return new Problem(planted.matrix(), planted.offset(), VectorSource.of("scores", target));
  }

  /** What is best after some stages. */
  private static Incumbent after(Problem problem, Run run) {
    ProblemRows rows =
        ProblemRows.of(problem.A())
            .with(Field.OFFSET, problem.b())
            .with(Field.TARGET, problem.sigma());
    Incumbent best = new Incumbent(problem, OPTIONS);
    Frame frame = new Frame(OPTIONS, Options.GLOBAL_WORK);
    try (Device device = new CpuDevice(1);
        Stores.Pair stores = Places.on(List.of(device), 0).openPair(rows);
        Workspace space = new Workspace(device)) {
      frame.run(
          stores,
          problem.A(),
          space,
          here -> {
            FirstReading first = FirstReading.of(frame.held(), problem, OPTIONS);
            best.judgeBy(first.noise(), new Verification(rows, frame.original()));
            Stages stages =
                new Stages(frame, problem, OPTIONS, first.profile(), NOWHERE, best, here);
            GroupSearch search = new GroupSearch(problem, OPTIONS, device, frame.watch());
            frame.countWork(search::work);
            run.of(best, stages, new GroupStage(frame, problem, OPTIONS, search, best, stages));
            return best.evidence();
          },
          (reason, e) -> {
            throw e;
          });
    }
    return best;
  }

  @Test
  void aSearch_findsTheX() {
    Incumbent best =
        after(
            problem(false),
            (there, stages, groups) -> {
              stages.search(0, 0);
              assertTrue(there.agrees());
              assertFalse(stages.isLoose());
              assertFalse(stages.uniqueness().free());
            });
    assertTrue(best.iterations() > 0);
    assertNull(best.optimum());
    assertArrayEquals(planted.solution(), best.x(), 1e-9);
  }

  @Test
  void leastSquares_lowersTheLossOfNoisyScores() {
    after(
        problem(true),
        (best, stages, groups) -> {
          stages.search(0, 0);
          double before = best.verified().loss();
          stages.leastSquaresFromSearch();
          assertTrue(best.verified().loss() < before);
          assertEquals(Optimum.End.MINIMUM, best.optimum().end());
          assertTrue(best.isExplained());
          assertEquals(4, stages.standardErrors(best.evidence()).length);
          stages.leastSquares();
          int steps = best.iterations();
          stages.leastSquares();
          assertEquals(steps, best.iterations(), "steps from where it ended");
        });
  }

  /** Every other row has the first two columns alone, the others the last two. */
  @Test
  void groups_areSearchedOnTheirOwn() {
    double[][] A = new double[60][4];
    double[] b = new double[60];
    double[] x = {0.3, -0.2, 0.5, 0.1};
    for (int i = 0; i < A.length; i++) {
      int first = 2 * (i % 2);
      A[i][first] = Math.sin(3 * i + 1);
      A[i][first + 1] = Math.cos(5 * i + 2);
      b[i] = A[i][first] * x[first] + A[i][first + 1] * x[first + 1] - Math.sin(7 * i + 1);
    }
    double[] sigma = scores(ArrayRows.of(A), b, x);
    Incumbent best =
        after(
            Problem.of(A, b, sigma),
            (there, stages, groups) -> {
              there.offer(there.verify(new double[] {9, 9, 9, 9}), noIdea());
              groups.search(1);
            });
    assertTrue(best.agrees());
    assertEquals(2, best.groups().count());
    assertTrue(best.stages().endsWith(", groups"), best.stages());
    assertArrayEquals(x, best.x(), 1e-9);
  }

  private static GlobalMethod.Outcome noIdea() {
    return new GlobalMethod.Outcome(
        null, null, 0, 0, false, SignRule.NONE, false, null, SingularValues.UNKNOWN, null, 0);
  }
}
