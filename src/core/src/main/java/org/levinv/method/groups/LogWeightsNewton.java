package org.levinv.method.groups;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.common.Anderson;

/**
 * The magnitudes to the end, t = -log |s| up to a constant: the minimum of the convex
 *
 * <pre>phi(t) = 0.5 logdet(A^T e^{2t} A) - target . t + mu ||t - t_0||_D^2</pre>
 *
 * whose gradient is sigma(t) - target + 2 mu D (t - t_0), by Newton's method with Levenberg's
 * damping that goes to 0. Directions that the uncertainty of the scores rules are held at the guess
 * t_0, one logit step from equal weights; mu is 0 for exact scores. Steps come from {@link
 * NewtonSteps}. Near the minimum each iteration of conjugate gradients may as well move t: the
 * gradient there costs less than a product with the Hessian, and what earlier ones have told is not
 * forgotten from step to step.
 */
final class LogWeightsNewton {
  private static final int STEPS = 60;
  private static final int MOST_REJECTED = 6;

  /** A gradient so small, for each root of a row, is no noise's worth. */
  private static final double SETTLED = 1e-5;

  /** So far t_0 is trusted, in t: a larger one lets noise rule more. */
  private static final double GUESS_SPREAD = 5;

  /** A gradient that is so much less than that of the errors is no longer worth a step. */
  private static final double QUIET = 0.02;

  /** No t_i moves by more in one step. */
  private static final double LONGEST = 2;

  /** A step that does not help is tried that often, each time shorter by this factor. */
  private static final int MOST_CUTS = 4;

  private static final double CUT = 0.3;

  /** A step that leaves more of the gradient than this share is repeated, at most so many times. */
  private static final double SLOW_RATE = 0.2;

  private static final int MOST_FURTHER = 4;

  /** Of the gradient's square: an exponential step leaves e^-2. */
  private static final double FURTHER = 0.25;

  /** Near the minimum, where mixed steps take over: a root mean square error of the logits. */
  private static final double NEAR = 0.01;

  /** Mixed steps at most, and earlier ones that each is mixed with: some digits' worth. */
  private static final int MIXED_STEPS = 60;

  private static final int DEPTH = 8;

  /** Steps so cheap go on to this part of what is enough: a placement is less exact than t. */
  private static final double SURELY = 0.1;

  /** The diagonal and the coarse space reach the same directions: twice too far at most. */
  private static final double RELAXATION = 0.5;

  /** So many mixed steps leave this part of the gradient at most, and a single one does not ... */
  private static final int PATIENCE = 10;

  private static final double SLOW_MIXING = 0.1;

  /** ... raise it by more than this: else Newton's steps go on. */
  private static final double MOST_RISE = 2;

  /** The gradient in logits is cut there, so that far steps are not endless. */
  private static final double FAR = 4;

  /** Scores are kept that far from 0 and 1. */
  private static final double EDGE = 1e-14;

  private final double[] target;
  private final NewtonSteps newton;
  private final Device device;
  private final Effort effort;
  private final WeightedBasis basis;
  private final int m;
  private final double[] d0;
  private final double[] t0;
  private final double total; // of d0
  private final double mu;
  private final double enough;
  private double[] t;
  private double[] sigma;
  private double[] away;
  private double phi;
  private double[] best;
  private double reached;
  private int steps;
  private int rejected;

  /**
   * Starts with the basis of equal weights.
   *
   * @param target m scores that sum to d
   * @param delta their uncertainties
   */
  LogWeightsNewton(
      WeightedBasis basis, double[] target, double[] delta, Device device, Effort effort) {
    this.device = device;
    this.effort = effort;
    this.basis = basis;
    m = target.length;
    newton = new NewtonSteps(basis, device, effort);
    this.target = new double[m];
    d0 = new double[m];
    t0 = new double[m];
    double[] equal = basis.scores();
    double noise = 0;
    double sum = 0;
    double worst = 0;
    for (int i = 0; i < m; i++) {
      this.target[i] = clip(target[i]);
      d0[i] = this.target[i] * (1 - this.target[i]);
      t0[i] = 0.5 * (logit(this.target[i]) - logit(clip(equal[i])));
      double bounded = Math.min(delta[i], this.target[i]);
      noise += bounded * bounded / d0[i];
      sum += d0[i];
      worst = Math.max(worst, delta[i]);
    }
    total = sum;
    mu = worst > GroupProblem.EXACT ? Math.sqrt(noise / m / (sum / m)) / (2 * GUESS_SPREAD) : 0;
    enough = Math.max(GroupProblem.EXACT * Math.sqrt(m), mu > 0 ? QUIET * Math.sqrt(noise) : 0);
  }

