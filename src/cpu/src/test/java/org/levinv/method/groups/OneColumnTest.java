package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class OneColumnTest {
  private static final double DELTA = 1e-12;

  private static GroupProblem problem(
      double[] a, double[] b, double[] target, double[] root, double[] signs, double delta) {
    double[] uncertain = new double[a.length];
    Arrays.fill(uncertain, delta);
    return new GroupProblem(
        new HostMatrix(a, a.length, 1), b, target, uncertain, root, signs, x -> Double.NaN);
  }

  private static double[] ones(int m) {
    double[] one = new double[m];
    Arrays.fill(one, 1);
    return one;
  }

  private static double[] scores(double[] a, double[] b, double[] root, double y) {
    double[] sigma = new double[a.length];
    double total = 0;
    for (int i = 0; i < a.length; i++) {
      double w = root[i] * a[i] / (a[i] * y - b[i]);
      sigma[i] = w * w;
      total += sigma[i];
    }
    for (int i = 0; i < a.length; i++) {
      sigma[i] /= total;
    }
    return sigma;
  }

  private static OneColumn.Answer solve(
      double[] a, double[] b, double y, double[] root, double[] signs) {
    return OneColumn.solve(
        problem(a, b, scores(a, b, root, y), root, signs, DELTA), Effort.unbounded());
  }

  @Test
  void manyRowsHaveOneAnswer() {
    double[] a = {1, -2, 0.5, 3, 1, 1};
    double[] b = {1, 2, -1, 0.3, 5, -4};
    OneColumn.Answer answer = solve(a, b, 0.7, ones(6), null);
    assertEquals(Status.SOLVED, answer.status());
    // scores are right to 1e-16, and y moves by about that
    assertEquals(0.7, answer.y(), 1e-13);
  }

  @Test
  void hairlineSlackKeepsItsDigits() {
    double[] a = {1, 1, 1, 1};
    double[] b = {1, 2, 4, 8};
    double y = 1 + 1e-7;
    OneColumn.Answer answer = solve(a, b, y, ones(4), null);
    // y - 1 is known to 1e-16 / 1e-7
    assertEquals(1, (answer.y() - 1) / (y - 1), 1e-8);
  }

  @Test
  void twoRowsHaveTwoAnswers() {
    double[] a = {1, 1};
    double[] b = {0, 3};
    OneColumn.Answer answer = solve(a, b, 1, ones(2), null);
    assertEquals(Status.TWO_ANSWERS, answer.status());
    // |y| = |y - 3| / 2 at 1 and at -3
    assertEquals(-2, answer.y() + answer.other(), 1e-12);
    assertEquals(-3, answer.y() * answer.other(), 1e-12);
  }

  @Test
  void signsDecideBetweenTwoAnswers() {
    OneColumn.Answer answer =
        solve(new double[] {1, 1}, new double[] {0, 3}, -3, ones(2), new double[] {-1, -1});
    assertEquals(Status.SOLVED, answer.status());
    assertEquals(-3, answer.y(), 1e-12);
  }

  @Test
  void equalScoresOfTwoRowsAreTheMidpoint_notInfinity() {
    OneColumn.Answer answer =
        OneColumn.solve(
            problem(
                new double[] {1, 1},
                new double[] {0, 3},
                new double[] {0.5, 0.5},
                ones(2),
                null,
                DELTA),
            Effort.unbounded());
    assertEquals(Status.SOLVED, answer.status());
    assertEquals(1.5, answer.y(), 1e-12);
  }

  @Test
  void equalScoresOfManyRowsAreAtInfinity() {
    double sixth = 1.0 / 6;
    double[] target = {sixth, sixth, sixth, sixth, sixth, sixth};
    for (double delta : new double[] {DELTA, 5e-4}) {
      OneColumn.Answer answer =
          OneColumn.solve(
              problem(ones(6), new double[] {0, 1, 2, 3, 4, 5}, target, ones(6), null, delta),
              Effort.unbounded());
      assertEquals(Status.AT_INFINITY, answer.status(), "delta " + delta);
    }
  }

  @Test
  void equalOffsetsDetermineNothing() {
    double third = 1.0 / 3;
    OneColumn.Answer answer =
        OneColumn.solve(
            problem(
                new double[] {1, 2, 4},
                new double[] {3, 6, 12},
                new double[] {third, third, third},
                ones(3),
                null,
                DELTA),
            Effort.unbounded());
    assertEquals(Status.UNDETERMINED, answer.status());
  }

  @Test
  void countsWeighRows() {
    double[] a = {1, 1, 1, 1};
    double[] b = {1, 2, 4, 8};
    double[] root = {1, 1.5, 2, 1};
    OneColumn.Answer answer = solve(a, b, 3, root, null);
    assertEquals(Status.SOLVED, answer.status());
    assertEquals(3, answer.y(), 1e-12);
  }

  @Test
  void scoresOfNoYAreNotExplained() {
    OneColumn.Answer answer =
        OneColumn.solve(
            problem(
                ones(4),
                new double[] {1, 2, 4, 8},
                new double[] {0.1, 0.4, 0.1, 0.4},
                ones(4),
                null,
                DELTA),
            Effort.unbounded());
    assertEquals(Status.NOT_FOUND, answer.status());
    assertTrue(answer.misfit() > GroupProblem.EXPLAINED);
  }
}
