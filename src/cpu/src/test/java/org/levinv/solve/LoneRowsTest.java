package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.levinv.Problem;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Units;

/** Rows with the score 1, since their slacks are nothing or since no other has their direction. */
class LoneRowsTest {
  private static final int N = 60;
  private static final int D = 4;

  private final double[][] A = new double[N][D];
  private final double[] x = {0.3, -1.2, 0.7, 2};
  private final double[] slack = new double[N];

  LoneRowsTest() {
    SplittableRandom random = new SplittableRandom(3);
    for (double[] row : A) {
      Arrays.setAll(row, j -> random.nextDouble(-1, 1));
    }
    Arrays.setAll(slack, i -> random.nextDouble(0.2, 2));
    slack[5] = 2e-8;
    slack[41] = -3e-9;
  }

  private interface Look {
    void at(Verification verification, VerifiedScores found);
  }

  private void look(Units units, Look look) {
    double[] b = new double[N];
    Arrays.setAll(b, i -> dot(A[i], x) - slack[i]);
    ProblemRows rows =
        ProblemRows.of(Problem.of(A, b, new double[N]).A())
            .with(Field.OFFSET, VectorSource.of("b", b));
    try (Device device = new CpuDevice(1);
        LeafStore store = LeafStore.resident(rows, device)) {
      store.setUnits(units);
      Verification verification = new Verification(rows, store);
      look.at(verification, verification.at(x));
    }
  }

  private static double dot(double[] a, double[] v) {
    return IntStream.range(0, D).mapToDouble(j -> a[j] * v[j]).sum();
  }

  private double slackAt(double[] at, int row) {
    return slack[row] + IntStream.range(0, D).mapToDouble(j -> A[row][j] * (at[j] - x[j])).sum();
  }

  @Test
  void signsThatRoundingHidesAreThoseOfAnotherPoint() {
    slack[41] = 1e-18;
    double[] other = x.clone();
    other[0] += 0.01;
    look(
        Units.NONE,
        (verification, found) -> {
          double[] there = verification.onTheSideOf(other, x, found);
          assertTrue(slackAt(other, 41) * slackAt(there, 41) > 0);
          assertEquals(0, slackAt(there, 41), 1e-13); // some tens of roundings
          assertEquals(slack[5], slackAt(there, 5), 1e-14);
          slack[41] = 1e-12;
        });
    look(
        Units.NONE,
        (verification, found) -> assertSame(x, verification.onTheSideOf(other, x, found)));
  }

  @Test
  void hairlinesAreNotFreeAndAreMirroredWhileOthersHardlyMove() {
    for (Units units :
        new Units[] {Units.NONE, new Units(new double[] {4, 0.5, 1, 1024}, 0x1p-3)}) {
      look(
          units,
          (verification, found) -> {
            assertArrayEquals(new long[] {5, 41}, found.loneRows().numbers());
            LoneRows lone = verification.loneRows(new long[] {5, 41}, x, found.slackError());
            assertNull(lone.free());
            double[] there = lone.mirrored(x);
            // x, of size 1, is a double: slacks of 1e-8 have 8 digits
            assertEquals(-2e-8, slackAt(there, 5), 1e-15);
            assertEquals(3e-9, slackAt(there, 41), 1e-15);
            for (int i = 0; i < N; i++) {
              assertEquals(slack[i], slackAt(there, i), 5e-7);
            }
          });
    }
  }

  /** Where a slack is as large as its reach, its score is 1/2; at 1e-3 of that 1 - 1e-6. */
  @Test
  void apartFromTheirHyperplanesTheirScoresAreSeen() {
    look(
        Units.NONE,
        (verification, found) -> {
          LoneRows lone = verification.loneRows(new long[] {5, 41}, x, found.slackError());
          double[] there = lone.apart(x, 1e-3);
          assertTrue(slackAt(there, 5) > 1e-5 && slackAt(there, 41) < -1e-5);
          VerifiedScores seen = verification.at(there);
          assertEquals(0, seen.lone());
          // to a factor of 2: a reach is what it is beside the other row with a slack like others'
          assertEquals(Math.log(1e-6), Math.log(1 - seen.largest()), Math.log(2));
        });
  }

  /** Across its hyperplane the row has the score that is asked for, and others hardly move. */
  @Test
  void acrossItsHyperplaneARowHasItsTarget() {
    slack[41] = 1; // one hairline
    look(
        Units.NONE,
        (verification, found) -> {
          LoneRows lone = verification.loneRows(new long[] {5}, x, found.slackError());
          double[] there = lone.across(x, 0, 1 - 1e-4);
          assertTrue(slackAt(there, 5) < 0, "the other side");
          VerifiedScores across = verification.at(there);
          assertEquals(5, across.largestRow());
          assertEquals(1e-4, 1 - across.largest(), 1e-5); // others move by a hundredth
        });
  }

  /** Rows of any length, which come in units of their own. */
  @Test
  void rowsOfAnyLength() {
    for (int i = 0; i < N; i++) {
      double unit = Math.scalb(1.0, i == 5 ? -300 : i % 3 == 0 ? 250 : 0);
      Arrays.setAll(A[i], scaledBy(A[i], unit));
      slack[i] *= unit;
    }
    look(
        Units.NONE,
        (verification, found) -> {
          LoneRows lone = verification.loneRows(new long[] {5, 41}, x, found.slackError());
          assertNull(lone.free());
          double[] there = lone.mirrored(x);
          assertEquals(-1, slackAt(there, 5) / slack[5], 1e-7);
          assertEquals(-1, slackAt(there, 41) / slack[41], 1e-7);
        });
  }

  private static IntToDoubleFunction scaledBy(double[] row, double unit) {
    double[] before = row.clone();
    return j -> before[j] * unit;
  }

  @Test
  void aRowWithADirectionOfItsOwnIsFree() {
    for (int i = 0; i < N; i++) {
      A[i][D - 1] = i == 20 ? 2 : 0;
    }
    look(
        Units.NONE,
        (verification, found) -> {
          assertArrayEquals(new long[] {5, 20, 41}, found.loneRows().numbers());
          double[] free =
              verification.loneRows(new long[] {5, 20, 41}, x, found.slackError()).free();
          assertNotNull(free);
          for (int j = 0; j < D - 1; j++) {
            assertEquals(0, free[j] / free[D - 1], 1e-13);
          }
        });
  }
}