  static double logit(double s) {
    return Math.log(s) - Math.log1p(-s);
  }

  private static double clip(double s) {
    return Math.min(Math.max(s, EDGE), 1 - EDGE);
  }

  double mu() {
    return mu;
  }

  /** t_0 itself: one logit step from equal weights. */
  double[] guess() {
    return t0.clone();
  }

  /** t with mean 0; the basis is left at about these weights. Null where A is singular. */
  double[] run() {
    t = t0.clone();
    double[] f = new double[m];
    double top = largest(t);
    for (int i = 0; i < m; i++) {
      f[i] = Math.exp(t[i] - top);
    }
    if (!basis.tryFactors(f)) {
      return null;
    }
    basis.accept();
    double shift = basis.columns() * top;
    sigma = basis.scores();
    away = distance(t);
    phi = value(basis.logDeterminant() + shift, t, away);
    rejected = 0;
    steps = 0;
    reached = Double.POSITIVE_INFINITY;
    double damping = 1;
    double last = Double.POSITIVE_INFINITY;
    boolean mixes = true;
    Slope now = slope();
    for (int k = 0; k < STEPS && goesOn(now, enough); k++) { // one linear system, one basis
      double[] step = step(now, damping);
      double before = last;
      last = now.size;
      if (step == null) {
        damping = Math.max(100 * damping, 1e-13);
        continue;
      }
      if (accepts(step, now.D)) {
        rejected = 0;
        damping = Math.max(0.1 * damping, 1e-17);
        if (now.size > SLOW_RATE * before) {
          goOn(step, now.D);
        }
        now = slope();
        if (mixes && newton.hasCoarseSpace() && now.size < NEAR * Math.sqrt(total)) {
          mixes = false;
          now = mix(now);
        }
      } else {
        damping = Math.max(10 * damping, 1e-14);
        boolean settled = mu > 0 && reached < SETTLED * Math.sqrt(m);
        if (++rejected > MOST_REJECTED || settled) {
          break;
        }
      }
    }
    return centered(best);
  }

  /**
   * At t.
   *
   * @param D the diagonal of L
   * @param gradient of phi, by the errors of the logits
   * @param size in the metric D
   */
  private record Slope(double[] D, double[] gradient, double size) {}

  /** There, which is the best t so far where it is smaller than any. */
  private Slope slope() {
    double[] D = new double[m];
    double[] gradient = new double[m];
    double size = 0;
    for (int i = 0; i < m; i++) {
      double s = Math.min(Math.max(sigma[i], 1e-300), 1 - 1e-16);
      D[i] = Math.max(s * (1 - s), 1e-16 + 1e-3 * d0[i]);
      double logits = Math.min(Math.max(logit(s) - logit(target[i]), -FAR), FAR);
      double pull = 2 * mu * d0[i] * away[i];
      gradient[i] = D[i] * logits + pull;
      size += gradient[i] * gradient[i] / D[i];
    }
    size = Math.sqrt(size);
    if (size < reached) {
      reached = size;
      best = t;
    }
    return new Slope(D, gradient, size);
  }

  private boolean goesOn(Slope now, double least) {
    return !(reached < least) && effort.step("magnitudes", steps++, now.size);
  }

  /**
   * Steps with a preconditioner in the place of the Hessian, Anderson-mixed, to the end or until
   * they no longer help. One basis each.
   */
  private Slope mix(Slope from) {
    Slope now = from;
    try (Workspace own = new Workspace(device)) {
      Anderson mixing = new Anderson(DEPTH, m, m, own);
      Vector z = own.vector(m);
      Vector f = own.vector(m);
      Vector next = own.vector(m);
      Vector root = own.vector(m);
      newton.renewCoarseSpace();
      double before = now.size;
      double last = now.size;
      double least = mu > 0 ? enough : SURELY * enough;
      for (int k = 0; k < MIXED_STEPS && now.size <= MOST_RISE * last && goesOn(now, least); k++) {
        if (k % PATIENCE == PATIENCE - 1) {
          if (now.size > SLOW_MIXING * before) {
            break;
          }
          before = now.size;
        }
        last = now.size;
        device.upload(t, z);
        device.upload(newton.preconditioned(equation(now, 0), RELAXATION), f);
        device.upload(Arrays.stream(now.D).map(Math::sqrt).toArray(), root);
        mixing.next(z, f, (step, measured) -> device.multiply(root, step, measured), next);
        double[] move = new double[m];
        device.download(next, move);
        Arrays.setAll(move, i -> move[i] - t[i]);
        Trial trial = trial(1, move, now.D);
        if (trial == null) {
          break;
        }
        accept(trial);
        now = slope();
      }
    }
    return now;
  }

