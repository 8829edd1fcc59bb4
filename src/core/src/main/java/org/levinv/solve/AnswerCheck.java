package org.levinv.solve;

/** Recomputes what an answer is from the original data, whatever the solver did. */
interface AnswerCheck {

  /**
   * What an answer is.
   *
   * @param scores sigma(x), n
   * @param relativeResidual of the scores, or of the gradient
   * @param rounding what rounding of the data alone does to it
   */
  record Figures(double[] scores, double relativeResidual, double rounding) {}

  /** What residuals are relative to: the length of the target, or what stands for it if it is 0. */
  double size();

  /** At x, d values. */
  Figures at(double[] x);

  /** Flops so far in units of n d^2. */
  double work();

  /** Times that A was read. */
  double passes();
}
