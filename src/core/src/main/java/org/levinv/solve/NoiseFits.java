package org.levinv.solve;

import org.levinv.pass.ResidualProfile;

/** What noise residuals look like; the last answer is kept, since every verdict asks for it. */
final class NoiseFits {
  private final double notPositive;
  private ResidualProfile last;
  private NoiseFit fit;

  /**
   * @param notPositive targets at 0 or below
   */
  NoiseFits(double notPositive) {
    this.notPositive = notPositive;
  }

  NoiseFit of(ResidualProfile residuals) {
    if (residuals != last) {
      fit = NoiseFit.of(residuals, notPositive);
      last = residuals;
    }
    return fit;
  }
}
