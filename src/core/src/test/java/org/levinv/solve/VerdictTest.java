package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.Status.CONVERGED;
import static org.levinv.Status.DEVICE_FAILED;
import static org.levinv.Status.INCONSISTENT_TARGET;
import static org.levinv.Status.INTERRUPTED;
import static org.levinv.Status.ITERATION_LIMIT;
import static org.levinv.Status.NOT_IDENTIFIABLE;
import static org.levinv.Status.STALLED;
import static org.levinv.Status.TIME_LIMIT;
import static org.levinv.Status.WORK_LIMIT;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.levinv.Options;
import org.levinv.ScoreNoise.Source;
import org.levinv.Status;
import org.levinv.method.SingularValues;
import org.levinv.model.RowwiseError;
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.ResidualProfile;
import org.levinv.solve.Evidence.Search;
import org.levinv.solve.Optimum.End;
import org.levinv.solve.Uniqueness.Finding;

/** Each branch of the verdict, from evidence that was made up; the tolerance is 1e-10. */
class VerdictTest {
  private static final Options OPTIONS = Options.defaults();

  /** Bins of the made-up residuals, from scores of 2^-3 down, and rows in each. */
  private static final int FIRST_BIN = 3;

  private static final int LAST_BIN = 12;
  private static final int ROWS_EACH = 100;
  private static final double ROWS = (LAST_BIN - FIRST_BIN + 1) * ROWS_EACH;
  private static final int COLUMNS = 10;

  /** Residuals with the variance a^2 + m^2 score^2, of which the largest is 3 deviations. */
  private static ResidualProfile like(double a, double m) {
    double[] counts = new double[64];
    double[] squares = new double[64];
    double[] largest = new double[64];
    for (int k = FIRST_BIN; k <= LAST_BIN; k++) {
      double deviation = Math.hypot(a, m * ResidualProfile.score(k));
      counts[k] = ROWS_EACH;
      squares[k] = ROWS_EACH * deviation * deviation;
      largest[k] = 3 * deviation;
    }
    return new ResidualProfile(1e9, 1e5, 7, counts, squares, largest, rows());
  }

  /** Of the largest residual in each bin: its number. */
  private static long[] rows() {
    return LongStream.range(0, 64).toArray();
  }

  /** The same beside an uncertainty: the mean square and the largest, in its units. */
  private static ResidualProfile within(double chi, double largestRatio) {
    ResidualProfile some = like(0, 0.01);
    return new ResidualProfile(
        chi * chi * ROWS,
        largestRatio,
        7,
        some.counts(),
        some.squares(),
        some.largest(),
        some.rows());
  }

  /** What was measured, piece by piece; the start is an x whose scores agree on all rows. */
  private static final class Case {
    private Search search = Search.GLOBAL;
    private boolean regularized;
    private boolean exact = true;
    private double sumError;
    private ScoreUncertainty uncertainty = ScoreUncertainty.ROUNDING;
    private ScoreUncertainty apparent = ScoreUncertainty.ROUNDING;
    private ResidualProfile residuals = like(0, 0.01);
    private double notPositive;
    private double rows = ROWS;
    private int columns = COLUMNS;
    private double squares = 1;
    private double mismatch = 1e-13;
    private double floor = 1e-15;
    private RowwiseError rowwise = RowwiseError.NONE;
    private double residual = 1e-13;
    private boolean inRange;
    private long wrongRow = -1;
    private boolean signsSought;
    private long lone;
    private double ratio = 0.1;
    private double error = 1e-13;
    private Optimum optimum;
    private Finding uniqueness;
    private Stopped stopped;

    Case search(Search value) {
      search = value;
      return this;
    }

    Case regularized() {
      regularized = true;
      return this;
    }

    Case noisy() {
      exact = false;
      sumError = 0.01;
      return this;
    }

    Case sum(double value) {
      sumError = value;
      return this;
    }

    Case residuals(ResidualProfile value) {
      residuals = value;
      return this;
    }

    Case notPositive(double value) {
      notPositive = value;
      return this;
    }

    Case uncertain(ScoreUncertainty value) {
      exact = false;
      uncertainty = value;
      apparent = value;
      return this;
    }

    Case looking(ScoreUncertainty value) {
      apparent = value;
      return this;
    }

    /** Of few rows, where squares of targets hardly differ from those of their mean. */
    Case of(int n, int d, double squaresAboutMean) {
      rows = n;
      columns = d;
      squares = (d + sumError) * (d + sumError) / n + squaresAboutMean;
      return this;
    }

