package org.levinv.pass;

import java.io.Serializable;

/**
 * What rounding of some rows does to the scores of others, in the mean.
 *
 * @param entries by entries of A, to a score, relatively
 * @param slacks by slacks, to half a logit; infinite where that is not known
 */
public record SharedRounding(double entries, double slacks) implements Serializable {

  /** None at all. */
  public static final SharedRounding NONE = new SharedRounding(0, 0);
}
