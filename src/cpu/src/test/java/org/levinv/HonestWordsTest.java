package org.levinv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;

/** What is said where a search fails, where x is at infinity and where scores are rounded. */
class HonestWordsTest {

  /** With n = d + 1 every choice of signs has an x with the same scores, and one row more not. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 11})
  void aChoiceOfSignsIsSaidToBeOne(int d) {
    Random random = new Random(d);
    for (int n : new int[] {d + 1, 3 * d + 2}) {
      double[][] A = new double[n][d];
      double[] x = random.doubles(d, -1, 1).toArray();
      double[] b = new double[n];
      double[] signs = new double[n];
      for (int i = 0; i < n; i++) {
        Arrays.setAll(A[i], j -> random.nextGaussian());
        signs[i] = random.nextBoolean() ? 1 : -1;
        double[] a = A[i];
        b[i] =
            IntStream.range(0, d).mapToDouble(j -> a[j] * x[j]).sum()
                - signs[i] * (0.3 + random.nextDouble());
      }
      try (Inverter inverter = Inverter.open("cpu", 1)) {
        Problem problem = Problem.of(A, b, inverter.scores(A, b, x));
        Result found = inverter.invert(problem, Options.defaults());
        assertEquals(Status.CONVERGED, found.status(), found.message());
        List<String> said = found.warnings().stream().filter(w -> w.contains("--signs")).toList();
        assertEquals(n == d + 1 ? 1 : 0, said.size(), found.warnings().toString());
        assertTrue(said.isEmpty() || said.get(0).contains("one of 2^" + d + ";"), said.toString());
        Result given = inverter.invert(problem, Options.defaults().withSigns(Signs.given(signs)));
        assertEquals(List.of(), given.warnings());
        assertArrayEquals(x, given.x(), 1e-8);
      }
    }
  }

  /** No answer has entries beyond this where the planted ones are about 1. */
  private static final double FINITE = 1e3;

