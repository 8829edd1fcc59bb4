package org.levinv.app.report;

import java.util.List;
import java.util.Locale;
import org.levinv.Audit;

/** The error of a predictor by the decimals of its scores, as an SVG file. */
public final class AuditPlot {
  private static final String STYLE =
      "<style>text { font: 12px sans-serif } .frame { fill: none; stroke: #888 } .grid { stroke:"
          + " #eee } .path { stroke: #0072b2; fill: none } .dot { fill: #0072b2 }</style>";

  private AuditPlot() {}

  /** The file's content. */
  public static String of(Audit audit) {
    List<Audit.Decimals> all = audit.decimals();
    double[] digits = all.stream().mapToDouble(Audit.Decimals::digits).toArray();
    double[] errors = all.stream().mapToDouble(Audit.Decimals::relativeEtaError).toArray();
    double least = 1;
    double most = 1;
    for (double error : errors) {
      least = Math.min(least, error);
      most = Math.max(most, error);
    }
    Plot plot =
        new Plot(
            "audit",
            "What scores with some decimals leave open",
            Axis.linear(digits.length == 0 ? 0 : digits[0], digits.length == 0 ? 1 : last(digits)),
            "decimals of the scores",
            Axis.log(Math.max(least, 1e-300), most),
            "relative error of Ax - b");
    plot.line(digits, errors, "path");
    for (int k = 0; k < digits.length; k++) {
      String title = String.format(Locale.ROOT, "%.0f decimals: %.1e", digits[k], errors[k]);
      plot.point(digits[k], errors[k], "dot", title);
    }
    return plot.svg()
        .replaceFirst("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ")
        .replaceFirst(">", ">" + STYLE);
  }

  private static double last(double[] values) {
    return values[values.length - 1];
  }
}