    Case signsSought() {
      signsSought = true;
      return this;
    }

    Case residual(double value) {
      residual = value;
      mismatch = Math.max(mismatch, value);
      return this;
    }

    Case mismatch(double value) {
      mismatch = value;
      return this;
    }

    Case rowwise(double value, double ofOthers) {
      return rowwise(value, ofOthers, 1);
    }

    Case rowwise(double value, double ofOthers, double telling) {
      rowwise = new RowwiseError(value, ofOthers, telling);
      return this;
    }

    Case floor(double value) {
      floor = value;
      return this;
    }

    Case inRange() {
      inRange = true;
      return this;
    }

    Case wrongRow(long value) {
      wrongRow = value;
      return this;
    }

    Case lone() {
      lone = 1;
      return this;
    }

    Case ratio(double value) {
      ratio = value;
      return this;
    }

    Case error(double value) {
      error = value;
      return this;
    }

    Case optimum(End end) {
      return optimum(end, 0, -1);
    }

    Case optimum(End end, double predicted, long wall) {
      optimum = new Optimum("least squares", end, 12, predicted, wall, false);
      return this;
    }

    Case alone() {
      optimum = optimum.alone(true);
      return this;
    }

    Case looked(Finding value) {
      uniqueness = value;
      return this;
    }

    Case stopped(Status status, String why) {
      stopped = new Stopped(status, why);
      return this;
    }

    Evidence evidence() {
      List<String> warnings = sumError == 0 ? List.of() : List.of("the scores do not sum to d");
      TargetNoise noise =
          new TargetNoise(
              exact,
              uncertainty,
              apparent,
              0,
              0,
              rows,
              columns,
              new NoiseFits(notPositive),
              squares,
              sumError,
              0.5,
              rows,
              TargetNoise.agreement(uncertainty, search == Search.GLOBAL),
              warnings);
      return new Evidence(
          search,
          regularized,
          noise,
          rows,
          mismatch,
          floor,
          rowwise,
          residuals,
          residual,
          inRange,
          wrongRow,
          signsSought,
          lone,
          new SingularValues(ratio, 1),
          error,
          optimum,
          uniqueness,
          stopped);
    }
  }

  private static Case at() {
    return new Case();
  }

  private static Case off(double residual) {
    return new Case().residual(residual).optimum(End.MINIMUM);
  }

  private static ScoreUncertainty decimals(int count, Source source) {
    return ScoreUncertainty.ofDecimals(count, source);
  }

  /** Noise, and one row that is 40 deviations off. */
  private static ResidualProfile outlier() {
    ResidualProfile some = like(0, 0.01);
    double[] largest = some.largest().clone();
    largest[FIRST_BIN] = 40 * 0.01 * ResidualProfile.score(FIRST_BIN);
    return new ResidualProfile(1e9, 1e5, 7, some.counts(), some.squares(), largest, some.rows());
  }

  private static Case local(double residual) {
    return off(residual).search(Search.LOCAL).ratio(Double.NaN);
  }

  private static Case gradient(double residual) {
    return off(residual).search(Search.GRADIENT).ratio(Double.NaN);
  }

