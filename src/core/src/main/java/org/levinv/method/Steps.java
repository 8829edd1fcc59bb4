package org.levinv.method;

/** Hears of every step of a stage. */
@FunctionalInterface
public interface Steps {
  void step(String stage, int iteration, double residual);
}
