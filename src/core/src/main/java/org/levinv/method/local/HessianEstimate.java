package org.levinv.method.local;

import org.levinv.device.Matrix;

/** The Hessian of one kind of objective from rows that were drawn. */
public interface HessianEstimate {

  /**
   * H (d x d, symmetric) at the point of the objective, from three independent draws that are
   * loaded there; exact where all three are the same sample of every row. Its mean is the Hessian.
   */
  void evaluate(RowsObjective at, RowSample first, RowSample second, RowSample third, Matrix H);
}
