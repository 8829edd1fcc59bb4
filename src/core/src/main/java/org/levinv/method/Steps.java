package org.levinv.method;

import java.util.function.Supplier;

/** Hears of every step of a stage. */
@FunctionalInterface
public interface Steps {
  void step(String stage, int iteration, double residual);

  /** A search begins with so many rows, for the {@code number}-th time. */
  default void attempt(int number, long rows) {}

  /**
   * The stage is at its best point so far, from which it could begin anew.
   *
   * @param x d values in the coordinates of who began the stage, for who asks at once
   */
  default void point(Supplier<double[]> x) {}
}
