package org.levinv;

import java.util.function.Supplier;

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
   * A search begins, or begins anew with more rows or another start, since the one before did not
   * find x; by the solving thread.
   *
   * @param number of the attempt, from 1
   * @param rows that it begins with: a sample of n, or all
   */
  default void attempt(int number, long rows) {}

  /**
   * How much of a reading of all rows is done, 0 to 1; by several threads at once and before each
   * of many pieces, so that it should cost nothing to hear it.
   *
   * @param share of the rows
   */
  default void reading(double share) {}

  /**
   * Where the search stands, at each point from which another run could go on; by the solving
   * thread.
   *
   * @param now says so, and moves d numbers from the device for that; to be asked before this
   *     returns, or never
   */
  default void standing(Supplier<Standing> now) {}

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
