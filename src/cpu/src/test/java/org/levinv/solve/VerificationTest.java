package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.ScoreNoise;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.method.GlobalMethod;
import org.levinv.method.RankDeficientException;
import org.levinv.model.RowwiseError;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.VerifiedScores;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.Units;

/** Scores and what is asked of them, against plain formulas on explicit matrices. */
class VerificationTest {
  private static final int N = 300;
  private static final int D = 4;
  private static final double EPS = Math.ulp(1.0);

  private final double[][] A = new double[N][D];
  private final double[] b = new double[N];
  private final double[] x = new double[D];
  private final double[] target = new double[N];
  private final double[] sign = new double[N];
  private final double[] omega = new double[N];

  VerificationTest() {
    SplittableRandom random = new SplittableRandom(9);
    for (double[] row : A) {
      Arrays.setAll(row, j -> random.nextDouble(-1, 1));
    }
    Arrays.setAll(x, j -> random.nextDouble(-1, 1));
    Arrays.setAll(b, i -> random.nextDouble(-3, 3));
    Arrays.setAll(target, i -> random.nextDouble() * 2 * D / N);
    Arrays.setAll(omega, i -> random.nextDouble());
    Arrays.setAll(sign, i -> Math.signum(slack(i)));
  }

  private double slack(int i) {
    return IntStream.range(0, D).mapToDouble(j -> A[i][j] * x[j]).sum() - b[i];
  }

  private ProblemRows rows() {
    return ProblemRows.of(source(A))
        .with(Field.OFFSET, VectorSource.of("b", b))
        .with(Field.TARGET, VectorSource.of("target", target))
        .with(Field.SIGN, VectorSource.of("sign", sign))
        .with(Field.OMEGA, VectorSource.of("omega", omega));
  }

  private static RowSource source(double[][] A) {
    return new RowSource() {
      @Override
      public String name() {
        return "A";
      }

      @Override
      public long rows() {
        return A.length;
      }

      @Override
      public int columns() {
        return A[0].length;
      }

      @Override
      public void read(long first, int count, double[] into) {
        for (int i = 0; i < count; i++) {
          System.arraycopy(A[(int) first + i], 0, into, i * A[0].length, A[0].length);
        }
      }
    };
  }

  /** diag(B (B^T B)^-1 B^T) for B = diag(s)^-1 A, by Gram-Schmidt done twice. */
  private double[] plainScores() {
    double[][] Q = new double[D][N];
    double[] scores = new double[N];
    for (int j = 0; j < D; j++) {
      int column = j;
      Arrays.setAll(Q[j], i -> A[i][column] / slack(i));
      for (int again = 0; again < 2; again++) {
        for (int k = 0; k < j; k++) {
          double along = 0;
          for (int i = 0; i < N; i++) {
            along += Q[j][i] * Q[k][i];
          }
          for (int i = 0; i < N; i++) {
            Q[j][i] -= along * Q[k][i];
          }
        }
      }
      double length = Math.sqrt(Arrays.stream(Q[j]).map(v -> v * v).sum());
      for (int i = 0; i < N; i++) {
        Q[j][i] /= length;
        scores[i] += Q[j][i] * Q[j][i];
      }
    }
    return scores;
  }

  private record Found(VerifiedScores scores, double[] sigma) {}

  private Found verify(Device device, int leafRows, long memory) {
    ProblemRows rows = rows();
    double[] sigma = new double[N];
    try (LeafStore store = new LeafStore(rows, device, new Partition(N, leafRows), memory)) {
      VerifiedScores found =
          new Verification(rows, store)
              .at(
                  x,
                  true,
                  (first, count, values) -> System.arraycopy(values, 0, sigma, (int) first, count));
      return new Found(found, sigma);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, N})
  void everythingIsWhatPlainFormulasSay(int leafRows) {
    double[] expected = plainScores();
    for (Device device : new Device[] {new CpuDevice(2), new ReferenceDevice()}) {
      try (device) {
        Found found = verify(device, leafRows, 0);
        assertArrayEquals(
            expected, found.sigma, 1e-13); // some cond(B) = 100 roundings of numbers < 1
        assertSums(expected, found.scores);
      }
    }
  }

