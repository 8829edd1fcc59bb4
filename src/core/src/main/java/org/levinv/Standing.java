package org.levinv;

import java.util.Locale;
import java.util.Objects;
import org.levinv.small.Counted;

/**
 * Where a search stands, as its {@link Progress} hears: a later run with the same problem and
 * options goes on from here by {@link Options#withStanding}. What was searched in vain is not
 * searched again, and x is taken up where it was. The answer is held to the same tests; its last
 * bits may be others than those of a run that was not ended.
 *
 * @param stage what x is for
 * @param searches that ended before this one
 * @param attempts of this search that ended before the one at hand
 * @param x d values, or those of a state of {@link Inverter#scale} and {@link Inverter#tyler}; null
 *     where there is none yet; copied
 * @param work so far in n d^2 flops, that of earlier runs included
 * @param seconds so far, likewise
 */
public record Standing(
    Stage stage, int searches, int attempts, double[] x, double work, double seconds) {

  /** What x is for. */
  public enum Stage {
    /** An attempt begins: the best x before it, which is not where it goes on. */
    ATTEMPT,
    /** The global method refines x. */
    REFINEMENT,
    /** Least squares descends from x. */
    LEAST_SQUARES,
    /** A local method is at x. */
    LOCAL,
    /** Row weights are searched: x has the numbers of its state, not d of them. */
    WEIGHTS,
    /** Likewise the location of Tyler's estimator, with the scatter about it. */
    LOCATION
  }

  public Standing {
    Objects.requireNonNull(stage, "stage");
    if (searches < 0 || attempts < 0) {
      throw new InvalidInputException(
          "standing: expected 0 or more searches and attempts, got "
              + searches
              + " and "
              + attempts);
    }
    if (!(work >= 0 && seconds >= 0)) {
      throw new InvalidInputException(
          "standing: expected work and seconds of 0 or more, got " + work + " and " + seconds);
    }
    if (x == null && stage != Stage.ATTEMPT) {
      throw new InvalidInputException("standing: expected an x at stage " + stage);
    }
    if (x != null) {
      Problem.checkFinite("standing", x);
      x = x.clone();
    }
  }

  /** Where it is and what it took, one line. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s after %s and %s, work %.1f, %.2f s",
        stage.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        Counted.of(searches, "search", "searches"),
        Counted.of(attempts, "attempt"),
        work,
        seconds);
  }
}