  private static Result solve(double[][] A, double[] b, double[] sigma, Signs signs) {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      return inverter.invert(Problem.of(A, b, sigma), Options.defaults().withSigns(signs));
    }
  }

  private static double[] scores(double[][] A, double[] b, double[] x) {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      return inverter.scores(ArrayRows.of(A), b, x);
    }
  }

  private static double[][] gaussian(int n, int d, Random random) {
    double[][] A = new double[n][d];
    for (double[] row : A) {
      Arrays.setAll(row, j -> random.nextGaussian());
    }
    return A;
  }

  private static double[] normals(int count, Random random) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> random.nextGaussian());
    return values;
  }

  /** b = A x - slacks. */
  private static double[] offset(double[][] A, double[] x, double[] slack) {
    double[] b = new double[A.length];
    for (int i = 0; i < b.length; i++) {
      for (int j = 0; j < x.length; j++) {
        b[i] += A[i][j] * x[j];
      }
      b[i] -= slack[i];
    }
    return b;
  }

  private static double[] noisy(double[] sigma, double noise, Random random) {
    return Arrays.stream(sigma).map(t -> t * (1 + noise * random.nextGaussian())).toArray();
  }

  private static double largest(double[] x) {
    return Arrays.stream(x).map(Math::abs).max().orElseThrow();
  }

  /** ||A (x - truth)|| / ||A truth||. */
  private static double error(double[][] A, double[] x, double[] truth) {
    double off = 0;
    double size = 0;
    for (double[] row : A) {
      double move = 0;
      double fit = 0;
      for (int j = 0; j < x.length; j++) {
        move += row[j] * (x[j] - truth[j]);
        fit += row[j] * truth[j];
      }
      off = Math.hypot(off, move);
      size = Math.hypot(size, fit);
    }
    return off / size;
  }

  /** Noisy scores in another order: no x is near them, and noise does not explain that. */
  @Test
  void shuffledScoresAreNoSuccess() {
    for (int seed = 0; seed < 3; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(300, 6, random);
      double[] x = normals(6, random);
      double[] b = offset(A, x, normals(300, random));
      double[] sigma = noisy(scores(A, b, x), 0.01, random);
      for (int i = sigma.length - 1; i > 0; i--) {
        int k = random.nextInt(i + 1);
        double kept = sigma[i];
        sigma[i] = sigma[k];
        sigma[k] = kept;
      }
      Result result = solve(A, b, sigma, Signs.auto());
      assertFalse(result.status().usable(), result.toString());
      assertNull(result.xError());
    }
  }

  /** Signs of which no x with such scores has any. */
  @Test
  void wrongSignsAreNoSuccess() {
    for (int seed = 0; seed < 3; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(300, 6, random);
      double[] x = normals(6, random);
      double[] b = offset(A, x, normals(300, random));
      double[] sigma = noisy(scores(A, b, x), 0.01, random);
      Result result = solve(A, b, sigma, Signs.positive());
      assertFalse(result.status().usable(), result.toString());
      Result right = solve(A, b, sigma, Signs.auto());
      assertTrue(right.status().usable(), right.toString());
      assertEquals(ScoreNoise.Source.ESTIMATED, right.scoreNoise().source());
    }
  }

  /** Equal scores of one column are those of x at infinity, and of no finite x here. */
  @Test
  void infinityIsNotConverged() {
    double[][] A = {{1}, {1}, {1}, {1}, {1}, {1}};
    double[] sigma = new double[6];
    Arrays.fill(sigma, 1.0 / 6);
    Result result = solve(A, new double[] {0, 1, 2, 3, 4, 5}, sigma, Signs.auto());
    assertEquals(Status.NOT_IDENTIFIABLE, result.status(), result.toString());
    assertNotNull(result.freeDirection());
  }

  /** The scores that A x - b tends to as x grows along y: there least squares ends far out. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 6, 4})
  void anOptimumAtInfinityIsNoSuccess(int decimals) {
    for (int seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(200, 4, random);
      double[] y = normals(4, random);
      double[] b = normals(200, random);
      double[] zero = new double[200];
      double[] sigma = scores(A, zero, y);
      if (decimals > 0) {
        sigma = rounded(sigma, decimals);
      }
      double[] signs = Arrays.stream(offset(A, y, zero)).map(Math::signum).toArray();
      Result result = solve(A, b, sigma, Signs.given(signs));
      assertFalse(result.status().usable(), result.toString());
    }
  }

  private static double[] rounded(double[] sigma, int decimals) {
    double unit = Math.pow(10, decimals);
    return Arrays.stream(sigma).map(t -> Math.rint(t * unit) / unit).toArray();
  }

  /**
   * Groups of one column with three decimals, a third of them printed as 0: the sum is that of
   * scores, and of two signs of a row the one with which all scores round to those printed is
   * taken.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whatIsPrintedAsZeroWasMore(long seed) {
    Random random = new Random(seed);
    double[][] A = new double[48][4];
    double[] means = new double[4];
    double[] b = normals(48, random);
    for (int i = 0; i < 48; i++) {
      A[i][i / 12] = 1;
      b[i] *= 3;
      means[i / 12] += b[i] / 12;
    }
    double[] exact = scores(A, b, means);
    double[] sigma = rounded(exact, 3);
    Result result = solve(A, b, sigma, Signs.unknown());
    assertTrue(result.status().usable(), result.toString());
    assertEquals(ScoreNoise.Source.DETECTED, result.scoreNoise().source(), result.toString());
    double[] reached = scores(A, b, result.x());
    for (int i = 0; i < 48; i++) {
      assertEquals(sigma[i], reached[i], 0.65e-3, "row " + i);
    }
  }

  /**
   * Scores of A and b as they were before they were rounded, to floats or to digits in a file: the
   * nearest x is the answer, for little work, with its errors and a word.
   */
  @ParameterizedTest
  @CsvSource({"0, single precision, 1e-5", "7, 7 significant digits, 1e-4"})
  void roundedRowsAreSeen(int digits, String words, double bound) {
    for (int seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(60, 3, random);
      double[] x = normals(3, random);
      double[] b = offset(A, x, normals(60, random));
      double[] sigma = scores(A, b, x);
      for (double[] row : A) {
        Arrays.setAll(row, j -> shortened(row[j], digits));
      }
      Arrays.setAll(b, i -> shortened(b[i], digits));
      Result result = solve(A, b, sigma, Signs.unknown());
      assertEquals(Status.CONVERGED, result.status(), result.toString());
      assertTrue(result.warnings().toString().contains(words), result.warnings().toString());
      assertTrue(result.work() < 300, "work " + result.work());
      assertEquals(ScoreNoise.Source.ROUNDING, result.scoreNoise().source());
      assertTrue(result.scoreNoise().value() < bound, result.scoreNoise().toString());
      for (int j = 0; j < 3; j++) {
        assertEquals(x[j], result.x()[j], 5 * result.xError()[j]);
        assertTrue(result.xError()[j] < bound, Arrays.toString(result.xError()));
      }
      assertEquals(Status.CONVERGED, solve(A, b, scores(A, b, x), Signs.unknown()).status());
      double[] wrong = scores(A, b, x);
      wrong[7] *= 1.01;
      assertFalse(
          solve(A, b, wrong, Signs.unknown()).warnings().toString().contains(words),
          "rounding of rows explains no error of a score");
    }
  }

  /**
   * Half precision is too coarse for scores to agree: the nearest x is the answer, for little work,
   * with its errors and a word on why no x has the scores.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rowsInHalfPrecisionAreSeen(boolean unknown) {
    for (int seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(200, 3, random);
      double[] x = normals(3, random);
      double[] slack = normals(200, random);
      Arrays.setAll(slack, i -> (unknown ? Math.signum(slack[i]) : 1) * (0.2 + Math.abs(slack[i])));
      double[] b = offset(A, x, slack);
      double[] sigma = scores(A, b, x);
      for (double[] row : A) {
        Arrays.setAll(row, j -> half(row[j]));
      }
      Signs signs = unknown ? Signs.unknown() : Signs.positive();
      Result result = solve(A, b, sigma, signs);
      assertEquals(Status.INCONSISTENT_TARGET, result.status(), result.toString());
      assertTrue(
          result.warnings().toString().contains("A is in half precision: no x has scores"),
          result.warnings().toString());
      assertTrue(result.work() < 1000, "work " + result.work());
      for (int j = 0; j < 3; j++) {
        assertEquals(x[j], result.x()[j], 8 * result.xError()[j], "seed " + seed);
        assertTrue(result.xError()[j] < 1e-2, Arrays.toString(result.xError()));
      }
      Result exact = solve(A, b, scores(A, b, x), signs);
      assertEquals(Status.CONVERGED, exact.status(), exact.toString());
      assertEquals(List.of(), exact.warnings());
    }
  }

  /** The nearest number with 11 significant bits. */
  private static double half(double value) {
    double unit = Math.scalb(1.0, Math.getExponent(value) - 10);
    return unit * Math.rint(value / unit);
  }

  /**
   * One score of many is ten times what it was: its row is named, with what its score should be.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWrongScoreIsNamed(boolean printed) {
    Random random = new Random(1);
    double[][] A = gaussian(400, 5, random);
    double[] x = normals(5, random);
    double[] b = offset(A, x, normals(400, random));
    double[] exact = scores(A, b, x);
    double[] sigma = printed ? rounded(exact, 6) : exact.clone();
    sigma[137] *= 10;
    Result result = solve(A, b, sigma, Signs.unknown());
    assertEquals(Status.STALLED, result.status(), result.toString());
    // with the score mended all others agree, and no other search comes
    assertTrue(result.work() < 500, "work " + result.work());
    String words =
        String.format(Locale.ROOT, "row 137 alone, expected a score of %.4g", sigma[137]);
    assertTrue(result.message().contains(words), result.message());
    String got = result.message().replaceFirst(".*, got ([^:]*): is that score right\\?$", "$1");
    assertEquals(exact[137], Double.parseDouble(got), 0.001 * exact[137]);
    assertArrayEquals(x, result.x(), printed ? 1e-3 : 1e-9);
  }

  /** With few rows x follows a wrong score so far that noise seems to explain what is left. */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, -0.1})
  void aWrongScoreThatXWouldFollowIsNamed(double error) {
    int named = 0;
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(20, 4, random);
      double[] x = normals(4, random);
      double[] b = offset(A, x, normals(20, random));
      double[] sigma = scores(A, b, x);
      int row = 0;
      while (!(Math.abs(sigma[row] - 0.5) < 0.3)) {
        row++;
      }
      sigma[row] += error;
      Result result = solve(A, b, sigma, Signs.unknown());
      if (result.message().startsWith("every score but one agrees with its target; ")) {
        assertEquals(Status.STALLED, result.status());
        assertTrue(result.message().contains("by row " + row + " alone"), result.message());
        assertArrayEquals(x, result.x(), 1e-8);
        named++;
      }
    }
    assertTrue(named >= 13, "named: " + named);
  }

  /** Scores in another order are those of no x, and what was tried is no better than nothing. */
  @Test
  void anXThatIsNoBetterThanNothingIsNotPraised() {
    Random random = new Random(1);
    double[][] A = gaussian(400, 5, random);
    double[] x = normals(5, random);
    double[] b = offset(A, x, normals(400, random));
    double[] sigma = scores(A, b, x);
    for (int i = 0; i < 200; i++) {
      double kept = sigma[i];
      sigma[i] = sigma[399 - i];
      sigma[399 - i] = kept;
    }
    Result result = solve(A, b, sigma, Signs.unknown());
    assertTrue(result.relativeResidual() >= 1, result.toString());
    assertFalse(result.message().contains("best x so far"), result.message());
    assertTrue(
        result.message().contains("the x that is kept is no nearer to the target than 0 is"),
        result.message());
  }

  private static double shortened(double value, int digits) {
    return digits == 0
        ? (float) value
        : new BigDecimal(value).round(new MathContext(digits)).doubleValue();
  }

  /** A dozen rows are no 20 different values: rounding may explain them and makes none converge. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void fewRoundedScoresAreExplained(long seed) {
    Random random = new Random(seed);
    double[][] A = gaussian(14, 2, random);
    double[] x = normals(2, random);
    double[] b = offset(A, x, normals(14, random));
    double[] sigma = rounded(scores(A, b, x), 4);
    Result result = solve(A, b, sigma, Signs.unknown());
    assertEquals(Status.INCONSISTENT_TARGET, result.status(), result.toString());
    assertNotEquals(ScoreNoise.Source.DETECTED, result.scoreNoise().source());
    for (int j = 0; j < 2; j++) {
      assertEquals(x[j], result.x()[j], 5 * result.xError()[j], "within five standard errors");
    }
  }

  /** Two rows of one column with equal scores: the middle, and infinity. */
  @Test
  void aFiniteAnswerIsFoundBesideInfinity() {
    double[][] A = {{1.25}, {0.5}};
    Result result = solve(A, new double[] {-0.5, -0.75}, new double[] {0.5, 0.5}, Signs.auto());
    assertEquals(Status.CONVERGED, result.status(), result.toString());
    assertTrue(largest(result.x()) <= FINITE, "x = " + result.x()[0]);
  }

  /** A panel of two periods: each subject's two rows have limits at infinity. */
  @Test
  void aPanelOfTwoPeriodsHasAFiniteAnswer() {
    int subjects = 40;
    Random random = new Random(4);
    double[][] A = new double[2 * subjects][subjects + 2];
    for (int i = 0; i < A.length; i++) {
      A[i][i / 2] = 1;
      A[i][subjects] = random.nextGaussian();
      A[i][subjects + 1] = i % 2;
    }
    double[] x = normals(subjects + 2, random);
    double[] slack = normals(A.length, random);
    Arrays.setAll(slack, i -> Math.copySign(0.1 + Math.abs(slack[i]), slack[i]));
    double[] b = offset(A, x, slack);
    double[] sigma = scores(A, b, x);
    double[] signs = Arrays.stream(slack).map(Math::signum).toArray();
    Result known = solve(A, b, sigma, Signs.given(signs));
    assertEquals(Status.CONVERGED, known.status(), known.toString());
    assertTrue(largest(known.x()) <= FINITE, "largest " + largest(known.x()));
    Result unknown = solve(A, b, sigma, Signs.auto()); // with fewer than 2 d rows it may fail
    assertTrue(
        unknown.status() != Status.CONVERGED || largest(unknown.x()) <= FINITE,
        unknown + ", largest " + largest(unknown.x()));
  }

  /** cond(A) = 2e8: scores are met as nearly as rounding of A lets anyone. */
  @Test
  void collinearColumnsConverge() {
    Random random = new Random(5);
    double[][] A = gaussian(40, 4, random);
    for (double[] row : A) {
      row[3] = row[0] + 1e-8 * row[3];
    }
    double[] x = {1, 2, -1, 0.5};
    double[] slack = normals(40, random);
    Arrays.setAll(slack, i -> Math.exp(slack[i]));
    double[] b = offset(A, x, slack);
    Result result = solve(A, b, scores(A, b, x), Signs.positive());
    assertEquals(Status.CONVERGED, result.status(), result.toString());
    assertTrue(result.relativeResidual() < 1e-6, result.toString());
  }

  /** Two rows hold nearly all of their scores: 1 - sigma must keep its digits. */
  @Test
  void scoresNearOneConverge() {
    Random random = new Random(6);
    double[][] A = gaussian(29, 2, random);
    double[] x = {0.03, 0.01};
    double[] slack = normals(29, random);
    slack[0] = 3e-5;
    slack[1] = -2e-5;
    double[] b = offset(A, x, slack);
    double[] signs = Arrays.stream(slack).map(Math::signum).toArray();
    Result result = solve(A, b, scores(A, b, x), Signs.given(signs));
    assertEquals(Status.CONVERGED, result.status(), result.toString());
    assertTrue(error(A, result.x(), x) < 1e-9, "error " + error(A, result.x(), x));
  }

  /** One dummy for each of 40 subjects: groups that nearly decouple. */
  @Test
  void fixedEffectsTakeLittleWork() {
    int n = 400;
    int subjects = 40;
    Random random = new Random(7);
    double[][] A = new double[n][subjects + 3];
    for (int i = 0; i < n; i++) {
      A[i][i % subjects] = 1;
      for (int j = 0; j < 3; j++) {
        A[i][subjects + j] = random.nextGaussian();
      }
    }
    double[] x = normals(subjects + 3, random);
    double[] slack = normals(n, random);
    Arrays.setAll(slack, i -> Math.copySign(0.05 + Math.abs(slack[i]), slack[i]));
    double[] b = offset(A, x, slack);
    Result result = solve(A, b, scores(A, b, x), Signs.auto());
    assertEquals(Status.CONVERGED, result.status(), result.toString());
    assertTrue(error(A, result.x(), x) < 1e-7, "error " + error(A, result.x(), x));
    assertTrue(result.work() < 1000, result.toString());
  }

  /** Of 135 columns 130 are dummies of days. */
  @ParameterizedTest
  @CsvSource({"1, true", "1, false", "2, true", "2, false"})
  void manyDummiesTakeLittleWork(int seed, boolean signsKnown) {
    int n = 2287;
    int days = 130;
    Random random = new Random(seed);
    double[][] A = new double[n][days + 5];
    for (int i = 0; i < n; i++) {
      A[i][i < 2 * days ? i % days : random.nextInt(days)] = 1;
      for (int j = 0; j < 5; j++) {
        A[i][days + j] = random.nextGaussian();
      }
    }
    double[] x = normals(days + 5, random);
    double[] slack = normals(n, random);
    double[] b = offset(A, x, slack);
    double[] signs = Arrays.stream(slack).map(Math::signum).toArray();
    Signs known = signsKnown ? Signs.given(signs) : Signs.unknown();
    Result result = solve(A, b, scores(A, b, x), known);
    assertEquals(Status.CONVERGED, result.status(), result.toString());
    assertTrue(error(A, result.x(), x) < 1e-7, "error " + error(A, result.x(), x));
    assertTrue(result.work() < 300, result.toString());
  }

  /** A score of 1 + 2e-16, as other software leaves it, is no noise. */
  @Test
  void aScoreBeyondOneByRoundingIsExact() {
    Random random = new Random(8);
    double[][] A = gaussian(60, 4, random);
    double[] x = normals(4, random);
    double[] slack = normals(60, random);
    slack[3] = 1e-9;
    double[] b = offset(A, x, slack);
    double[] sigma = scores(A, b, x);
    sigma[3] = 1 + Math.ulp(1.0);
    Result result = solve(A, b, sigma, Signs.auto());
    assertEquals(ScoreNoise.Source.ROUNDING, result.scoreNoise().source());
    assertTrue(result.warnings().stream().noneMatch(w -> w.contains("noise")), "" + result);
  }

  /**
   * Near a vertex d scores are 1, and x follows from the others, which are tiny: in single
   * precision as well as with noise in proportion to each score, of which the sum of squares sees
   * nothing.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tinyScoresDetermineXNearAVertex(boolean noisy) {
    int d = 5;
    Random random = new Random(4);
    double[][] A = gaussian(200, d, random);
    double[] x = normals(d, random);
    double[] slack = normals(200, random);
    for (int i = 0; i < 200; i++) {
      slack[i] = (i < d ? 1e-6 : 1) * Math.exp(slack[i]);
    }
    double[] b = offset(A, x, slack);
    double[] sigma = scores(A, b, x);
    if (noisy) {
      sigma = noisy(sigma, 1e-6, random);
    } else {
      sigma = Arrays.stream(sigma).map(t -> (float) t).toArray();
    }
    Result result = solve(A, b, sigma, noisy ? Signs.positive() : Signs.unknown());
    assertEquals(
        noisy ? Status.INCONSISTENT_TARGET : Status.CONVERGED, result.status(), result.toString());
    if (noisy) {
      assertEquals(ScoreNoise.Source.ESTIMATED, result.scoreNoise().source());
      assertEquals(1e-6, result.scoreNoise().value(), 5e-7);
      for (int j = 0; j < d; j++) {
        double off = Math.abs(result.x()[j] - x[j]);
        assertTrue(off < 4 * result.xError()[j], "x" + j + " is off by " + off);
        assertTrue(off < 1e-3, "x" + j + " is off by " + off);
      }
    } else {
      double nearest = 0;
      double[] found = offset(A, result.x(), new double[200]);
      for (int i = 0; i < d; i++) { // slacks of the vertex, to a part of themselves
        nearest = Math.max(nearest, Math.abs(found[i] - b[i] - slack[i]) / slack[i]);
      }
      assertTrue(nearest < 1e-2, "slacks of the vertex are off by " + nearest);
    }
  }

  /** Two decimals, too few to be sure of: residuals within half a unit bear them out. */
  @Test
  void twoDecimalsAreExplainedByWhatIsLeft() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(120, 5).withKind(Kind.MIXED).withSeed(2));
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] exact =
          inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
      double[] sigma = Arrays.stream(exact).map(t -> Math.rint(t * 100) / 100).toArray();
      Problem problem = new Problem(planted.matrix(), planted.offset().toArray(), sigma);
      Result result = inverter.invert(problem, Options.defaults());
      assertEquals(Status.INCONSISTENT_TARGET, result.status(), result.toString());
      assertEquals(ScoreNoise.Source.ESTIMATED, result.scoreNoise().source());
      assertEquals(5e-3, result.scoreNoise().value());
      double[] truth = planted.solution();
      for (int j = 0; j < truth.length; j++) {
        double off = Math.abs(result.x()[j] - truth[j]);
        assertTrue(off < 4 * result.xError()[j], "x" + j + " is off by " + off);
      }
    }
  }

  /** Three decimals, some of them 0: the least-squares optimum, with standard errors. */
  @Test
  void roundedScoresConverge() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(120, 5).withKind(Kind.MIXED).withSeed(2));
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] exact =
          inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
      double[] sigma = Arrays.stream(exact).map(t -> Math.rint(t * 1000) / 1000).toArray();
      assertTrue(Arrays.stream(sigma).anyMatch(t -> t == 0), "a score of 0 is part of this test");
      Problem problem = new Problem(planted.matrix(), planted.offset().toArray(), sigma);
      Result detected = inverter.invert(problem, Options.defaults());
      assertEquals(Status.CONVERGED, detected.status(), detected.toString());
      assertEquals(ScoreNoise.Source.DETECTED, detected.scoreNoise().source());
      assertEquals(5e-4, detected.scoreNoise().value());
      double[] truth = planted.solution();
      for (int j = 0; j < truth.length; j++) {
        double off = Math.abs(detected.x()[j] - truth[j]);
        assertTrue(off < 4 * detected.xError()[j], "x" + j + " is off by " + off);
      }
      Result given = inverter.invert(problem, Options.defaults().withDigits(3));
      assertEquals(ScoreNoise.Source.GIVEN, given.scoreNoise().source());
      assertEquals(Status.CONVERGED, given.status());
      Result finer = inverter.invert(problem, Options.defaults().withDigits(6));
      assertFalse(finer.status().usable(), "six decimals do not explain it: " + finer);
    }
  }

  /** Rounded scores of rows that decouple: each group alone has signs and a scale of its own. */
  @Test
  void roundedScoresOfGroupsAreExplained() {
    Random random = new Random(11);
    int groups = 8;
    int n = 12 * groups;
    double[][] A = new double[n][2 * groups];
    for (int i = 0; i < n; i++) {
      A[i][i % groups] = 1;
      A[i][groups + i % groups] = random.nextGaussian();
    }
    double[] x = normals(2 * groups, random);
    double[] b = offset(A, x, normals(n, random));
    double[] rounded = Arrays.stream(scores(A, b, x)).map(t -> Math.round(t * 1e4) / 1e4).toArray();
    Result result = solve(A, b, rounded, Signs.unknown());
    assertTrue(result.status().usable(), result.message());
    double[] there = scores(A, b, result.x());
    double misfit = 0;
    for (int i = 0; i < n; i++) {
      misfit += Math.pow((there[i] - rounded[i]) / 0.5e-4, 2);
    }
    assertTrue(Math.sqrt(misfit / n) < 1.5, result.message()); // half units of the last digit
  }

  /**
   * Single precision says more of small scores than of large ones, which alone count in the loss:
   * an x is found where all of them agree.
   */
  @Test
  void smallScoresInSinglePrecisionAgree() {
    Random random = new Random(5);
    double[][] A = gaussian(400, 6, random);
    double[] x = normals(6, random);
    double[] slack = normals(400, random);
    for (int i = 0; i < 400; i++) {
      double size = 1 / Math.abs(random.nextGaussian()); // heavy tails: small and large scores
      slack[i] *= size * size;
    }
    double[] b = offset(A, x, slack);
    double[] singles = Arrays.stream(scores(A, b, x)).map(t -> (float) t).toArray();
    double[] signs = Arrays.stream(slack).map(Math::signum).toArray();
    Result result = solve(A, b, singles, Signs.given(signs));
    assertEquals(Status.CONVERGED, result.status(), result.message());
    double[] there = scores(A, b, result.x());
    for (int i = 0; i < 400; i++) {
      double off = Math.abs(there[i] - singles[i]) / singles[i];
      assertTrue(off <= 3 * 0x1p-24, "score " + i + " is off by " + off); // three half units
    }
  }

  /**
   * Most scores are printed as 0.0, so that the sum of squares hardly sees a few that are wrong.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void manyZerosDoNotHideWrongScores(long seed) {
    PlantedProblem planted =
        PlantedProblem.of(Recipe.of(2000, 5).withKind(Kind.MIXED).withSeed(seed));
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] b = planted.offset().toArray();
      double[] exact = inverter.scores(planted.matrix(), b, planted.solution());
      double[] sigma = Arrays.stream(exact).map(t -> Math.rint(t * 10) / 10).toArray();
      Result result =
          inverter.invert(
              new Problem(planted.matrix(), b, sigma), Options.defaults().withDigits(1));
      double[] there = inverter.scores(planted.matrix(), b, result.x());
      double worst = 0;
      for (int i = 0; i < there.length; i++) {
        worst = Math.max(worst, Math.abs(there[i] - sigma[i]) / 0.05);
      }
      assertTrue(
          !result.status().usable() || worst <= 1.05,
          result.status() + " with a score off by " + worst + " half units");
    }
  }

  /**
   * The target of one row is above 1, and nearly every start has it on the wrong side of 0, where
   * the loss has another optimum: signs that are given decide.
   */
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void aScoreAboveOneExcusesNoSign(long draws) {
    PlantedProblem planted =
        PlantedProblem.of(Recipe.of(160, 8).withKind(Kind.MIXED).withNoise(0.01).withSeed(1));
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] b = planted.offset().toArray();
      double[] exact = inverter.scores(planted.matrix(), b, planted.solution());
      double[] target = planted.noisy(exact);
      Result result =
          inverter.invert(
              new Problem(planted.matrix(), b, target),
              Options.defaults().withSigns(Signs.given(planted.signs())).withSeed(draws));
      assertEquals(Status.INCONSISTENT_TARGET, result.status(), result.message());
      // a local solver from the truth, and SciPy's, end at 4.73524e-5; the other side at 5.85e-5
      assertEquals(4.73524e-5, result.loss(), 1e-10);
    }
  }

  /** Noise is looked at once more here, by what the search so far has cost and not by the limit. */
  @Test
  void aLimitThatIsFarChangesNothing() {
    PlantedProblem planted =
        PlantedProblem.of(Recipe.of(300, 3).withKind(Kind.MIXED).withNoise(1e-3).withSeed(1));
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] b = planted.offset().toArray();
      double[] exact = inverter.scores(planted.matrix(), b, planted.solution());
      Problem problem = new Problem(planted.matrix(), b, planted.noisy(exact));
      Options options = Options.defaults().withSigns(Signs.given(planted.signs()));
      Result usual = inverter.invert(problem, options);
      Result unlimited = inverter.invert(problem, options.withMaxWork(Double.POSITIVE_INFINITY));
      assertEquals(Status.INCONSISTENT_TARGET, usual.status(), usual.message());
      assertEquals(usual.work(), unlimited.work());
      assertArrayEquals(usual.x(), unlimited.x());
    }
  }

  /** Scores that are all below half a unit would agree with nearly any x. */
  @Test
  void scoresBelowTheirErrorsSayNothing() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(50, 3).withSeed(1));
    double[] sigma = new double[50];
    Arrays.fill(sigma, 0.06);
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      Problem problem = new Problem(planted.matrix(), planted.offset().toArray(), sigma);
      for (Options options :
          new Options[] {
            Options.defaults().withDigits(0), Options.defaults().withScoreError(0.06)
          }) {
        InvalidInputException refused =
            assertThrows(InvalidInputException.class, () -> inverter.invert(problem, options));
        assertTrue(refused.getMessage().contains("got none above 0.06"), refused.getMessage());
      }
    }
  }

  /**
   * With one decimal, other signs have the same printed scores: what x_error leaves out is said.
   */
  @Test
  void otherSignsAreSaidWhereScoresDoNotTell() {
    PlantedProblem planted = PlantedProblem.of(Recipe.of(2000, 5).withKind(Kind.MIXED).withSeed(1));
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      double[] b = planted.offset().toArray();
      double[] exact = inverter.scores(planted.matrix(), b, planted.solution());
      double[] sigma = Arrays.stream(exact).map(t -> Math.rint(t * 10) / 10).toArray();
      Problem problem = new Problem(planted.matrix(), b, sigma);
      Options options = Options.defaults().withDigits(1);
      Result unknown = inverter.invert(problem, options);
      assertTrue(
          unknown.xError() == null
              || unknown.warnings().stream().anyMatch(w -> w.startsWith("x_error holds for")),
          unknown.warnings().toString());
      Result known = inverter.invert(problem, options.withSigns(Signs.given(planted.signs())));
      assertEquals(Status.CONVERGED, known.status(), known.message());
      assertTrue(
          known.warnings().stream().noneMatch(w -> w.startsWith("x_error holds for")),
          known.warnings().toString());
      for (int j = 0; j < 5; j++) {
        double off = Math.abs(known.x()[j] - planted.solution()[j]);
        assertTrue(off <= 3 * known.xError()[j], "x_" + j + " is off by " + off);
      }
    }
  }

  /**
   * Near a vertex nearly all scores are printed as 0 or 1, too few numbers to tell digits by, and
   * all rounded the same way: an x whose scores all round to them is an answer all the same.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aVertexInPrintedScores(boolean known) {
    int found = 0;
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(120, 4, random);
      double[] x = normals(4, random);
      double[] slack = normals(120, random);
      for (int i = 0; i < 4; i++) {
        slack[i] *= 1e-5;
      }
      double[] b = offset(A, x, slack);
      double[] sigma = Arrays.stream(scores(A, b, x)).map(t -> Math.rint(t * 1e8) / 1e8).toArray();
      double[] signs = Arrays.stream(slack).map(Math::signum).toArray();
      Result result = solve(A, b, sigma, known ? Signs.given(signs) : Signs.unknown());
      if (result.status().usable()) {
        found++;
        for (int j = 0; j < 4; j++) {
          assertEquals(x[j], result.x()[j], 1e-3, "seed " + seed + ", x" + j + ": " + result);
        }
      }
    }
    assertTrue(found >= 9, "found " + found);
  }

  /**
   * Beside a vertex doubles tell little of the scores near 1, which fill the loss with rounding: x
   * is found to the digits of the tiny ones.
   */
  @Test
  void tinyScoresBesideRoundingAreMet() {
    Random random = new Random(11);
    for (int problem = 0; problem < 40; problem++) {
      int d = 2 + problem % 2;
      double[][] A = gaussian(20, d, random);
      double[] x = normals(d, random);
      double[] slack = normals(20, random);
      for (int i = 0; i < 20; i++) {
        double size = i < d ? Math.pow(10, -8 + 3 * random.nextDouble()) : 0.1 + Math.abs(slack[i]);
        slack[i] = Math.copySign(size, slack[i]);
      }
      double[] b = offset(A, x, slack);
      double[] sigma = scores(A, b, x);
      double[] signs = Arrays.stream(slack).map(Math::signum).toArray();
      Result result = solve(A, b, sigma, Signs.given(signs));
      assertEquals(Status.CONVERGED, result.status(), problem + ": " + result);
      double[] found = scores(A, b, result.x());
      for (int i = d; i < 20; i++) {
        assertEquals(sigma[i], found[i], 1e-4 * sigma[i], problem + ": row " + i);
      }
    }
  }

  /** Every 30th slack is a hairline: its row has the score 1 but for 1e-4 to 1e-16. */
  private static double[] hairlines(int n, Random random) {
    double[] slack = new double[n];
    for (int i = 0; i < n; i++) {
      double size =
          i % 30 == 0 ? Math.pow(10, -2 - 6 * random.nextDouble()) : 0.1 + 2 * random.nextDouble();
      slack[i] = random.nextBoolean() ? size : -size;
    }
    return slack;
  }

  /**
   * Rounding of a row whose score is all but 1 blurs no other score: an x that is off by 1e-5 does
   * not agree, and one that does is not said to be free.
   */
  @Test
  void hairlinesDoNotBlurTheOthers() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(60, 4, random);
      double[] x = normals(4, random);
      double[] b = offset(A, x, hairlines(60, random));
      Result result = solve(A, b, scores(A, b, x), Signs.unknown());
      assertEquals(Status.CONVERGED, result.status(), seed + ": " + result);
      for (int j = 0; j < 4; j++) {
        assertEquals(x[j], result.x()[j], 1e-8, "seed " + seed + ", x" + j);
      }
    }
  }

  /** Errors larger than a slack may put it on the other side: not where its sign is known. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-9, 1e-7, 1e-5})
  void hairlinesKeepTheSignsThatAreKnown(double noise) {
    int found = 0;
    int worse = 0;
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      double[][] A = gaussian(60, 4, random);
      double[] x = normals(4, random);
      double[] slack = hairlines(60, random);
      double[] b = offset(A, x, slack);
      double[] exact = scores(A, b, x);
      double[] sigma = Arrays.stream(exact).map(t -> t + noise * random.nextGaussian()).toArray();
      sigma = Arrays.stream(sigma).map(t -> Math.max(t, 0)).toArray();
      double[] signs = Arrays.stream(slack).map(Math::signum).toArray();
      Result result = solve(A, b, sigma, Signs.given(signs));
      if (!result.status().usable()) {
        continue;
      }
      found++;
      double atTruth = 0;
      double[] at = offset(A, result.x(), new double[60]);
      for (int i = 0; i < 60; i++) {
        atTruth += 0.5 * Math.pow(exact[i] - sigma[i], 2);
        assertTrue((at[i] - b[i]) * signs[i] > 0, "seed " + seed + ", row " + i + ": " + result);
      }
      worse += result.loss() <= 1.001 * atTruth ? 0 : 1;
    }
    assertTrue(found >= 15, "found " + found);
    assertTrue(worse <= 1, "worse " + worse); // one of all 60 ends at another optimum in its cell
  }
}
