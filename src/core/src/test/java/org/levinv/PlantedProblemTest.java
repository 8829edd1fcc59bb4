package org.levinv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.device.RowSource;
import org.levinv.small.Dot2;

class PlantedProblemTest {

  @Test
  void rowsAreTheSameInAnyOrder() {
    Recipe recipe = Recipe.of(50, 7).withCondition(1e3).withRowScale(4).withSeed(3);
    double[] all = rows(PlantedProblem.of(recipe));
    RowSource again = PlantedProblem.of(recipe).matrix();
    double[] row = new double[7];
    for (int i = 49; i >= 0; i--) {
      again.read(i, 1, row);
      assertArrayEquals(Arrays.copyOfRange(all, 7 * i, 7 * i + 7), row);
    }
  }

  @Test
  void theSeedFixesTheBits() {
    double[] x = PlantedProblem.of(Recipe.of(5, 2)).solution();
    // Made once by this code: a change means that files of earlier versions cannot be made again.
    assertArrayEquals(new double[] {1.7715987855420208, 1.7130826415110292}, x);
    assertNotEquals(x[0], PlantedProblem.of(Recipe.of(5, 2).withSeed(1)).solution()[0]);
  }

  @Test
  void entriesAreStandardNormal() {
    double[] all = rows(PlantedProblem.of(Recipe.of(20_000, 5)));
    double mean = Arrays.stream(all).average().orElseThrow();
    double square = Arrays.stream(all).map(v -> v * v).average().orElseThrow();
    double fourth = Arrays.stream(all).map(v -> v * v * v * v).average().orElseThrow();
    assertEquals(0, mean, 0.02);
    assertEquals(1, square, 0.02);
    assertEquals(3, fourth, 0.15);
  }

  @Test
  void interiorSlacksArePositiveAndLognormal() {
    PlantedProblem problem = PlantedProblem.of(Recipe.of(5_000, 4).withSlackSpread(2));
    double[] logs = new double[5_000];
    for (int i = 0; i < logs.length; i++) {
      double slack = exactSlack(problem, i).doubleValue();
      assertTrue(slack > 0);
      assertEquals(1, entry(problem.signs(), i));
      logs[i] = Math.log(slack);
    }
    assertEquals(0, Arrays.stream(logs).average().orElseThrow(), 0.1);
    assertEquals(4, Arrays.stream(logs).map(v -> v * v).average().orElseThrow(), 0.3);
  }

  @Test
  void mixedSlacksHaveBothSigns() {
    PlantedProblem problem = PlantedProblem.of(Recipe.of(500, 4).withKind(Kind.MIXED));
    int positive = 0;
    for (int i = 0; i < 500; i++) {
      int sign = exactSlack(problem, i).signum();
      assertEquals(sign, entry(problem.signs(), i));
      positive += sign > 0 ? 1 : 0;
    }
    assertTrue(positive > 150 && positive < 350, "positive: " + positive);
  }

  @Test
  void conditionIsThatOfTheMatrix() {
    PlantedProblem problem = PlantedProblem.of(Recipe.of(300, 6).withCondition(1e6));
    double[] all = rows(problem);
    double[][] A = new double[300][];
    double square = 0;
    for (int i = 0; i < 300; i++) {
      A[i] = Arrays.copyOfRange(all, 6 * i, 6 * i + 6);
      square += Math.pow(Dot2.minus(A[i], problem.solution(), 0), 2) / 300;
    }
    double condition =
        new SingularValueDecomposition(MatrixUtils.createRealMatrix(A)).getConditionNumber();
    assertTrue(condition > 3e5 && condition < 3e6, "condition: " + condition);
    assertTrue(square > 0.1 && square < 100, "mean square of Ax: " + square);
  }

