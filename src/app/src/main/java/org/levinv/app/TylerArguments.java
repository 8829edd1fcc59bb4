package org.levinv.app;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.levinv.InvalidInputException;
import org.levinv.Tyler;
import org.levinv.Tyler.Location;
import org.levinv.Tyler.Normalisation;
import org.levinv.device.RowSource;
import picocli.CommandLine.Option;

/** What belongs to {@code scale --tyler}. */
final class TylerArguments {
  @Option(
      names = "--location",
      paramLabel = "WHERE",
      description =
          "With --tyler, what rows are taken about: origin (default), mean or median (of each"
              + " column), hr (the affine equivariant median of Hettmansperger and Randles, found"
              + " with the scatter), or a file of d values.")
  private String location;

  @Option(
      names = {"--normalise", "--normalize"},
      paramLabel = "SIZE",
      description =
          "With --tyler, the scatter matrix has trace d (trace, default) or determinant 1 (det).")
  private String normalise;

  @Option(
      names = "--shrinkage",
      paramLabel = "RHO",
      description =
          "With --tyler, the weight of the identity in the regularised estimator, from 0 to below 1;"
              + " auto (default): 0 where rows are more than columns, and else what is best for rows"
              + " of an elliptical distribution.")
  private String shrinkage;

  /** Without {@code --tyler} none of these says anything. */
  void refuse() {
    String given =
        location != null ? "--location" : normalise != null ? "--normalise" : "--shrinkage";
    if (location != null || normalise != null || shrinkage != null) {
      throw new InvalidInputException(given + ": expected --tyler with it");
    }
  }

  /** The files among these options. */
  List<Path> files() {
    return location == null || word().isPresent() ? List.of() : List.of(Path.of(location));
  }

  /** Before any work. */
  void check() {
    normalisation();
    shrinkage();
  }

  Tyler tyler(RowSource A) {
    Tyler tyler = Tyler.aboutOrigin().normalisedBy(normalisation()).withShrinkage(shrinkage());
    if (location == null) {
      return tyler;
    }
    return word()
        .map(tyler::about)
        .orElseGet(() -> tyler.about(Shapes.columnsVector(Path.of(location), A)));
  }

  private Optional<Location> word() {
    return Arrays.stream(Location.values())
        .filter(l -> l != Location.GIVEN && l.word().equals(location.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  private Normalisation normalisation() {
    return normalise == null
        ? Normalisation.TRACE
        : Arrays.stream(Normalisation.values())
            .filter(n -> n.word().equals(normalise.toLowerCase(Locale.ROOT)))
            .findFirst()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "--normalise: expected trace or det, got " + normalise));
  }

  private double shrinkage() {
    if (shrinkage == null || shrinkage.equalsIgnoreCase("auto")) {
      return Double.NaN;
    }
    try {
      double rho = Double.parseDouble(shrinkage);
      if (rho >= 0 && rho < 1) {
        return rho;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new InvalidInputException(
        "--shrinkage: expected auto or a number from 0 to below 1, got " + shrinkage);
  }
}