  static Stream<Arguments> table() {
    return Stream.of(
        // ended from outside: nothing else counts
        Arguments.of(
            at().stopped(INTERRUPTED, "asked to stop"),
            INTERRUPTED,
            "asked to stop; the best x so far is kept, relative residual 1.00e-13"),
        Arguments.of(
            off(1.3).stopped(INTERRUPTED, "asked to stop"),
            INTERRUPTED,
            "asked to stop; the x that is kept is no nearer to the target than 0 is, relative"
                + " residual 1.30e+00"),
        Arguments.of(
            off(Double.NaN).stopped(TIME_LIMIT, "the time limit was reached: 3 s > 2 s"),
            TIME_LIMIT,
            "3 s > 2 s; the best x so far is kept, its scores were not verified"),
        Arguments.of(at().stopped(WORK_LIMIT, "the work limit"), WORK_LIMIT, "the work limit"),
        Arguments.of(at().stopped(DEVICE_FAILED, "cuda:0: lost"), DEVICE_FAILED, "cuda:0: lost"),
        // b in the range of A, whatever the scores
        Arguments.of(at().inRange(), NOT_IDENTIFIABLE, "b is in the range of A"),
        Arguments.of(off(0.5).inRange(), NOT_IDENTIFIABLE, "b is in the range of A"),
        // the scores agree
        Arguments.of(at(), CONVERGED, "mismatch 1.00e-13 <= 1.00e-10"),
        Arguments.of(at().residual(1e-10), CONVERGED, "mismatch 1.00e-10 <= 1.00e-10"),
        Arguments.of(at().residual(3e-9).floor(1e-9), CONVERGED, "3.00e-09 <= 5.00e-09"),
        // a row that rounding may move far gives no room to others
        Arguments.of(
            off(3e-9).floor(1e-9).rowwise(2e-9, 1e-15),
            STALLED,
            "agree to 3.00e-09, but beyond what rounding of each row leaves open only to 2.00e-09"
                + " > 1.00e-10"),
        Arguments.of(off(3e-9).floor(1e-9).rowwise(2e-9, 5e-10), CONVERGED, "3.00e-09 <= 5.00e-09"),
        // at rounding rows tell, however much it does to their mean
        Arguments.of(
            off(1e-15).mismatch(0.02).floor(0.01).rowwise(1e-12, 1e-15),
            CONVERGED,
            "mismatch 2.00e-02 <= 5.00e-02"),
        Arguments.of(
            off(1e-12).mismatch(0.02).floor(0.01).rowwise(1e-12, 1e-15),
            STALLED,
            "the small ones among them only to 2.00e-02 > 5.00e-04"),
        // ... but for rows of which all are rounding
        Arguments.of(
            off(1e-15).mismatch(0.02).floor(0.01).rowwise(1e-12, 1e-15, 1e-3),
            STALLED,
            "the small ones among them only to 2.00e-02 > 5.00e-04"),
        Arguments.of(at().wrongRow(17), STALLED, "the slack of row 17 has not the sign"),
        Arguments.of(at().ratio(1e-9).looked(Finding.UNIQUE), CONVERGED, "mismatch"),
        Arguments.of(
            at().ratio(1e-9).looked(new Finding(true, 2e-9, Double.NaN, null, null)),
            NOT_IDENTIFIABLE,
            "smallest singular value is 2.0e-09 of the largest"),
        Arguments.of(
            at().looked(new Finding(true, 0.3, 5, null, null)).error(10),
            NOT_IDENTIFIABLE,
            "let slacks change by 5 of themselves, more than 0.1, as where x goes to infinity"),
        Arguments.of(
            off(1e-3).optimum(End.MINIMUM).looked(Finding.atInfinity(new double[] {3, 4})),
            NOT_IDENTIFIABLE,
            "scores as near to the target as these let x go to infinity"),
        Arguments.of(at().looked(Finding.UNIQUE).error(10), CONVERGED, "mismatch"),
        Arguments.of(at().ratio(Double.NaN).looked(Finding.FREE), NOT_IDENTIFIABLE, "other x"),
        Arguments.of(at().lone().looked(Finding.FREE), NOT_IDENTIFIABLE, "other x"),
        Arguments.of(at().noisy(), CONVERGED, "mismatch"),
        Arguments.of(at().lone().wrongRow(3), STALLED, "row 3"),
        // they do not, and nothing lowered the loss
        Arguments.of(
            at().residual(1e-3), STALLED, "no progress: relative residual 1.00e-03 > 1.00e-10"),
        // exact scores, and an optimum
        Arguments.of(
            off(1e-3).optimum(End.ITERATION_LIMIT),
            ITERATION_LIMIT,
            "least squares took 12 iterations: relative residual 1.00e-03 > 1.00e-10"),
        Arguments.of(
            off(1e-3).optimum(End.STALLED, 0.25, -1),
            STALLED,
            "no step lowers the loss: relative residual 1.00e-03, predicted decrease 2.5e-01"),
        Arguments.of(off(1e-3).optimum(End.STALLED, 1e-4, -1), INCONSISTENT_TARGET, "1.00e-03"),
        Arguments.of(
            off(1e-3).optimum(End.STALLED, 0.25, 8),
            INCONSISTENT_TARGET,
            "relative residual 1.00e-03 > 1.00e-10, which noise explains, where the slack of row 8"
                + " goes to 0"),
        Arguments.of(
            off(1e-12).mismatch(1e-4),
            STALLED,
            "the scores agree to 1.00e-12, but the small ones among them only to 1.00e-04"),
        Arguments.of(
            off(1e-12).mismatch(1e-4).sum(1e-11),
            INCONSISTENT_TARGET,
            "least-squares optimum reached, mismatch 1.00e-04 > 1.00e-10, which noise explains"),
        Arguments.of(
            off(1e-12).mismatch(1e-4).lone().looked(Finding.FREE), NOT_IDENTIFIABLE, "other x"),
        Arguments.of(
            off(0.06), STALLED, "6.00e-02, which is more than noise: the sum of the scores"),
        Arguments.of(off(0.06).looked(Finding.FREE), STALLED, "more than noise"),
        Arguments.of(off(0.04), INCONSISTENT_TARGET, "no x has exactly these scores"),
        Arguments.of(off(0.04).wrongRow(5), STALLED, "the slack of row 5 has not the sign"),
        Arguments.of(off(0.04).looked(Finding.FREE), NOT_IDENTIFIABLE, "other x"),
        // noisy scores: residuals that look like noise may be noise
        Arguments.of(off(0.3).noisy(), INCONSISTENT_TARGET, "relative residual 3.00e-01"),
        Arguments.of(off(0.3).noisy().alone(), STALLED, "to which one search of several came"),
        Arguments.of(
            off(0.1)
                .uncertain(ScoreUncertainty.ofDeviation(0.01))
                .residuals(within(1.3, 4))
                .alone(),
            INCONSISTENT_TARGET,
            "relative residual 1.00e-01, which noise explains: residuals are 1.30 times those of"
                + " scores with a standard deviation of 1.00e-02"),
        // a target of 0 has no significant digits: noise below rounding explains no mismatch
        Arguments.of(
            off(1e-16)
                .mismatch(1.24)
                .looking(decimals(12, Source.DETECTED))
                .residuals(within(0.1, Double.POSITIVE_INFINITY)),
            STALLED,
            "the scores agree to 1.00e-16, but the small ones among them only to 1.24e+00"),
        // 0 and 1 look like scores with 12 decimals, and small scores have any logits
        Arguments.of(
            off(1e-16)
                .mismatch(1.24)
                .looking(decimals(12, Source.DETECTED))
                .residuals(within(0.1, 0.4)),
            INCONSISTENT_TARGET,
            "optimum reached, relative residual 1.00e-16, which noise explains: the largest"
                + " difference is 0.40 times what 12 decimals leave open"),
        Arguments.of(off(0.3).noisy().looked(Finding.FREE), NOT_IDENTIFIABLE, "other x"),
        // few rows, some signs of which fit any scores as well
        Arguments.of(off(0.005).noisy().of(14, 11, 0.3), INCONSISTENT_TARGET, "explains"),
        Arguments.of(
            off(0.005).noisy().of(14, 11, 0.3).signsSought(),
            STALLED,
            "which may be an accident: with 14 rows and d = 11 some x, whatever its signs, comes as"
                + " near to any scores"),
        Arguments.of(
            off(1e-6).noisy().of(14, 11, 0.3).signsSought(), INCONSISTENT_TARGET, "explains"),
        Arguments.of(
            off(0.005)
                .looking(decimals(2, Source.DETECTED))
                .residuals(within(0.1, 1.2))
                .of(14, 11, 0.3)
                .signsSought(),
            STALLED,
            "known errors (--digits, --score-error) would tell"),
        Arguments.of(
            off(0.005)
                .uncertain(decimals(2, Source.DETECTED))
                .residuals(within(0.1, 3.1))
                .of(14, 11, 0.3)
                .signsSought(),
            STALLED,
            "the largest residual, of row 7, is 3.10 times what 2 decimals leave open"),
        Arguments.of(off(1e-3).noisy().of(5, 4, 0.3), STALLED, "probability of up to 1.0, more"),
        Arguments.of(off(0.1).noisy().residuals(like(0, 0.1)), INCONSISTENT_TARGET, "explains"),
        Arguments.of(
            off(0.1).noisy().residuals(like(0, 0.9)), STALLED, "of each score, more than 0.30"),
        // additive noise as large as small scores makes some of them negative
        Arguments.of(
            off(0.1).noisy().residuals(like(1e-3, 0)).notPositive(150),
            INCONSISTENT_TARGET,
            "explains"),
        Arguments.of(
            off(0.1).noisy().residuals(like(1e-3, 0)), STALLED, "noise that leaves scores above 0"),
        Arguments.of(
            off(0.1).noisy().residuals(outlier()), STALLED, "residual, of row 3, is 43.5 standard"),
        // scores that are printed with few digits
        Arguments.of(
            off(1e-3).uncertain(decimals(3, Source.DETECTED)).residuals(within(1, 1.2)),
            CONVERGED,
            "what 3 decimals leave open: the largest difference is 1.20 times that, of at most 3"),
        Arguments.of(
            off(1e-3).uncertain(decimals(3, Source.DETECTED)).residuals(within(0.9, 4)),
            STALLED,
            "the largest residual, of row 7, is 4.00 times what 3 decimals leave"
                + " open, of at most 3, and"),
        Arguments.of(
            off(1e-3).uncertain(decimals(3, Source.GIVEN)).residuals(within(0.9, 4)),
            STALLED,
            "the largest residual, of row 7, is 4.00 times what 3 decimals leave"
                + " open, of at most 1.05"),
        // of decimals that are given all scores have to round to the targets
        Arguments.of(
            off(1e-3).uncertain(decimals(3, Source.GIVEN)).residuals(within(0.9, 1.8)),
            STALLED,
            "the largest residual, of row 7, is 1.80 times what 3 decimals leave"
                + " open, of at most 1.05"),
        Arguments.of(
            off(1e-3).uncertain(decimals(3, Source.GIVEN)).residuals(within(0.9, 1.04)),
            CONVERGED,
            "the largest difference is 1.04 times that, of at most 1.05"),
        Arguments.of(
            local(1e-3).uncertain(decimals(3, Source.GIVEN)).residuals(within(0.9, 1.8)),
            CONVERGED,
            "of at most 3"),
        Arguments.of(
            off(1e-3).uncertain(decimals(3, Source.GIVEN)).residuals(within(2, 4)),
            STALLED,
            "residuals are 2.00 times those of scores with 3 decimals"),
        Arguments.of(
            off(1e-3).uncertain(decimals(3, Source.DETECTED)).noisy().residuals(within(2, 4)),
            INCONSISTENT_TARGET,
            "explains"),
        // all errors that the sum shows are those of the digits: the search failed
        Arguments.of(
            off(1e-3).uncertain(decimals(3, Source.DETECTED)).residuals(within(2, 4)),
            STALLED,
            "and their sum shows no other errors"),
        Arguments.of(
            off(0.1).uncertain(ScoreUncertainty.ofDeviation(0.01)).residuals(within(1.3, 4)),
            INCONSISTENT_TARGET,
            "explains"),
        Arguments.of(
            off(0.1).uncertain(ScoreUncertainty.ofDeviation(0.01)).residuals(within(1.9, 4)),
            STALLED,
            "residuals are 1.90 times those of scores with a standard deviation of 1.00e-02"),
        // no scores at all, as where a slack is 0
        Arguments.of(off(1).residuals(ResidualProfile.NONE), STALLED, "and have no scores"),
        Arguments.of(off(1).noisy().residuals(ResidualProfile.NONE), STALLED, "have no scores"),
        Arguments.of(
            off(1).uncertain(decimals(2, Source.GIVEN)).residuals(ResidualProfile.NONE),
            STALLED,
            "and have no scores"),
        Arguments.of(
            off(1).looking(decimals(2, Source.DETECTED)).residuals(ResidualProfile.NONE),
            STALLED,
            "and have no scores"),
        // a sum that is neither exact nor as far off as such noise leaves it
        Arguments.of(
            off(0.01).noisy().sum(1e-5), STALLED, "the sum of the scores shows errors of 1.0e-05"),
        // uniform errors, of which the optimum has fitted d: 1 + 4 sqrt(0.8 / n) at most for large
        // n
        Arguments.of(
            off(0.1).uncertain(decimals(3, Source.DETECTED)).residuals(within(1.06, 3.1)),
            STALLED,
            "residuals are 1.06 times those of scores with 3 decimals"),
        // scores that look printed, too few or too round to be sure
        Arguments.of(
            off(0.1).looking(decimals(2, Source.DETECTED)).residuals(within(1, 1.2)),
            INCONSISTENT_TARGET,
            "explains"),
        Arguments.of(
            off(0.1).looking(decimals(2, Source.DETECTED)).residuals(within(1.1, 1.2)),
            STALLED,
            "the sum of the scores shows errors of 0.0e+00"),
        Arguments.of(
            off(0.1).looking(decimals(2, Source.DETECTED)).residuals(within(0.9, 3.1)),
            STALLED,
            "the sum of the scores shows errors of 0.0e+00"),
        // local methods
        Arguments.of(local(1e-12), CONVERGED, "the scores agree with the target: relative"),
        Arguments.of(local(1e-12).looked(Finding.FREE), NOT_IDENTIFIABLE, "other x"),
        Arguments.of(local(1e-12).looked(Finding.UNIQUE), CONVERGED, "relative residual"),
        Arguments.of(local(1e-3).optimum(End.ITERATION_LIMIT), ITERATION_LIMIT, "12 iterations"),
        Arguments.of(local(1e-3).optimum(End.STALLED), STALLED, "inside the cell of signs"),
        Arguments.of(local(0.3).regularized(), INCONSISTENT_TARGET, "regularised loss"),
        Arguments.of(local(0.04), INCONSISTENT_TARGET, "no x nearby has the target scores"),
        Arguments.of(local(0.06), STALLED, "a local minimum that is not the answer"),
        Arguments.of(local(0.2).noisy(), INCONSISTENT_TARGET, "no x nearby"),
        Arguments.of(
            local(0.3).noisy().residuals(like(0, 0.9)), STALLED, "another start, or method auto"),
        Arguments.of(local(0.2).noisy().of(6, 4, 0.3), STALLED, "another start, or method auto"),
        // the gradient problem
        Arguments.of(gradient(1e-12), CONVERGED, "the gradient agrees with the target"),
        Arguments.of(gradient(1e-3), STALLED, "a local minimum that is not the answer"),
        Arguments.of(gradient(1e-3).regularized(), INCONSISTENT_TARGET, "regularised loss"),
        Arguments.of(gradient(1e-3).optimum(End.ITERATION_LIMIT), ITERATION_LIMIT, "12"));
  }