  private void assertSums(double[] sigma, VerifiedScores found) {
    double residual = 0;
    double square = 0;
    double logit = 0;
    double degrees = 0;
    double logitRounding = 0;
    double scoreRounding = 0;
    double logErrors = 0;
    double regularizer = 0;
    double[] g = new double[D];
    double[] terms = new double[D];
    for (int i = 0; i < N; i++) {
      double s = slack(i);
      double e = Math.abs(b[i]);
      double Ax = 0;
      for (int j = 0; j < D; j++) {
        e += Math.abs(A[i][j] * x[j]);
        Ax += A[i][j] * x[j];
      }
      e /= Math.abs(s);
      double D2 = sigma[i] * (1 - sigma[i]);
      double f = 0.5 * (logit(target[i]) - logit(sigma[i]));
      double both = e + Math.sqrt(D) / (1 - sigma[i]); // a sum of D squares
      residual += Math.pow(sigma[i] - target[i], 2);
      square += target[i] * target[i];
      logit += D2 * Math.pow(Math.max(-2, Math.min(2, f)), 2);
      degrees += D2;
      logitRounding += D2 * both * both;
      scoreRounding += Math.pow(2 * D2 * both, 2);
      logErrors += Math.log(e);
      regularizer += 0.5 * Math.pow(omega[i] * Ax, 2);
      for (int j = 0; j < D; j++) {
        g[j] += A[i][j] * sigma[i] / s;
        terms[j] += Math.abs(A[i][j] * sigma[i] / s) * (3 * e + 1);
      }
    }
    double mismatch = Math.max(Math.sqrt(residual / square), 2 * Math.sqrt(logit / degrees));
    double floor =
        EPS * Math.max(2 * Math.sqrt(logitRounding / degrees), Math.sqrt(scoreRounding / square));
    assertClose(0.5 * residual + regularizer, found.loss());
    assertClose(Math.sqrt(residual / square), found.error().relativeResidual());
    assertClose(mismatch, found.error().mismatch());
    assertClose(floor, found.error().floor());
    assertClose(Math.exp(logErrors / N), found.slackError());
    assertClose(D, found.sum());
    int top = IntStream.range(0, N).reduce((i, k) -> sigma[k] > sigma[i] ? k : i).orElseThrow();
    assertEquals(top, found.largestRow());
    assertClose(sigma[top], found.largest());
    assertEquals(0, found.lone());
    assertEquals(0, found.wrongSide());
    assertEquals(-1, found.wrongRow());
    assertEquals(Arrays.stream(sign).filter(v -> v > 0).count(), found.positive());
    assertEquals(Arrays.stream(sign).filter(v -> v < 0).count(), found.negative());
    double size = Arrays.stream(g).map(Math::abs).max().orElseThrow();
    assertArrayEquals(g, found.gradient(), 1e-11 * size);
    for (int j = 0; j < D; j++) {
      assertClose(terms[j], found.gradientTerms()[j]);
    }
  }

  /** To what rounding of 300 terms, some of them with cond 100, leaves. */
  private static void assertClose(double expected, double found) {
    assertEquals(expected, found, 1e-10 * Math.abs(expected));
  }

  private static double logit(double s) {
    return Math.log(s / (1 - s));
  }

  @Test
  void sameBitsWhereverRowsAre() {
    double[] expected = null;
    for (int threads : new int[] {1, 2}) {
      for (long memory : new long[] {0, 8L * N * (D + 4) / 3, Long.MAX_VALUE}) {
        try (Device device = new CpuDevice(threads)) {
          Found found = verify(device, 16, memory);
          expected = expected == null ? found.sigma : expected;
          assertArrayEquals(expected, found.sigma, threads + " threads, memory " + memory);
        }
      }
    }
  }

  /** Powers of two round nothing: a store in the solver's units verifies as one in the user's. */
  @Test
  void unitsOfTheStoreDoNotCount() {
    ProblemRows rows = rows();
    Units units = new Units(new double[] {0x1p40, 0x1p-3, 1, 0x1p-20}, 0x1p7);
    try (Device device = new CpuDevice(2);
        LeafStore store = LeafStore.resident(rows, device)) {
      VerifiedScores plain = new Verification(rows, store).at(x, true, null);
      store.setUnits(units);
      VerifiedScores inUnits = new Verification(rows, store).at(x, true, null);
      assertClose(plain.loss(), inUnits.loss());
      assertClose(plain.error().mismatch(), inUnits.error().mismatch());
      assertArrayEquals(plain.gradient(), inUnits.gradient(), 1e-12);
      assertArrayEquals(
          plain.gradientTerms(), inUnits.gradientTerms(), 1e-11 * plain.gradientTerms()[0]);
    }
  }