  /** Newton's, damped; null where that is singular. */
  private double[] step(Slope now, double damping) {
    double tolerance = Math.min(0.1, Math.max(1e-3, 10 * now.size / Math.sqrt(m)));
    return newton.solve(equation(now, damping), tolerance, rejected > 0);
  }

  private NewtonSteps.Equation equation(Slope now, double damping) {
    double[] shift = new double[m];
    for (int i = 0; i < m; i++) {
      shift[i] = 2 * mu * d0[i] + damping * now.D[i];
    }
    return new NewtonSteps.Equation(sigma, now.D, shift, now.gradient);
  }

  private boolean accepts(double[] step, double[] D) {
    double plain = plain(sigma, away, D);
    double longest = 0;
    for (double value : step) {
      longest = Math.max(longest, Math.abs(value));
    }
    double a = longest > LONGEST ? LONGEST / longest : 1;
    for (int cut = 0; cut < MOST_CUTS; cut++, a *= CUT) { // one basis
      Trial trial = trial(a, step, D);
      if (trial != null
          && (trial.phi < phi - 1e-13 * Math.abs(phi) || trial.plain < 0.81 * plain)) {
        accept(trial);
        return true;
      }
    }
    return false;
  }

  /**
   * Further along a step: where rows far outweigh the others, what is left of their scores falls
   * exponentially with t, and each Newton step takes the same way.
   */
  private void goOn(double[] step, double[] D) {
    double a = 1;
    for (double value : step) {
      a = Math.min(a, LONGEST / Math.abs(value));
    }
    double plain = plain(sigma, away, D);
    for (int k = 0; k < MOST_FURTHER; k++) { // one basis
      Trial trial = trial(a, step, D);
      if (trial == null || !(trial.plain < FURTHER * plain)) {
        return;
      }
      accept(trial);
      plain = trial.plain;
    }
  }

  /** A point, its scores, its distance from the guess, phi and the square of its gradient. */
  private record Trial(double[] t, double[] sigma, double[] away, double phi, double plain) {}

  /** The point at a step, or null where A is singular there. */
  private Trial trial(double a, double[] step, double[] D) {
    double[] trial = new double[m];
    double[] f = new double[m];
    for (int i = 0; i < m; i++) {
      trial[i] = t[i] + a * step[i];
      f[i] = Math.exp(a * step[i]);
    }
    if (!basis.tryFactors(f)) {
      return null;
    }
    double[] trialSigma = basis.trialScores();
    double[] trialAway = distance(trial);
    double change = basis.trialLogDeterminant() - basis.logDeterminant();
    double trialPhi = phi + change + value(0, trial, trialAway) - value(0, t, away);
    return new Trial(trial, trialSigma, trialAway, trialPhi, plain(trialSigma, trialAway, D));
  }

  private void accept(Trial trial) {
    basis.accept();
    t = trial.t;
    sigma = trial.sigma;
    away = trial.away;
    phi = trial.phi;
  }

  /** The square of the gradient, in the metric D. */
  private double plain(double[] of, double[] e, double[] D) {
    double sum = 0;
    for (int i = 0; i < m; i++) {
      double g = of[i] - target[i] + 2 * mu * d0[i] * e[i];
      sum += g * g / D[i];
    }
    return sum;
  }

  private double value(double half, double[] of, double[] e) {
    double sum = half;
    for (int i = 0; i < m; i++) {
      sum += mu * d0[i] * e[i] * e[i] - target[i] * of[i];
    }
    return sum;
  }

  /** t - t_0 without its mean in the metric D. */
  private double[] distance(double[] of) {
    double mean = 0;
    for (int i = 0; i < m; i++) {
      mean += d0[i] * (of[i] - t0[i]);
    }
    double[] e = new double[m];
    for (int i = 0; i < m; i++) {
      e[i] = of[i] - t0[i] - mean / total;
    }
    return e;
  }

  private static double largest(double[] of) {
    double top = Double.NEGATIVE_INFINITY;
    for (double value : of) {
      top = Math.max(top, value);
    }
    return top;
  }

  static double[] centered(double[] of) {
    double mean = 0;
    for (double value : of) {
      mean += value / of.length;
    }
    double[] c = new double[of.length];
    for (int i = 0; i < c.length; i++) {
      c[i] = of[i] - mean;
    }
    return c;
  }
}
