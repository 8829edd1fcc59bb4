package org.levinv;

import java.util.Locale;
import java.util.Objects;

/**
 * What Tyler's M-estimator of scatter is asked for. Start from {@link #aboutOrigin()}.
 *
 * @param location what rows are taken about
 * @param given the point of {@link Location#GIVEN}, d values; else null
 * @param normalisation of the scatter matrix, which the rows leave free
 * @param shrinkage rho of the regularised estimator S = (1 - rho) (d/n) sum of a a^T / (a^T S^-1 a)
 *     + rho I with trace d: 0 for Tyler's own, which needs more rows than columns; NaN for 0 where
 *     there are, and else the rho that is best for rows of an elliptical distribution
 */
public record Tyler(
    Location location, double[] given, Normalisation normalisation, double shrinkage) {

  /** What rows are taken about. */
  public enum Location {
    /** 0: rows are as they are. */
    ORIGIN,
    /** The mean of each column. */
    MEAN,
    /** The median of each column. */
    MEDIAN,
    /**
     * The affine equivariant median, found with the scatter (Thomas Hettmansperger and Ronald
     * Randles, "A practical affine equivariant multivariate median", 2002).
     */
    HR,
    /** A point that is given. */
    GIVEN;

    /** The word of the command line and of result.json: the name in lower case. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How large the scatter matrix is. */
  public enum Normalisation {
    /** Trace d. */
    TRACE,
    /** Determinant 1. */
    DET;

    /** Likewise. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Tyler {
    Objects.requireNonNull(location, "location");
    Objects.requireNonNull(normalisation, "normalisation");
    if ((given != null) != (location == Location.GIVEN)) {
      throw new InvalidInputException("location: expected a point for GIVEN, and for no other");
    }
    if (given != null) {
      given = given.clone();
      Problem.checkFinite("location", given);
    }
    if (!Double.isNaN(shrinkage) && !(shrinkage >= 0 && shrinkage < 1)) {
      throw new InvalidInputException(
          "shrinkage: expected a number from 0 to below 1, got " + shrinkage);
    }
  }

  /** Rows about the origin, trace d, shrinkage only where rows are no more than columns. */
  public static Tyler aboutOrigin() {
    return new Tyler(Location.ORIGIN, null, Normalisation.TRACE, Double.NaN);
  }

  /** Not {@link Location#GIVEN}. */
  public Tyler about(Location value) {
    return new Tyler(value, null, normalisation, shrinkage);
  }

  /** About a point of d values. */
  public Tyler about(double[] point) {
    return new Tyler(Location.GIVEN, point, normalisation, shrinkage);
  }

  public Tyler normalisedBy(Normalisation value) {
    return new Tyler(location, given, value, shrinkage);
  }

  /** NaN for automatic. */
  public Tyler withShrinkage(double value) {
    return new Tyler(location, given, normalisation, value);
  }
}
