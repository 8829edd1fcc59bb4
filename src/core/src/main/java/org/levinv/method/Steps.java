package org.levinv.method;

/** Hears of every step of a stage. */
@FunctionalInterface
public interface Steps {
  void step(String stage, int iteration, double residual);

  /** A search begins with so many rows, for the {@code number}-th time. */
  default void attempt(int number, long rows) {}
}
