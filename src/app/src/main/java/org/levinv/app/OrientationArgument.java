package org.levinv.app;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.levinv.InvalidInputException;
import org.levinv.Orientation;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import picocli.CommandLine.Option;

/** What tells x from -x where both have the same scores. */
final class OrientationArgument {
  private static final Pattern SIGN = Pattern.compile("(.+):([+-])");

  @Option(
      names = "--orient",
      paramLabel = "y|COLUMN:SIGN",
      description =
          "What picks one of x and -x where both have the same scores: a file of the responses, n"
              + " numbers from 0 to 1, or a coefficient's sign, such as age:+ or 2:- (names of the"
              + " matrix, or columns from 0).")
  private String orient;

  private Matcher sign() {
    Matcher matcher = orient == null ? null : SIGN.matcher(orient);
    return matcher != null && matcher.matches() ? matcher : null;
  }

  private boolean isFile() {
    return orient != null && sign() == null;
  }

  void addTo(Map<String, Path> inputs) {
    if (isFile()) {
      inputs.put("orient", Path.of(orient));
    }
  }

  /** The sign of a coefficient as it was given; "" for none. */
  String word() {
    return sign() == null ? "" : orient;
  }

  void check(Weights weights) {
    if (orient == null) {
      return;
    }
    if (weights.isBarrier()) {
      throw new InvalidInputException(
          "--orient: expected --weights NAME of a generalised linear model with it");
    }
    if (isFile()) {
      Words.requireFile("--orient", "COLUMN:+, COLUMN:-", orient, "");
    }
  }

  /** The responses, to be closed; null where there are none. */
  VectorSource open(RowSource A, StatusLine line) {
    return isFile() ? Shapes.openRows(Path.of(orient), A, line) : null;
  }

  /** What was given. */
  Orientation of(RowSource A, VectorSource response) {
    if (orient == null) {
      return Orientation.ANY;
    }
    return response == null
        ? Orientation.ofCoefficient(column(A), sign().group(2).equals("+"))
        : Orientation.of(response);
  }

  private int column(RowSource A) {
    String word = sign().group(1);
    List<String> names = Inputs.columnNames(A);
    int found = names == null ? -1 : names.indexOf(word);
    if (found < 0 && word.matches("[0-9]{1,9}")) {
      found = Integer.parseInt(word);
    }
    if (found < 0 || found >= A.columns()) {
      throw new InvalidInputException(
          "--orient: expected a column of "
              + A.name()
              + ", its name or a number from 0 to "
              + (A.columns() - 1)
              + ", got '"
              + word
              + "'");
    }
    return found;
  }
}
