package org.levinv.method.local;

import org.levinv.device.Matrix;
import org.levinv.model.Objective;

/** The Hessian of one kind of objective from rows that were drawn. */
public interface HessianEstimate {

  /**
   * H (d x d, symmetric) at the point of the objective, from three independent draws of the same
   * capacity; exact where all three are the same object with every row. Its mean is the Hessian.
   */
  void evaluate(Objective at, RowDraw first, RowDraw second, RowDraw third, Matrix H);
}
