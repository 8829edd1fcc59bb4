package org.levinv.method.local;

import org.levinv.device.Matrix;
import org.levinv.method.Sample;
import org.levinv.model.Objective;

/** The Hessian of one kind of objective from sampled rows. */
public interface HessianEstimate {

  /**
   * H (d x d, symmetric) at the point of the objective, from three independent samples; exact where
   * all three are the same object with every row.
   */
  void evaluate(Objective at, Sample first, Sample second, Sample third, Matrix H);
}
