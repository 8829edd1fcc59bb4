package org.levinv.method.local;

import java.util.List;
import org.levinv.device.Vector;
import org.levinv.model.Objective;

/**
 * The model g.y + 0.5 y^T B y of an objective around a point, and steps that minimise it in the
 * local norm ||W A y|| = ||R y||, in which a radius below 1 stays in the cell of signs.
 */
interface QuadraticModel {

  /** Fits B to the point of the objective. */
  void refresh(Objective at);

  /**
   * step = the minimiser, nearly, of the model over ||R y|| at most {@code radius}; true where it
   * lies inside.
   */
  boolean solve(Objective at, Vector g, double radius, Vector step);

  /** to = B v. */
  void times(Objective at, Vector v, Vector to);

  /** Whether another {@link #refresh} at the same point gives another B. */
  default boolean isRandom() {
    return false;
  }

  /** How B is had and why so, one sentence. */
  String choice();

  /** What a careful user should know of B, a sentence each. */
  default List<String> warnings() {
    return List.of();
  }
}
