package org.levinv.method;

import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.model.GramFactor;

/**
 * A linear model of the equations in x: how the logits of their scores answer to a move. It is kept
 * from one iteration to the next as long as it serves.
 */
interface ReducedModel {

  /** dx = the move that brings the logits to their targets, f being half their differences. */
  void step(Vector f, Vector dx);

  /** The factor R whose ||R dx|| measures moves, given that of all rows. */
  Matrix measure(GramFactor gram);
}
