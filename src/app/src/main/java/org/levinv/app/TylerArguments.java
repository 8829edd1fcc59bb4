package org.levinv.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.levinv.InvalidInputException;
import org.levinv.Tyler;
import org.levinv.Tyler.Location;
import org.levinv.Tyler.Normalisation;
import org.levinv.device.RowSource;
import picocli.CommandLine.Option;

/** What belongs to {@code scale --tyler}. */
final class TylerArguments {
  private static final Words.Locations LOCATIONS = new Words.Locations();

  @Option(
      names = "--location",
      paramLabel = "WHERE",
      completionCandidates = Words.Locations.class,
      description =
          "With --tyler, what rows are taken about: origin (default), mean or median (of each"
              + " column), hr (the affine equivariant median of Hettmansperger and Randles, found"
              + " with the scatter), or a file of d values.")
  private String location;

  @Option(
      names = {"--normalise", "--normalize"},
      paramLabel = "SIZE",
      converter = Words.Normalisations.class,
      completionCandidates = Words.Normalisations.class,
      description =
          "With --tyler, the scatter matrix has trace d (trace, default) or determinant 1 (det).")
  private Normalisation normalise;

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
    return location == null || LOCATIONS.find(location) != null
        ? List.of()
        : List.of(Path.of(location));
  }

  /** Before any work. */
  void check() {
    if (location != null) {
      LOCATIONS.requireWordOrFile("--location", location);
    }
    shrinkage();
  }

  /** What else than a file leads to another answer, as it was given. */
  Map<String, String> words() {
    return Map.of(
        "location",
        location == null || !files().isEmpty() ? "" : location.toLowerCase(Locale.ROOT),
        "normalise",
        normalise == null ? "" : normalise.word(),
        "shrinkage",
        shrinkage == null ? "" : shrinkage.toLowerCase(Locale.ROOT));
  }

  Tyler tyler(RowSource A) {
    Tyler tyler = Tyler.aboutOrigin().withShrinkage(shrinkage());
    if (normalise != null) {
      tyler = tyler.normalisedBy(normalise);
    }
    if (location == null) {
      return tyler;
    }
    Location word = LOCATIONS.find(location);
    return word == null
        ? tyler.about(Shapes.columnsVector(Path.of(location), A))
        : tyler.about(word);
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
        "--shrinkage: expected auto or a number from 0 to below 1, got '" + shrinkage + "'");
  }
}
