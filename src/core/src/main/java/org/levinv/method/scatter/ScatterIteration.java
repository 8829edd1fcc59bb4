package org.levinv.method.scatter;

import java.util.Arrays;
import java.util.Locale;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Steps;
import org.levinv.method.common.Anderson;
import org.levinv.method.common.Termination;
import org.levinv.model.GramFactor;

/**
 * The fixed point of a map on a positive definite matrix S and a point v, one reading a round, by
 * Anderson mixing. Errors are measured by S itself: ||R^-T (image - S) R^-1||_F / sqrt(d) and
 * ||R^-T (image - v)||, S = R^T R.
 */
final class ScatterIteration {
  private static final int DEPTH = 6;

  /** Rounds without a smaller error before the iteration is over. */
  private static final int PATIENCE = 30;

  /**
   * A point and a matrix.
   *
   * @param v d values, or none
   * @param S d x d, row by row
   */
  record State(double[] v, double[] S) {

    /** v, then S row by row. */
    double[] numbers() {
      double[] numbers = Arrays.copyOf(v, v.length + S.length);
      System.arraycopy(S, 0, numbers, v.length, S.length);
      return numbers;
    }

    /**
     * v = 0 and S = I, or those that {@link #numbers} told.
     *
     * @param length of v
     * @param numbers or null
     */
    static State start(int length, int d, double[] numbers) {
      if (numbers != null) {
        return new State(
            Arrays.copyOf(numbers, length), Arrays.copyOfRange(numbers, length, numbers.length));
      }
      double[] identity = new double[d * d];
      for (int j = 0; j < d; j++) {
        identity[j * d + j] = 1;
      }
      return new State(new double[length], identity);
    }
  }

  /** One round. */
  @FunctionalInterface
  interface Round {
    /**
     * @param inverseR R^-1, d x d row by row
     */
    State of(State state, double[] inverseR);
  }

  private final int d;
  private final Device device;
  private final GramFactor factor;
  private final Matrix work;
  private final Matrix other;
  private final double[] inverseR;
  private State best;
  private double[] bestInverse;
  private double bestError = Double.POSITIVE_INFINITY;
  private int rounds;

  ScatterIteration(int d, Workspace space) {
    this.d = d;
    device = space.device();
    factor = new GramFactor(d, space);
    work = space.matrix(d, d);
    other = space.matrix(d, d);
    inverseR = new double[d * d];
  }

  /** From a start to where the error is at most {@code tolerance}, or no longer falls. */
  Termination run(
      State start, Round round, double tolerance, int limit, Steps steps, String stage) {
    int length = start.v.length + d * (d + 1) / 2;
    try (Workspace own = new Workspace(device)) {
      Anderson mixing = new Anderson(DEPTH, length, length, own);
      Vector z = own.vector(length);
      Vector f = own.vector(length);
      Vector measured = own.vector(length);
      Vector next = own.vector(length);
      double[] numbers = new double[length];
      State state = start;
      State plain = null;
      int bestAt = 0;
      while (rounds < limit && rounds - bestAt < PATIENCE) {
        if (!factor(state)) {
          if (plain == null) {
            break; // the start is singular
          }
          mixing.forget();
          state = plain; // the mixture went too far
          plain = null;
          continue;
        }
        plain = round.of(state, inverseR);
        rounds++;
        double[] step = step(state, plain);
        double error = error(step);
        steps.step(stage, rounds, error);
        if (error < bestError) {
          bestError = error;
          best = state;
          bestInverse = inverseR.clone();
          bestAt = rounds;
          steps.point(best::numbers);
        }
        if (error <= tolerance) {
          break;
        }
        pack(state.v, state.S, numbers, 1);
        device.upload(numbers, z);
        double[] from = numbers.clone();
        pack(plain.v, plain.S, numbers, 1);
        Arrays.setAll(numbers, k -> numbers[k] - from[k]);
        device.upload(numbers, f);
        device.upload(step, measured);
        mixing.next(z, f, measured, next);
        device.download(next, numbers);
        state = unpack(numbers, start.v.length);
      }
    }
    Termination.Type type =
        bestError <= tolerance
            ? Termination.Type.CONVERGED
            : rounds >= limit ? Termination.Type.ITERATION_LIMIT : Termination.Type.STALLED;
    String message =
        String.format(
            Locale.ROOT, "%d rounds: change %.2e, bound %.2e", rounds, bestError, tolerance);
    return new Termination(type, message, bestError, tolerance);
  }

  private boolean factor(State state) {
    device.upload(state.S, work);
    if (!factor.of(work)) {
      return false;
    }
    device.download(factor.inverseR(), inverseR);
    return true;
  }

  /** R^-T (image - v), and R^-T (image - S) R^-1 / sqrt(d) as a vector of the same norm. */
  private double[] step(State state, State image) {
    double[] difference = new double[d * d];
    Arrays.setAll(difference, k -> image.S[k] - state.S[k]);
    device.upload(difference, work);
    device.multiply(factor.inverseR(), true, work, false, other);
    device.multiply(other, false, factor.inverseR(), false, work);
    device.download(work, difference);
    for (int k = 0; k < difference.length; k++) {
      difference[k] /= Math.sqrt(d);
    }
    double[] moved = new double[state.v.length];
    for (int j = 0; j < moved.length; j++) {
      for (int i = 0; i <= j; i++) {
        moved[j] += inverseR[i * d + j] * (image.v[i] - state.v[i]);
      }
    }
    double[] step = new double[moved.length + d * (d + 1) / 2];
    pack(moved, difference, step, Math.sqrt(2));
    return step;
  }

  private static double error(double[] step) {
    return Math.sqrt(Arrays.stream(step).map(s -> s * s).sum());
  }

  private void pack(double[] v, double[] S, double[] to, double beside) {
    System.arraycopy(v, 0, to, 0, v.length);
    int k = v.length;
    for (int i = 0; i < d; i++) {
      for (int j = i; j < d; j++) {
        to[k++] = (i < j ? beside : 1) * S[i * d + j];
      }
    }
  }

  private State unpack(double[] from, int length) {
    double[] S = new double[d * d];
    int k = length;
    for (int i = 0; i < d; i++) {
      for (int j = i; j < d; j++) {
        S[i * d + j] = from[k];
        S[j * d + i] = from[k++];
      }
    }
    return new State(Arrays.copyOf(from, length), S);
  }

  /** The best state met, or null where the start was singular. */
  State best() {
    return best;
  }

  /** R^-1 there. */
  double[] inverseR() {
    return bestInverse;
  }

  int rounds() {
    return rounds;
  }
}
