package org.levinv.method.local;

import java.util.List;
import org.levinv.device.Vector;

/** A method that improves a start point and stays in its cell of signs. */
public interface LocalMethod {

  /** How a run ended. */
  enum Status {
    /** At a minimum, or at the residual asked for, or as near as rounding allows. */
    CONVERGED,
    /** No step lowers the objective although its model says so. */
    STALLED,
    /** The limit was reached. */
    ITERATION_LIMIT
  }

  /**
   * When to stop.
   *
   * @param residual ||F|| below which nothing is left to do
   * @param iterations limit on the steps tried
   */
  record Limits(double residual, int iterations) {}

  /**
   * The end of a run.
   *
   * @param iterations steps tried
   * @param predictedDecrease of the objective by one more step, according to the model
   */
  record Outcome(Status status, int iterations, double predictedDecrease) {}

  /** Hears how a run gets on. */
  @FunctionalInterface
  interface Listener {
    /** At the start of an iteration, with ||F||. */
    void step(int iteration, double residualNorm);
  }

  /** Improves x (d) in place; once for each instance. */
  Outcome run(Vector x, Listener listener);

  /** What was recorded on the way. */
  Trace trace();

  /** Which variant was chosen and why, one sentence. */
  String choice();

  /** What a careful user should know, a sentence each. */
  default List<String> warnings() {
    return List.of();
  }
}