  /** The logit of a row with a slack of 1e-9 is lost; those of others are known to 1e-13. */
  @Test
  void aHairlineGivesNoRoomToOtherRows() {
    b[3] += slack(3) - 1e-9;
    try (Device device = new CpuDevice(1)) {
      System.arraycopy(verify(device, N, Long.MAX_VALUE).sigma, 0, target, 0, N);
      VerifiedScores same = verify(device, N, Long.MAX_VALUE).scores;
      assertTrue(GlobalMethod.rounding(same.rowwise().floor()) < 1e-12);
      assertTrue(same.rowwise().mismatch() < 1e-12);
      assertTrue(same.rowwise().tells());
      double squares = 0;
      double degrees = 0;
      for (int i = 0; i < N; i++) {
        double D = target[i] * (1 - target[i]);
        double change = i == 3 ? 0 : 1e-8 * target[i] * Math.sin(i);
        squares += D == 0 ? 0 : change * change / D; // D f^2 with f = change / (2 D)
        degrees += D;
        target[i] += change;
      }
      VerifiedScores other = verify(device, N, Long.MAX_VALUE).scores;
      assertTrue(other.error().mismatch() < GlobalMethod.rounding(other.error().floor()));
      assertEquals(Math.sqrt(squares / degrees), other.rowwise().mismatch(), 1e-12);
    }
  }

  /**
   * Whoever factors diag(w) A leaves each of its rows off by eps of their mean length, and rows
   * with small weights by more than rounding of their own entries does.
   */
  @Test
  void roundingThatAFactorSpreadsOverRowsIsAllowed() {
    for (double[] row : A) {
      row[3] = row[0] + 1e-7 * row[3];
    }
    double[][] given = Arrays.stream(A).map(double[]::clone).toArray(double[][]::new);
    double[] offset = b.clone();
    double squares = 0;
    for (int i = 0; i < N; i++) {
      squares += Arrays.stream(A[i]).map(a -> a * a).sum() / (slack(i) * slack(i));
    }
    double unit = EPS * Math.sqrt(squares / (N * D));
    SplittableRandom random = new SplittableRandom(10);
    for (int i = 0; i < N; i++) {
      double s = slack(i);
      for (int j = 0; j < D; j++) {
        double move = unit * Math.abs(s) * random.nextDouble(-1, 1);
        A[i][j] += move;
        b[i] += move * x[j];
      }
    }
    double[] off = plainScores();
    System.arraycopy(off, 0, target, 0, N);
    System.arraycopy(given, 0, A, 0, N);
    System.arraycopy(offset, 0, b, 0, N);
    try (Device device = new CpuDevice(1)) {
      RowwiseError found = verify(device, N, Long.MAX_VALUE).scores.rowwise();
      assertTrue(found.mismatch() > 1e-11, "each row has room of its own for " + found);
      assertTrue(found.mismatch() <= GlobalMethod.rounding(found.floor()), "" + found);
      assertTrue(GlobalMethod.rounding(found.floor()) < 1e-6, "" + found);
    }
  }

  /** Beside d slacks of some roundings the scores are 0 and 1, and all that is seen is rounding. */
  @Test
  void whereAllIsRoundingNoRowTells() {
    for (int i = 0; i < D; i++) {
      b[i] += slack(i) - 2e-15;
    }
    try (Device device = new CpuDevice(1)) {
      System.arraycopy(verify(device, N, Long.MAX_VALUE).sigma, 0, target, 0, N);
      assertFalse(verify(device, N, Long.MAX_VALUE).scores.rowwise().tells());
    }
  }

  @Test
  void rowsOnTheWrongSideAreCounted_unlessTheScoresDoNotSeeThem() {
    sign[7] *= -1;
    sign[90] *= -1;
    sign[200] *= -1;
    target[90] = 0;
    try (Device device = new CpuDevice(1)) {
      VerifiedScores found = verify(device, 64, 0).scores;
      assertEquals(2, found.wrongSide());
      assertEquals(7, found.wrongRow());
      assertArrayEquals(new long[] {7, 200}, found.wrongRows().numbers());
      ProblemRows rows = rows();
      try (LeafStore store = LeafStore.resident(rows, device)) {
        VerifiedScores equal = new Verification(rows, store).withSign(1).at(x);
        long negative = IntStream.range(0, N).filter(i -> slack(i) < 0 && target[i] > 0).count();
        assertEquals(negative, equal.wrongSide());
      }
    }
  }