  @ParameterizedTest
  @MethodSource("table")
  void eachBranch(Case of, Status expected, String words) {
    Verdict verdict = Verdict.of(of.evidence(), OPTIONS);
    assertEquals(expected, verdict.status(), verdict.message());
    assertTrue(verdict.message().contains(words), verdict.message());
  }

  /** The closer look costs; it is asked for where it decides, and there alone. */
  @Test
  void uniquenessIsAskedForWhereItDecides() {
    assertFalse(asks(at()), "a good first estimate");
    assertTrue(asks(at().ratio(1e-9)), "a small first estimate");
    assertTrue(asks(at().ratio(Double.NaN)), "no estimate");
    assertTrue(asks(at().error(10)), "scores that are off and leave slacks open");
    assertTrue(asks(at().lone()), "a row with the score 1");
    assertFalse(asks(at().lone().wrongRow(3)), "stalled either way");
    assertTrue(asks(off(0.04)), "an optimum that is not unique says more of x than of the target");
    assertFalse(asks(off(0.06)), "a failed search");
    assertTrue(asks(local(1e-12)), "a local answer");
    assertFalse(asks(local(0.04)), "a local optimum");
    assertFalse(asks(gradient(1e-12)), "at most one x in a cell");
    assertFalse(asks(at().lone().stopped(INTERRUPTED, "stop")), "ended from outside");
    assertFalse(asks(at().lone().looked(Finding.UNIQUE)), "asked before");
  }

