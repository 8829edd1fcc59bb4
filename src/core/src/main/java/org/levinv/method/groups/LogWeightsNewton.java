package org.levinv.method.groups;

import org.levinv.device.Device;

/**
 * The magnitudes to the end, t = -log |s| up to a constant: the minimum of the convex
 *
 * <pre>phi(t) = 0.5 logdet(A^T e^{2t} A) - target . t + mu ||t - t_0||_D^2</pre>
 *
 * whose gradient is sigma(t) - target + 2 mu D (t - t_0), by Newton's method with Levenberg's
 * damping that goes to 0. Directions that the uncertainty of the scores rules are held at the guess
 * t_0, one logit step from equal weights; mu is 0 for exact scores. Steps come from {@link
 * NewtonSteps}.
 */
final class LogWeightsNewton {
  private static final int STEPS = 60;
  private static final int MOST_REJECTED = 6;

  /** A gradient so small, for each root of a row, is no noise's worth. */
  private static final double SETTLED = 1e-5;

  /** So far t_0 is trusted, in t: a larger one lets noise rule more. */
  private static final double GUESS_SPREAD = 5;

  /** Scores count as exact below this uncertainty, which is also what evaluation leaves of them. */
  private static final double EXACT = 1e-12;

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

  /** The gradient in logits is cut there, so that far steps are not endless. */
  private static final double FAR = 4;

  /** Scores are kept that far from 0 and 1. */
  private static final double EDGE = 1e-14;

  private final double[] target;
  private final NewtonSteps newton;
  private final Effort effort;
  private final WeightedBasis basis;
  private final int m;
  private final double[] d0;
  private final double[] t0;
  private final double mu;
  private final double enough;
  private double[] t;
  private double[] sigma;
  private double[] away;
  private double phi;
  private int rejected;

  /**
   * Starts with the basis of equal weights.
   *
   * @param target m scores that sum to d
   * @param delta their uncertainties
   */
  LogWeightsNewton(
      WeightedBasis basis, double[] target, double[] delta, Device device, Effort effort) {
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
    mu = worst > EXACT ? Math.sqrt(noise / m / (sum / m)) / (2 * GUESS_SPREAD) : 0;
    enough = Math.max(EXACT * Math.sqrt(m), mu > 0 ? QUIET * Math.sqrt(noise) : 0);
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
    double[] best = t;
    double damping = 1;
    rejected = 0;
    double reached = Double.POSITIVE_INFINITY;
    double last = Double.POSITIVE_INFINITY;
    for (int steps = 0; steps < STEPS; steps++) { // one linear system, one basis
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
      if (reached < enough || !effort.step("magnitudes", steps, reached)) {
        break;
      }
      double[] step = step(D, gradient, damping, size);
      double before = last;
      last = size;
      if (step == null) {
        damping = Math.max(100 * damping, 1e-13);
        continue;
      }
      if (accepts(step, D)) {
        rejected = 0;
        damping = Math.max(0.1 * damping, 1e-17);
        if (size > SLOW_RATE * before) {
          goOn(step, D);
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

  /** Newton's, damped; null where that is singular. */
  private double[] step(double[] D, double[] gradient, double damping, double size) {
    double[] shift = new double[m];
    for (int i = 0; i < m; i++) {
      shift[i] = 2 * mu * d0[i] + damping * D[i];
    }
    double tolerance = Math.min(0.1, Math.max(1e-3, 10 * size / Math.sqrt(m)));
    return newton.solve(
        new NewtonSteps.Equation(sigma, D, shift, gradient), tolerance, rejected > 0);
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
    double total = 0;
    for (int i = 0; i < m; i++) {
      mean += d0[i] * (of[i] - t0[i]);
      total += d0[i];
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