  @Test
  void offsetIsRoundedOnceHoweverLargeTheTerms() {
    double[] hairline = {1e-9, -1e-6, 0.5};
    Recipe recipe =
        Recipe.of(40, 12).withKind(Kind.MIXED).withCondition(1e12).withHairline(hairline);
    PlantedProblem problem = PlantedProblem.of(recipe);
    for (int i = 0; i < hairline.length; i++) {
      BigDecimal error = exactSlack(problem, i).subtract(new BigDecimal(hairline[i]));
      double halfUlp = Math.ulp(entry(problem.offset(), i)) / 2;
      assertEquals(0, error.doubleValue(), halfUlp * (1 + 1e-3));
      assertEquals(Math.signum(hairline[i]), entry(problem.signs(), i));
    }
  }

  @Test
  void rowScaleIsThatOfTheSlacksToo() {
    Recipe recipe = Recipe.of(200, 3).withSlackSpread(0);
    double[] plain = rows(PlantedProblem.of(recipe));
    PlantedProblem problem = PlantedProblem.of(recipe.withRowScale(10));
    double[] scaled = rows(problem);
    double smallest = Double.MAX_VALUE;
    double largest = 0;
    for (int i = 0; i < 200; i++) {
      double scale = scaled[3 * i] / plain[3 * i];
      assertEquals(scale, exactSlack(problem, i).doubleValue(), 1e-12 * scale + 1e-13);
      smallest = Math.min(smallest, scale);
      largest = Math.max(largest, scale);
    }
    assertTrue(smallest > Math.exp(-5) && smallest < Math.exp(-4.5), "smallest: " + smallest);
    assertTrue(largest < Math.exp(5) && largest > Math.exp(4.5), "largest: " + largest);
  }

  @Test
  void noiseIsRelative() {
    double[] scores = new double[10_000];
    Arrays.fill(scores, 0.25);
    double[] noisy = PlantedProblem.of(Recipe.of(10, 2).withNoise(0.01)).noisy(scores);
    double square = Arrays.stream(noisy).map(v -> Math.pow(v / 0.25 - 1, 2)).average().orElse(0);
    assertEquals(0.01, Math.sqrt(square), 5e-4);
    assertArrayEquals(scores, PlantedProblem.of(Recipe.of(10, 2)).noisy(scores));
  }

  @Test
  void recipesAreChecked() {
    assertRefused("rows: expected more than the 3 columns, got 3", () -> Recipe.of(3, 3));
    assertRefused("columns: expected 1 or more, got 0", () -> Recipe.of(3, 0));
    Recipe recipe = Recipe.of(10, 3);
    assertRefused("condition: ", () -> recipe.withCondition(0.5));
    assertRefused("condition: ", () -> recipe.withCondition(Double.NaN));
    assertRefused("noise: ", () -> recipe.withNoise(-1));
    assertRefused("row-scale: ", () -> recipe.withRowScale(-1));
    assertRefused("slack-spread: ", () -> recipe.withSlackSpread(Double.POSITIVE_INFINITY));
    assertRefused("hairline: ", () -> recipe.withHairline(-1e-3));
    assertRefused("row 0: ", () -> PlantedProblem.of(recipe.withHairline(1e-30)));
  }

  private static void assertRefused(String expected, Runnable action) {
    String message = assertThrows(InvalidInputException.class, action::run).getMessage();
    assertTrue(message.startsWith(expected), message);
  }

  private static double[] rows(PlantedProblem problem) {
    RowSource A = problem.matrix();
    double[] all = new double[(int) A.rows() * A.columns()];
    A.read(0, (int) A.rows(), all);
    return all;
  }

  private static double entry(VectorSource v, long i) {
    double[] one = new double[1];
    v.read(i, 1, one, 0);
    return one[0];
  }

  private static BigDecimal exactSlack(PlantedProblem problem, int i) {
    double[] a = new double[problem.matrix().columns()];
    problem.matrix().read(i, 1, a);
    double[] x = problem.solution();
    BigDecimal slack = new BigDecimal(entry(problem.offset(), i)).negate();
    for (int j = 0; j < a.length; j++) {
      slack = slack.add(new BigDecimal(a[j]).multiply(new BigDecimal(x[j])));
    }
    return slack;
  }
}
