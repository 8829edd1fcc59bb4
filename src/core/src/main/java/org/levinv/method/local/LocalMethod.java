package org.levinv.method.local;

import java.util.List;
import org.levinv.device.Vector;
import org.levinv.method.Steps;
import org.levinv.method.common.Termination;

/** A method that improves a start point and stays in its cell of signs. */
public interface LocalMethod {

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
   * @param end which rule ended it
   * @param iterations steps tried
   */
  record Outcome(Termination end, int iterations) {}

  /**
   * Improves x (d) in place; once for each instance.
   *
   * @param steps hears of the start of each iteration, with ||F||
   */
  Outcome run(Vector x, Steps steps);

  /** What was recorded on the way. */
  Trace trace();

  /** Which variant was chosen and why, one sentence. */
  String choice();

  /** What a careful user should know, a sentence each. */
  List<String> warnings();
}