  private static boolean asks(Case of) {
    return Verdict.asksUniqueness(of.evidence(), OPTIONS);
  }

  /** What is said of the uncertainty: as known where scores agree, else as the residuals show. */
  @Test
  void theUncertaintyIsWhatExplainsTheResiduals() {
    assertEquals(Source.ROUNDING, Verdict.noise(at().evidence(), OPTIONS).source());
    Evidence noisy = off(0.1).noisy().residuals(like(0, 0.1)).evidence();
    assertEquals(Source.ESTIMATED, Verdict.noise(noisy, OPTIONS).source());
    // 0.1 of the largest score, 0.5, to the tenth that the fit has for m
    assertEquals(0.05, Verdict.noise(noisy, OPTIONS).value(), 0.005);
    Evidence printed =
        off(1e-3).uncertain(decimals(3, Source.DETECTED)).residuals(within(0.9, 4)).evidence();
    assertEquals(Source.DETECTED, Verdict.noise(printed, OPTIONS).source());
    assertEquals(5e-4, Verdict.noise(printed, OPTIONS).value());
  }

  /** Rounding may leave some floors of the mismatch, as long as scores still say something. */
  @Test
  void roundingWidensTheBoundOnlySoFar() {
    assertEquals(1e-10, Verdict.bound(at().evidence(), OPTIONS));
    assertEquals(5e-9, Verdict.bound(at().floor(1e-9).evidence(), OPTIONS), 1e-20);
    assertEquals(5e-4, Verdict.bound(at().floor(1).evidence(), OPTIONS));
    assertEquals(1e-3, Verdict.bound(at().floor(1).evidence(), OPTIONS.withTolerance(1e-3)));
  }
}
