package org.levinv.solve;

import org.levinv.pass.ResidualProfile;

/**
 * The noise that residuals at a least-squares optimum look like: independent errors with variance
 * a^2 + m^2 sigma_i^2, additive and proportional, by the likelihood of normal errors. Scores of all
 * sizes have their say, so that a wrong x is told from noise: its residuals are as large as the
 * scores themselves, whatever their size.
 *
 * @param additive a
 * @param proportional m
 * @param chi the root mean square residual in units of its standard deviation: 1 for noise, more
 *     where scores above 0 rule out noise as loud as the residuals
 * @param standardized the largest residual in units of its standard deviation, for the noise that
 *     all others look like: one wrong score makes no noise that explains it
 * @param row that has it, or -1
 */
record NoiseFit(double additive, double proportional, double chi, double standardized, long row) {

  /**
   * Proportional noise beyond this says nothing of a score: what it explains, a failed search
   * explains too. Larger: failed searches are called optima.
   */
  static final double MOST_PROPORTIONAL = 0.3;

  /** Factor between the values of a and m that are tried first, and of those around the best. */
  private static final double COARSE = 1.6;

  private static final double FINE = 1.1;

  private static final double LEAST_ADDITIVE = 1e-17;
  private static final double LEAST_PROPORTIONAL = 1e-12;
  private static final double LARGEST = 4;

  /** Scores below zero expected of noise that makes none, once in a hundred times: log 100. */
  private static final double SPARE = 4.6;

  /** Nearest to what {@code profile} shows, with so many targets at 0 or below. */
  static NoiseFit of(ResidualProfile profile, double notPositive) {
    NoiseFit all = ofAll(profile, notPositive);
    int bin = outermost(profile, all);
    NoiseFit others = bin < 0 ? all : ofAll(without(profile, bin), notPositive);
    double score = ResidualProfile.score(Math.max(bin, 0));
    double deviation = Math.min(all.deviation(score), others.deviation(score));
    double most = bin < 0 ? 0 : Math.abs(profile.largest()[bin]) / deviation;
    long row = bin < 0 ? -1 : profile.rows()[bin];
    return new NoiseFit(all.additive, all.proportional, all.chi, most, row);
  }

  private static NoiseFit ofAll(ResidualProfile profile, double notPositive) {
    Search search = new Search(profile, 3 * notPositive + SPARE);
    for (double a = LEAST_ADDITIVE; a <= LARGEST; a *= COARSE) {
      for (double m = LEAST_PROPORTIONAL; m <= LARGEST; m *= COARSE) {
        search.offer(a, m);
      }
    }
    if (!search.hasFound()) { // scores below any of these: noise in proportion leaves them above 0
      for (double m = LEAST_PROPORTIONAL; m <= LARGEST; m *= COARSE) {
        search.offer(0, m);
      }
    }
    double a = search.additive / COARSE;
    double m = search.proportional / COARSE;
    for (double f = 1; f <= COARSE * COARSE; f *= FINE) {
      for (double g = 1; g <= COARSE * COARSE; g *= FINE) {
        search.offer(a * f, m * g);
      }
    }
    return new NoiseFit(
        search.additive,
        search.proportional,
        chi(profile, search.additive, search.proportional),
        Double.NaN,
        -1); // of all, and not of all others
  }

  /** The best pair so far. */
  private static final class Search {
    private final ResidualProfile profile;
    private final double mostNegatives;
    private double least = Double.POSITIVE_INFINITY;
    private double additive;
    private double proportional;

    Search(ResidualProfile profile, double mostNegatives) {
      this.profile = profile;
      this.mostNegatives = mostNegatives;
    }

    boolean hasFound() {
      return least < Double.POSITIVE_INFINITY;
    }

    void offer(double a, double m) {
      double value = deviance(profile, a, m);
      if (value < least && negatives(profile, a, m) <= mostNegatives) {
        least = value;
        additive = a;
        proportional = m;
      }
    }
  }

  /** The standard deviation of a score. */
  double deviation(double score) {
    return Math.hypot(additive, proportional * score);
  }

  /** -2 log likelihood of normal errors, up to a constant. */
  private static double deviance(ResidualProfile profile, double a, double m) {
    double sum = 0;
    for (int k = 0; k < profile.counts().length; k++) {
      if (profile.counts()[k] > 0) {
        double score = ResidualProfile.score(k);
        double variance = a * a + m * m * score * score;
        sum += profile.counts()[k] * Math.log(variance) + profile.squares()[k] / variance;
      }
    }
    return sum;
  }

  /** Scores at 0 or below to be expected: how loud additive noise can be is told by them. */
  private static double negatives(ResidualProfile profile, double a, double m) {
    double sum = 0;
    for (int k = 0; k < profile.counts().length; k++) {
      if (profile.counts()[k] > 0) {
        double score = ResidualProfile.score(k);
        sum += profile.counts()[k] * below(score / Math.hypot(a, m * score));
      }
    }
    return sum;
  }

  private static double chi(ResidualProfile profile, double a, double m) {
    double sum = 0;
    double rows = 0;
    for (int k = 0; k < profile.counts().length; k++) {
      if (profile.counts()[k] > 0) {
        double deviation = Math.hypot(a, m * ResidualProfile.score(k));
        sum += profile.squares()[k] / (deviation * deviation);
        rows += profile.counts()[k];
      }
    }
    return rows == 0 ? Double.POSITIVE_INFINITY : Math.sqrt(sum / rows); // no scores at all
  }

  /** Where the largest standardised residual is; -1 where there are none. */
  private static int outermost(ResidualProfile profile, NoiseFit fit) {
    int bin = -1;
    double most = 0;
    for (int k = 0; k < profile.counts().length; k++) {
      double value = Math.abs(profile.largest()[k]) / fit.deviation(ResidualProfile.score(k));
      if (profile.counts()[k] > 0 && value > most) {
        most = value;
        bin = k;
      }
    }
    return bin;
  }

  /** The profile without the largest residual of a bin. */
  private static ResidualProfile without(ResidualProfile profile, int bin) {
    double[] counts = profile.counts().clone();
    double[] squares = profile.squares().clone();
    double[] largest = profile.largest().clone();
    counts[bin]--;
    squares[bin] = Math.max(0, squares[bin] - largest[bin] * largest[bin]);
    largest[bin] = 0;
    return new ResidualProfile(
        profile.chiSquare(),
        profile.largestRatio(),
        profile.largestRow(),
        counts,
        squares,
        largest,
        profile.rows());
  }

  /**
   * The probability that a standard normal number is below -z, z at least 0, to some 1e-3: G.
   * Polya, "Remarks on computing the probability integral in one and two dimensions", 1949.
   */
  private static double below(double z) {
    return 0.5 * (1 - Math.sqrt(-Math.expm1(-2 * z * z / Math.PI)));
  }
}
