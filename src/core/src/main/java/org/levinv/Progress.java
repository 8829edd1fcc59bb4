package org.levinv;

/**
 * Hears how a solve gets on. Called by the solving thread, a few times a second at most where steps
 * are short.
 */
@FunctionalInterface
public interface Progress {

  /**
   * One step of a stage: its residual is ||sigma(x) - sigma|| / ||sigma|| on the rows that the
   * stage looks at, work in n d^2 flops.
   */
  record Step(String stage, int iteration, double residual, double work, double seconds) {}

  void step(Step step);

  /** Hears nothing. */
  static Progress none() {
    return step -> {};
  }
}