  /** What was found stays what it was when the rows are read again. */
  @Test
  void rowsOnTheWrongSideAreNamedAfterLaterPasses() {
    sign[7] *= -1;
    ProblemRows rows = rows();
    try (Device device = new CpuDevice(1);
        LeafStore store = LeafStore.resident(rows, device)) {
      Verification verification = new Verification(rows, store);
      VerifiedScores before = verification.at(x);
      double[] other = Arrays.stream(x).map(v -> 2 * v).toArray();
      verification.at(other);
      assertArrayEquals(new long[] {7}, before.wrongRows().numbers());
      assertEquals(7, before.wrongRow());
    }
  }

  /** Row 5 alone has the last column: its slack moves alone, whatever its weight. */
  @Test
  void aLoneRowIsFoundWithItsDirection() {
    for (int i = 0; i < N; i++) {
      A[i][D - 1] = i == 5 ? 2 : 0;
    }
    b[5] += slack(5) - 1e-9; // narrow
    ProblemRows rows = rows();
    try (Device device = new CpuDevice(1);
        LeafStore store = LeafStore.resident(rows, device)) {
      Verification verification = new Verification(rows, store);
      VerifiedScores found = verification.at(x);
      assertEquals(1, found.lone());
      assertEquals(5, found.largestRow());
      assertArrayEquals(new long[] {5}, found.loneRows().numbers());
      double[] direction = verification.loneRows(new long[] {5}, x, found.slackError()).free();
      for (int j = 0; j < D - 1; j++) {
        assertEquals(0, direction[j] / direction[D - 1], 1e-13);
      }
    }
  }

  /** Slacks and rows whose squares leave the range of doubles have scores like others. */
  @ParameterizedTest
  @ValueSource(doubles = {0x1p-700, 0x1p-400, 0x1p400, 0x1p700})
  void offsetsOfAnyUnit(double unit) {
    double[] expected = plainScores();
    for (int i = 0; i < N; i++) {
      b[i] *= unit;
    }
    for (int j = 0; j < D; j++) {
      x[j] *= unit;
    }
    for (Device device : new Device[] {new CpuDevice(1), new ReferenceDevice()}) {
      try (device) {
        assertArrayEquals(expected, verify(device, 64, 0).sigma, 1e-13);
      }
    }
  }

  /** Columns that nearly depend: from cond(R) = 1e4 on a second factor keeps rows orthonormal. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 1e-7, 1e-11})
  void illConditionedScoresSumToD(double angle) {
    double[] expected = plainScores();
    for (double[] row : A) { // the same range, so the same projection, but for rounding of A
      row[1] = row[0] + angle * row[1];
    }
    x[1] /= angle;
    x[0] -= x[1];
    try (Device device = new CpuDevice(2)) {
      Found found = verify(device, 64, 0);
      assertEquals(D, found.scores.sum(), angle == 1e-3 ? 1e4 * EPS : 1e-13);
      assertArrayEquals(expected, found.sigma, 10 * EPS / angle + 1e-13);
    }
  }

  @Test
  void anXWithoutScoresIsAsFarOffAsZeros() {
    for (double[] row : A) {
      row[2] = 0;
    }
    ProblemRows rows = rows();
    double square = Arrays.stream(target).map(t -> t * t).sum();
    try (Device device = new CpuDevice(1);
        LeafStore store = LeafStore.resident(rows, device)) {
      Verification verification = new Verification(rows, store).withTargetSquare(square);
      assertEquals(1, verification.at(x).error().relativeResidual());
      assertTrue(verification.at(x).error().mismatch() >= 1);
      assertEquals(
          D - 1,
          assertThrows(
                  RankDeficientException.class,
                  () -> verification.hand(x, true, (first, count, slacks, scores) -> {}))
              .rank()
              .rank());
      assertThrows(
          InvalidInputException.class,
          () ->
              ScoresAt.of(
                  List.of(device),
                  new Model(source(A), VectorSource.of("b", b), Weights.BARRIER),
                  x,
                  Options.defaults(),
                  false,
                  (first, count, slacks, scores) -> {}));
    }
  }

  /** Two readings; each counted. */
  @Test
  void readingsAreCounted() {
    assertArrayEquals(new double[] {2, 3}, readings(), 1e-12); // R of a QR 2, scores 1
  }

