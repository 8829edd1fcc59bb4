package org.levinv.method.weights;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.Anderson;
import org.levinv.model.ScoreError;
import org.levinv.pass.TargetWeights;
import org.levinv.pass.WeightSums;
import org.levinv.pass.WeightsPass;

/**
 * A fixed point for row weights on the small state {@link WeightsState}: light rows take the weight
 * with which they have their target in the metric S, whose Gram matrix is the next S; the logits of
 * the heavy rows' scores move to their targets. Anderson mixing works on S and the logarithms of
 * the heavy weights, d (d + 1) / 2 numbers and one for each heavy row: as many rounds as with all n
 * weights.
 *
 * <p>A round reads all rows once, in two units of work. Where all rows are heavy, it works on those
 * in memory.
 */
final class WeightsIteration {
  private static final int DEPTH = 6;

  /** 1 - target is at least this; nearer to 1 no tolerance tells. */
  private static final double BELOW_ONE = 1e-13;

  /**
   * Targets this near to 1 are met by any score within {@link #BELOW_ONE} of 1: where no other row
   * reaches out of a subspace but one, its score is 1 with every weight.
   */
  private static final double ONE = 1e-12;

  /** The longest step of a logarithm, as of {@link Formula#LOGIT_STEP}. */
  private static final double LONGEST = 2;

  private final WeightsProblem problem;
  private final Device device;
  private final int d;
  private final HeavyRows heavy;
  private final double[] targets;
  private final boolean hasLight;
  private final Vector q;
  private final StateFactor factor;
  private final Matrix S;
  private final Matrix work;
  private final Anderson mixing;
  private final Vector z;
  private final Vector f;
  private final Vector measured;
  private final Vector next;
  private final double[] image;
  private final double[] step;
  private final double[] degrees;
  private double[] E;
  private WeightsState state;
  private WeightsState best;
  private WeightsState bestImage;
  private double bestError = Double.POSITIVE_INFINITY;
  private double damping = 1;
  private double growth;
  private double shrinkage;

  WeightsIteration(WeightsProblem problem, Workspace space) {
    this.problem = problem;
    device = space.device();
    d = problem.store().columns();
    heavy = problem.heavy();
    int m = heavy.size();
    targets = Arrays.stream(heavy.targets()).map(t -> Math.min(t, 1 - BELOW_ONE)).toArray();
    hasLight = problem.hasLight();
    q = m == 0 ? null : space.vector(m);
    factor = new StateFactor(problem, space);
    S = space.matrix(d, d);
    work = space.matrix(d, d);
    int length = (hasLight ? d * (d + 1) / 2 : 0) + m;
    mixing = new Anderson(DEPTH, length, length, space);
    z = space.vector(length);
    f = space.vector(length);
    measured = space.vector(length);
    next = space.vector(length);
    image = new double[d * d];
    E = new double[d * d];
    step = new double[m];
    degrees = new double[m];
    state = problem.start();
  }

  /** Factors the Gram matrix of all rows at the state; false where it is not positive definite. */
  boolean factor() {
    return factor.of(state);
  }

  /** The weights of the state that was factored. */
  TargetWeights weights() {
    return problem.weights(factor.inverseOnHost(), state);
  }

  /** How far the scores of these weights are from the targets, to first order; one reading. */
  double evaluate() {
    growth = 0;
    shrinkage = 0;
    Arrays.fill(image, 0);
    double square = hasLight ? evaluateLight() : 0;
    double residual = square * problem.lightSquares();
    double logits = 0.25 * square * problem.lightSum();
    double sum = problem.lightSum();
    double targetSquare = problem.lightSquares();
    double[] u = state.heavyWeights();
    double[] norms = new double[u.length];
    if (u.length > 0) {
      factor.heavyRows().squaredNorms(factor.inverseR(), q); // q_i = ||R^-T a_i||^2
      device.download(q, norms);
    }
    for (int i = 0; i < u.length; i++) {
      double t = targets[i];
      double sigma = Math.min(u[i] * norms[i], 1 - 1e-16);
      degrees[i] = sigma * (1 - sigma);
      double move = 0.5 * (Formula.logit(t) - Formula.logit(sigma));
      boolean isMet = t >= 1 - ONE && sigma >= 1 - BELOW_ONE;
      step[i] = isMet ? 0 : Math.max(-LONGEST, Math.min(LONGEST, move));
      residual += (sigma - t) * (sigma - t);
      targetSquare += t * t;
      logits += degrees[i] * step[i] * step[i];
      sum += degrees[i];
      double grown = u[i] * heavy.square(i) / t;
      growth = Math.max(growth, grown);
      shrinkage = Math.max(shrinkage, 1 / grown);
    }
    double error = new ScoreError(residual, targetSquare, logits, sum, 0, 0).mismatch();
    if (error > 1.5 * bestError) {
      mixing.forget();
      damping = Math.max(0.5 * damping, 0.1);
    }
    if (error < bestError) {
      bestError = error;
      best = state;
      bestImage = plain(damping);
    }
    return error;
  }

