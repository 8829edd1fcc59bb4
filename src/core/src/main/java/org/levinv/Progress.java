package org.levinv;

/** Hears how a solve gets on, and may end it. */
@FunctionalInterface
public interface Progress {

  /**
   * One step of a stage: its residual is ||sigma(x) - sigma|| / ||sigma|| on the rows that the
   * stage looks at, work in n d^2 flops.
   */
  record Step(String stage, int iteration, double residual, double work, double seconds) {}

  /** After each step, by the solving thread; a few times a second at most where steps are short. */
  void step(Step step);

  /**
   * Whether the solve should end with the best x so far, with {@link Status#INTERRUPTED}. Asked
   * after each step and during readings of all rows, by several threads at once; an answer that
   * costs nothing.
   */
  default boolean stop() {
    return false;
  }

  /** Hears nothing. */
  static Progress none() {
    return step -> {};
  }
}