  /** A second factor only where scores that lost digits do not agree with their targets. */
  @Test
  void aSecondFactorIsMadeWhereItMayTell() {
    b[7] += slack(7) - 1e-5; // cond(R) above 100
    double[] sigma = new double[N];
    ProblemRows rows = rows();
    try (Device device = new CpuDevice(1);
        LeafStore store = LeafStore.resident(rows, device)) {
      new Verification(rows, store)
          .at(
              x,
              false,
              (first, count, values) -> System.arraycopy(values, 0, sigma, (int) first, count));
    }
    assertArrayEquals(new double[] {4, 8}, readings(), 1e-12); // another QR 3, scores 2
    System.arraycopy(sigma, 0, target, 0, N);
    assertArrayEquals(new double[] {2, 3}, readings(), 1e-12);
  }

  /** Passes and work of a verification. */
  private double[] readings() {
    ProblemRows rows = rows();
    try (Device device = new CpuDevice(1);
        LeafStore store = LeafStore.resident(rows, device)) {
      new Verification(rows, store).at(x);
      return new double[] {store.counter().passes(), store.counter().work()};
    }
  }

  /**
   * Columns u and u + v / 2^34: all products are exact, and the scores are those of u and v, which
   * rounding leaves alone. Printed with 9 decimals no score is off by more than half a unit and
   * what the triangle of collinear columns does to it, which is most where a row has little of v.
   */
  @ParameterizedTest
  @ValueSource(ints = {5, 6, 8, 9})
  void printedScores_ofCollinearColumns_agreeRowByRow(int seed) {
    int n = 400;
    SplittableRandom random = new SplittableRandom(seed);
    double[][] collinear = new double[n][2];
    double[][] apart = new double[n][2];
    double[] offset = new double[n];
    for (int i = 0; i < n; i++) {
      double u = Math.scalb((double) random.nextInt(1, 1 << 10), -random.nextInt(5, 11));
      double v = Math.scalb((double) random.nextInt(1, 1 << 10), -random.nextInt(10, 16));
      double s = random.nextInt(1, 1 << 10) * 0x1p-6;
      collinear[i] = new double[] {u, u + v * 0x1p-34};
      offset[i] = collinear[i][0] + collinear[i][1] - s;
      apart[i] = new double[] {u / s, v / s};
    }
    double[] printed =
        Arrays.stream(plainScores(apart)).map(score -> Math.rint(score * 1e9) / 1e9).toArray();
    ProblemRows rows =
        ProblemRows.of(source(collinear))
            .with(Field.OFFSET, VectorSource.of("offset", offset))
            .with(Field.TARGET, VectorSource.of("printed", printed));
    try (Device device = new CpuDevice(1);
        LeafStore store = LeafStore.resident(rows, device)) {
      VerifiedScores found =
          new Verification(rows, store)
              .withUncertainty(ScoreUncertainty.ofDecimals(9, ScoreNoise.Source.DETECTED))
              .at(new double[] {1, 1});
      double[] off = found.profile().largest();
      assertTrue(Arrays.stream(off).max().orElseThrow() > 1e-9, "more than printing explains");
      assertTrue(found.profile().largestRatio() <= 1, "by " + found.profile().largestRatio());
    }
  }

  /** Of two columns, by Gram and Schmidt. */
  private static double[] plainScores(double[][] rows) {
    double uu = Arrays.stream(rows).mapToDouble(r -> r[0] * r[0]).sum();
    double uv = Arrays.stream(rows).mapToDouble(r -> r[0] * r[1]).sum();
    double rest = Arrays.stream(rows).mapToDouble(r -> Math.pow(r[1] - uv / uu * r[0], 2)).sum();
    return Arrays.stream(rows)
        .mapToDouble(r -> r[0] * r[0] / uu + Math.pow(r[1] - uv / uu * r[0], 2) / rest)
        .toArray();
  }
}