  /**
   * The image of S under one round, and E = R^-T (image - S) R^-1: the scores of light rows are off
   * by at most its largest eigenvalue, relatively. The mean square of the eigenvalues.
   */
  private double evaluateLight() {
    WeightSums sums = problem.store().run(new WeightsPass(weights()));
    device.download(sums.gram(), image);
    growth = sums.growth();
    shrinkage = sums.shrinkage();
    double[] difference = new double[d * d];
    Arrays.setAll(difference, k -> image[k] - state.light()[k]);
    device.upload(difference, S);
    device.multiply(factor.inverseR(), true, S, false, work);
    device.multiply(work, false, factor.inverseR(), false, S); // R^-T (image - S) R^-1
    device.download(S, E);
    double norm = device.norm(S);
    return norm * norm / d;
  }

  private WeightsState plain(double part) {
    double[] logs = state.logs().clone();
    Arrays.setAll(logs, i -> logs[i] + part * step[i]);
    return new WeightsState(image.clone(), logs);
  }

  /** The next state after the one that was evaluated last. */
  void advance() {
    WeightsState plain = plain(damping);
    double[] from = packed(state, false);
    double[] to = packed(plain, false);
    device.upload(from, z);
    Arrays.setAll(to, k -> to[k] - from[k]);
    device.upload(to, f);
    double[] roots = new double[step.length];
    Arrays.setAll(roots, i -> Math.sqrt(degrees[i]) * damping * step[i]);
    double[] measure = packed(new WeightsState(E, roots), true);
    device.upload(measure, measured);
    mixing.next(z, f, measured, next);
    device.download(next, to);
    state = unpacked(to);
  }

  /**
   * The entries on and above the diagonal, and one number for each heavy row; as a measure of
   * errors such that the squares of all entries of a matrix count.
   */
  private double[] packed(WeightsState s, boolean isMeasure) {
    double[] to = new double[(int) z.length()];
    int k = 0;
    double weight = isMeasure ? 0.5 * Math.sqrt(problem.lightSum() / d) : 1;
    for (int i = 0; hasLight && i < d; i++) {
      for (int j = i; j < d; j++) {
        double twice = isMeasure && i < j ? Math.sqrt(2) : 1;
        to[k++] = weight * twice * s.light()[i * d + j];
      }
    }
    System.arraycopy(s.logs(), 0, to, k, s.logs().length);
    return to;
  }

  private WeightsState unpacked(double[] from) {
    double[] light = new double[d * d];
    int k = 0;
    for (int i = 0; hasLight && i < d; i++) {
      for (int j = i; j < d; j++) {
        light[i * d + j] = from[k];
        light[j * d + i] = from[k++];
      }
    }
    return new WeightsState(light, Arrays.copyOfRange(from, k, from.length));
  }

  /**
   * After a mixture that went too far: the plain step from the best state instead, damped; false
   * where none was met.
   */
  boolean retreat() {
    if (best == null) {
      return false;
    }
    mixing.forget();
    damping = Math.max(0.5 * damping, 0.01);
    double part = damping;
    double[] logs = best.logs().clone();
    Arrays.setAll(logs, i -> logs[i] + part * (bestImage.logs()[i] - logs[i]));
    double[] light = best.light().clone();
    Arrays.setAll(light, k -> light[k] + part * (bestImage.light()[k] - light[k]));
    state = new WeightsState(light, logs);
    return true;
  }

  /** The state becomes the best one met; false where there is none, or another one. */
  boolean toBest() {
    if (best == null) {
      return false;
    }
    state = best;
    return factor();
  }

  /** From now on another state. */
  void restart(WeightsState other) {
    mixing.forget();
    damping = 1;
    state = other;
  }

  WeightsState state() {
    return state;
  }

  /** The numbers of the best state met: coordinates, light rows, heavy logarithms. */
  double[] bestNumbers() {
    double[] numbers = new double[problem.numbers()];
    System.arraycopy(problem.coordinatesOrIdentity(), 0, numbers, 0, d * d);
    System.arraycopy(best.light(), 0, numbers, d * d, d * d);
    System.arraycopy(best.logs(), 0, numbers, 2 * d * d, best.logs().length);
    return numbers;
  }

  /** From now on the state with these numbers, or as before where that is none. */
  void restart(double[] numbers) {
    WeightsState before = state;
    double[] light = Arrays.copyOfRange(numbers, d * d, 2 * d * d);
    double[] logs = Arrays.copyOfRange(numbers, 2 * d * d, numbers.length);
    restart(new WeightsState(problem.moved(light, Arrays.copyOf(numbers, d * d)), logs));
    if (!factor()) {
      restart(before);
    }
  }

  /** About the best state so far; null before the first evaluation. */
  WeightsState best() {
    return best;
  }

  double bestError() {
    return bestError;
  }

  /** R^-1 of the state that was factored, on the host. */
  double[] inverseR() {
    return factor.inverseOnHost();
  }

  /** How far weights have moved apart since the start, as a logarithm. */
  double spread() {
    return 0.5 * Math.log(Math.max(growth, 1e-300) * Math.max(shrinkage, 1e-300));
  }
}
