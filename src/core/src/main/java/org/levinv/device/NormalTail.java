package org.levinv.device;

/**
 * The tail of the normal distribution, for probit weights: M(u) = exp(u^2 / 2) erfc(u / sqrt(2)) =
 * 2 exp(u^2 / 2) Phi(-u), which neither underflows nor cancels. log(M / t) with t = 2 / (2 + u /
 * sqrt(2)) is smooth on [0, 1] and summed as a Chebyshev series in 2 t - 1.
 */
final class NormalTail {

  /** Fitted to SciPy's erfcx at 400 Chebyshev points; the series is right to 2e-14. */
  private static final double[] SERIES = {
    -0.6513268598908536,
    0.6419697923564901,
    0.019476473204186346,
    -0.009561514786809144,
    -0.0009465953444825501,
    0.0003668394978525415,
    4.2523324805953014e-05,
    -2.027857811319041e-05,
    -1.624290005343972e-06,
    1.3036558349444479e-06,
    1.5626442272096916e-08,
    -8.523809635772933e-08,
    6.5290545133868066e-09,
    5.059342278583522e-09,
    -9.91364651946492e-10,
    -2.273664965056353e-10,
    9.646736174605951e-11,
    2.3922990751624385e-12,
    -6.886703194360805e-12,
    8.927986032490502e-13,
    3.1300474037092907e-13,
    -1.1423557521326192e-13,
    4.047465668353431e-16,
    5.590351513237587e-15,
  };

  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  private NormalTail() {}

  /** log M(u), u of 0 or more. */
  static double logM(double u) {
    double t = 2 / (2 + u / Math.sqrt(2));
    double y = 2 * t - 1;
    double b1 = 0;
    double b2 = 0;
    for (int k = SERIES.length - 1; k > 0; k--) { // Clenshaw
      double b = 2 * y * b1 - b2 + SERIES[k];
      b2 = b1;
      b1 = b;
    }
    return Math.log(t) + y * b1 - b2 + SERIES[0];
  }

  /** Phi(-u), u of 0 or more. */
  private static double tail(double u, double logM) {
    return 0.5 * Math.exp(logM - 0.5 * u * u);
  }

  /** log(phi(u) / sqrt(Phi(u) Phi(-u))), u of 0 or more. */
  static double logWeight(double u) {
    double logM = logM(u);
    double logTail = logM - Math.log(2); // log Phi(-u) + u^2 / 2
    return -0.25 * u * u - 0.5 * (LOG_TWO_PI + logTail + Math.log1p(-tail(u, logM)));
  }

  /** Its derivative; phi(u) / Phi(-u) = sqrt(2 / pi) / M(u). */
  static double slope(double u) {
    double logM = logM(u);
    double hazard = Math.sqrt(2 / Math.PI) * Math.exp(-logM);
    double other = Math.exp(-0.5 * (u * u + LOG_TWO_PI)) / (1 - tail(u, logM));
    return -u + 0.5 * (hazard - other);
  }

  /** The derivative of that. */
  static double bend(double u) {
    double logM = logM(u);
    double hazard = Math.sqrt(2 / Math.PI) * Math.exp(-logM);
    double other = Math.exp(-0.5 * (u * u + LOG_TWO_PI)) / (1 - tail(u, logM));
    return -1 + 0.5 * (hazard * (hazard - u) + other * (other + u));
  }
}
