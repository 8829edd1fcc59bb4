package org.levinv.app.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.levinv.Result;

/** What a report shows of x. */
final class SolutionSection {

  /** Columns whose names stand beside the plot of x; more are numbered. */
  private static final int NAMED = 50;

  /** Columns in plot and table (some MiB of HTML); x.csv has all. */
  private static final int SHOWN = 2000;

  private final Page page;
  private final Result result;
  private final List<String> names;

  /**
   * @param names of the columns, or null
   */
  SolutionSection(Page page, Result result, List<String> names) {
    this.page = page;
    this.result = result;
    this.names = names;
  }

  /** Adds it. */
  void add() {
    page.section("x", "x");
    double[] x = result.x();
    if (x == null || Arrays.stream(x).anyMatch(v -> !Double.isFinite(v))) {
      page.paragraph("There is no x.");
      page.end();
      return;
    }
    int shown = Math.min(x.length, SHOWN);
    double[] error = result.xError();
    double[] half = new double[x.length];
    boolean any = false;
    for (int j = 0; j < x.length; j++) {
      boolean known = error != null && Double.isFinite(error[j]);
      half[j] = known ? Figures.NORMAL_95 * error[j] : 0;
      any |= known;
    }
    page.add(solutionPlot(x, half, shown).svg());
    page.paragraph(
        any
            ? "Bars are 95% intervals, 1.96 standard errors to each side."
            : NoErrors.why(
                result.status().word(),
                result.scoreNoise() == null ? null : result.scoreNoise().source().word(),
                result.relativeResidual()));
    page.end();
    page.section("x-table", "x by column");
    page.add(
        "<table class=\"numbers\">\n<tr><th>column</th><th>x</th><th>std. error</th>"
            + "<th colspan=\"2\">95% interval</th></tr>\n");
    for (int j = 0; j < shown; j++) {
      boolean known = error != null && Double.isFinite(error[j]);
      page.add("<tr><th>" + Page.escape(name(j)) + "</th>");
      double deviation = known ? error[j] : Double.NaN;
      page.cell(Figures.known(x[j], deviation));
      page.cell(known ? String.format(Locale.ROOT, "%.2g", error[j]) : Figures.UNKNOWN);
      page.cell(known ? Figures.known(x[j] - half[j], deviation) : Figures.UNKNOWN);
      page.cell(known ? Figures.known(x[j] + half[j], deviation) : Figures.UNKNOWN);
      page.add("</tr>\n");
    }
    page.add("</table>\n");
    if (shown < x.length) {
      page.paragraph("And " + Figures.grouped(x.length - shown) + " more, in x.csv.");
    }
    page.end();
  }

  private Plot solutionPlot(double[] x, double[] half, int shown) {
    double low = 0;
    double high = 0;
    for (int j = 0; j < shown; j++) {
      low = Math.min(low, x[j] - half[j]);
      high = Math.max(high, x[j] + half[j]);
    }
    Axis values = Axis.linear(low, high);
    boolean named = shown <= NAMED;
    List<String> labels = IntStream.range(0, shown).mapToObj(j -> cut(name(j))).toList();
    int longest = labels.stream().mapToInt(String::length).max().orElse(0);
    Plot plot =
        named
            ? new Plot(
                "plot-x",
                "x by column",
                values,
                "x",
                Axis.names(labels),
                "",
                30 + (int) Math.ceil(6.4 * longest),
                70 + 15 * shown)
            : new Plot("plot-x", "x by column", Axis.linear(0, shown - 1), "column", values, "x");
    for (int j = 0; j < shown; j++) {
      double[] place = {j, j};
      double[] interval = {x[j] - half[j], x[j] + half[j]};
      if (half[j] > 0) {
        plot.line(named ? interval : place, named ? place : interval, "interval");
      }
      plot.point(
          named ? x[j] : j,
          named ? j : x[j],
          "positive",
          String.format(Locale.ROOT, "%s: %.6g", name(j), x[j]));
    }
    double[] zero = {0, 0};
    double[] ends = {0, shown - 1};
    plot.line(named ? zero : ends, named ? ends : zero, "reference");
    return plot;
  }

  private String name(int j) {
    return names == null ? "x[" + j + "]" : names.get(j);
  }

  private static String cut(String name) {
    return name.length() <= 28 ? name : name.substring(0, 25) + "...";
  }
}
