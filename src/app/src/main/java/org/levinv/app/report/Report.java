package org.levinv.app.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.levinv.Evaluation;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.ScoreNoise;
import org.levinv.app.report.RowCounts.Bins;
import org.levinv.app.report.RowCounts.Row;

/** A result as one page of HTML that needs no network and runs no scripts. */
public final class Report {

  /** Columns whose names stand beside the plot of x; more are numbered. */
  private static final int NAMED = 50;

  /** Columns in plot and table (some MiB of HTML); x.csv has all. */
  private static final int SHOWN = 2000;

  /** Cells along a side of a plot of counts. */
  private static final int CELLS = 64;

  /** Decades of an axis; what is farther down lies at its end. */
  private static final double DECADES = 1e-12;

  /** Of an axis with both signs, which has them twice. */
  private static final double SIGNED_DECADES = 1e-7;

  /** A 95% interval reaches so many standard errors to each side. */
  private static final double NORMAL_95 = 1.96;

  private static final String UNKNOWN = "\u2013";
  private static final int COLOURS = 8;

  /**
   * What stands at the top.
   *
   * @param sentence how it ended
   * @param next what to do next
   * @param version of levinv
   */
  public record Heading(String sentence, String next, String version) {}

  private final StringBuilder html = new StringBuilder();
  private final Heading heading;
  private final Result result;
  private final List<String> names;
  private final History history;
  private final UnaryOperator<String> stageWords;

  private Report(
      Heading heading,
      Result result,
      List<String> names,
      History history,
      UnaryOperator<String> stageWords) {
    this.heading = heading;
    this.result = result;
    this.names = names;
    this.history = history;
    this.stageWords = stageWords;
  }

  /**
   * The page.
   *
   * @param names of the columns, or null
   * @param history of the solve
   * @param stageWords what a stage is called for people
   * @param counts of all rows at the answer, or null where they were not looked at
   * @param cost of looking at them, or null
   * @param missing why they were not looked at, or null
   */
  public static String of(
      Heading heading,
      Result result,
      List<String> names,
      History history,
      UnaryOperator<String> stageWords,
      RowCounts counts,
      Evaluation cost,
      String missing) {
    Report report = new Report(heading, result, names, history, stageWords);
    report.head();
    report.figures(cost);
    if (counts == null) {
      report.section("rows", "Rows at the answer");
      report.paragraph("Not looked at: " + missing + ".");
      report.end();
    } else {
      report.rows(counts);
    }
    report.convergence();
    report.solution();
    report.add("</main>\n</body>\n</html>\n");
    return report.html.toString();
  }

  // ---- head and figures

  private void head() {
    String status = result.status().word();
    String kind = result.status().usable() ? "good" : "bad";
    add(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
        """);
    add("<title>levinv: " + escape(status) + "</title>\n<style>\n" + STYLE + "</style>\n</head>\n");
    add("<body>\n<main>\n<h1><span class=\"status " + kind + "\">" + escape(status) + "</span> ");
    add(escape(heading.sentence()) + "</h1>\n");
    paragraph(result.message() + ".");
    paragraph("Next: " + heading.next());
  }

  private void figures(Evaluation cost) {
    section("figures", "Figures");
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("rows, columns", grouped(result.rows()) + ", " + grouped(result.columns()));
    figures.put("signs of Ax \u2212 b", result.signs());
    figures.put(
        "relative residual ||\u03c3(x) \u2212 \u03c3|| / ||\u03c3||",
        figure(result.relativeResidual()));
    figures.put("loss", figure(result.loss()));
    if (result.scoreNoise() != null) {
      figures.put(
          "scores known to",
          figure(result.scoreNoise().value()) + ", " + result.scoreNoise().source().word());
    }
    if (result.groups() != null) {
      figures.put("groups of rows", grouped(result.groups().count()));
    }
    figures.put("method", result.method());
    figures.put(
        "cost",
        String.format(
            Locale.ROOT,
            "%s s, %s n d\u00b2 flops, A read %s times, %s iterations",
            figure(result.seconds()),
            figure(result.work()),
            figure(result.passes()),
            grouped(result.iterations())));
    if (cost != null) {
      figures.put(
          "cost of this report",
          String.format(
              Locale.ROOT,
              "%s s, %s n d\u00b2 flops, A read %s times",
              figure(cost.seconds()),
              figure(cost.work()),
              figure(cost.passes())));
    }
    figures.put("device", result.device());
    figures.put("levinv", heading.version());
    add("<table class=\"figures\">\n");
    figures.forEach(
        (name, value) ->
            add("<tr><th>" + escape(name) + "</th><td>" + escape(value) + "</td></tr>\n"));
    add("</table>\n");
    list(
        "Groups that did not end well",
        result.groups() == null ? List.of() : result.groups().failed());
    List<String> notes = new ArrayList<>(result.warnings());
    if (result.deviceNote() != null) {
      notes.add(result.deviceNote());
    }
    list("Notes", notes);
    end();
  }

  // ---- rows

  private void rows(RowCounts counts) {
    if (counts.haveTargets()) {
      reached(counts);
      residuals(counts);
      farthest(counts);
    }
    slacks(counts);
  }

  private void reached(RowCounts counts) {
    section("scores", "Target against reached scores");
    Bins bins = RowCounts.SCORES;
    int[] used =
        used(bins.count(), (k, j) -> counts.reached(k, j) + counts.reached(j, k), bins.count());
    Axis axis =
        Axis.log(Math.max(bins.low(used[0]), bins.low(used[1]) * DECADES), bins.low(used[1]));
    Plot plot =
        new Plot(
            "plot-scores",
            "reached against target scores",
            axis,
            "target score",
            axis,
            "score at x");
    double[] ends = {1e-300, 1};
    plot.line(ends, ends, "reference");
    if (counts.points() != null) {
      for (Row row : counts.points()) {
        plot.point(row.target(), row.score(), style(row), title(row));
      }
    } else {
      cells(plot, bins, used, bins, used, counts::reached, bins::low);
    }
    add(plot.svg());
    paragraph(
        "On the line the scores at x are the target. "
            + how(counts)
            + (used[0] == 0 ? " Scores up to " + figure(bins.low(1)) + " lie at the ends." : ""));
    end();
  }

  private void residuals(RowCounts counts) {
    section("residuals", "Residuals by leverage");
    Bins bins = RowCounts.SCORES;
    int[] scores = used(bins.count(), (k, j) -> both(counts, k, j), bins.count());
    int[] sizes = used(bins.count(), (k, j) -> both(counts, j, k), bins.count());
    double most = bins.low(sizes[1]);
    double least = Math.max(bins.low(Math.max(1, sizes[0])), most * SIGNED_DECADES);
    Plot plot =
        new Plot(
            "plot-residuals",
            "residuals against scores",
            Axis.log(
                Math.max(bins.low(scores[0]), bins.low(scores[1]) * DECADES), bins.low(scores[1])),
            "score at x (leverage)",
            Axis.signed(least, most),
            "score at x \u2212 target");
    double noise = noise();
    boolean showsNoise = noise >= least && noise <= most;
    for (double sign : new double[] {-1, 1}) {
      if (showsNoise) {
        plot.line(new double[] {1e-300, 1}, new double[] {sign * noise, sign * noise}, "noise");
      }
    }
    if (counts.points() != null) {
      for (Row row : counts.points()) {
        plot.point(row.score(), row.residual(), style(row), title(row));
      }
    } else {
      for (boolean negative : new boolean[] {true, false}) {
        cells(
            plot,
            bins,
            scores,
            bins,
            sizes,
            (score, size) -> counts.residuals(score, negative, size),
            k -> (negative ? -1 : 1) * (k == 0 ? 0 : bins.low(k)));
      }
    }
    add(plot.svg());
    paragraph(
        "Both halves are logarithmic; what is smaller lies in the middle. "
            + (showsNoise ? "Dashed: what the scores are known to. " : "")
            + how(counts));
    end();
  }

  /** What scores are known to; 0 where that is rounding, which differs from row to row. */
  private double noise() {
    ScoreNoise noise = result.scoreNoise();
    return noise == null || noise.source() == ScoreNoise.Source.ROUNDING ? 0 : noise.value();
  }

  private static long both(RowCounts counts, int score, int size) {
    return counts.residuals(score, true, size) + counts.residuals(score, false, size);
  }

  private void farthest(RowCounts counts) {
    section("farthest", "Rows farthest from their targets");
    add(
        "<table class=\"numbers\">\n<tr><th>row, from 0</th><th>target</th><th>score at x</th>"
            + "<th>difference</th><th>slack Ax \u2212 b</th></tr>\n");
    for (Row row : counts.farthestRows()) {
      add("<tr>");
      cell(String.valueOf(row.number()));
      for (double value : new double[] {row.target(), row.score(), row.residual(), row.slack()}) {
        cell(String.format(Locale.ROOT, "%.5g", value));
      }
      add("</tr>\n");
    }
    add("</table>\n");
    end();
  }

  private void slacks(RowCounts counts) {
    section("slacks", "Magnitudes of the slacks");
    Bins bins = RowCounts.SLACKS;
    int[] used = used(bins.count(), (k, j) -> counts.slacks(true, k) + counts.slacks(false, k), 1);
    int step = step(used);
    double most = 0;
    for (int k = used[0]; k < used[1]; k += step) {
      most = Math.max(most, sum(counts, true, k, step) + sum(counts, false, k, step));
    }
    Plot plot =
        new Plot(
            "plot-slacks",
            "how many slacks have which magnitude",
            Axis.log(bins.low(used[0]), bins.low(used[1])),
            "|Ax \u2212 b|",
            Axis.counts(most),
            "rows");
    for (int k = used[0]; k < used[1]; k += step) {
      long below = 0;
      for (boolean negative : new boolean[] {false, true}) {
        long count = sum(counts, negative, k, step);
        if (count > 0) {
          plot.bar(
              bins.low(k),
              bins.low(k + step),
              below,
              below + count,
              negative ? "negative" : "positive",
              grouped(count) + (negative ? " negative" : " positive"));
        }
        below += count;
      }
    }
    add(plot.svg());
    add(legend("positive", "positive") + legend("negative", "negative"));
    paragraph("A slack near 0 has a large weight: its row rules the scores around it.");
    end();
  }

  private static long sum(RowCounts counts, boolean negative, int from, int step) {
    return IntStream.range(from, Math.min(from + step, RowCounts.SLACKS.count()))
        .mapToLong(k -> counts.slacks(negative, k))
        .sum();
  }

  // ---- cells

  @FunctionalInterface
  private interface Count {
    long of(int k, int j);
  }

  @FunctionalInterface
  private interface Edge {
    double of(int k);
  }

  /** The first bin k with rows in any j below {@code others}, and the one after the last. */
  private static int[] used(int bins, Count count, int others) {
    int first = bins;
    int end = 0;
    for (int k = 0; k < bins; k++) {
      int bin = k;
      if (IntStream.range(0, others).anyMatch(j -> count.of(bin, j) > 0)) {
        first = Math.min(first, k);
        end = k + 1;
      }
    }
    return new int[] {Math.min(first, end), Math.max(end, 1)};
  }

  private static int step(int[] used) {
    return Math.max(1, (used[1] - used[0] + CELLS - 1) / CELLS);
  }

  private static void cells(
      Plot plot, Bins xBins, int[] xs, Bins yBins, int[] ys, Count count, Edge yEdge) {
    int right = step(xs);
    int up = step(ys);
    Map<int[], Long> found = new LinkedHashMap<>();
    long most = 1;
    for (int k = xs[0]; k < xs[1]; k += right) {
      for (int j = ys[0]; j < ys[1]; j += up) {
        long sum = 0;
        for (int a = k; a < Math.min(k + right, xBins.count()); a++) {
          for (int b = j; b < Math.min(j + up, yBins.count()); b++) {
            sum += count.of(a, b);
          }
        }
        if (sum > 0) {
          found.put(new int[] {k, j}, sum);
          most = Math.max(most, sum);
        }
      }
    }
    double scale = Math.log1p(most);
    found.forEach(
        (cell, sum) ->
            plot.cell(
                xBins.low(cell[0]),
                yEdge.of(cell[1]),
                xBins.low(cell[0] + right),
                yEdge.of(cell[1] + up),
                Math.log1p(sum) / scale,
                grouped(sum) + " rows"));
  }

  private static String how(RowCounts counts) {
    return counts.points() != null
        ? "Each dot is a row; blue ones have a positive slack, orange ones a negative one."
        : "The darker, the more of the " + grouped(counts.rows()) + " rows (logarithmic).";
  }

  private static String style(Row row) {
    return row.slack() < 0 ? "negative" : "positive";
  }

  private static String title(Row row) {
    return String.format(
        Locale.ROOT,
        "row %d: target %.6g, score %.6g, slack %.6g",
        row.number(),
        row.target(),
        row.score(),
        row.slack());
  }

  // ---- convergence

  private void convergence() {
    section("convergence", "Convergence by stage");
    List<Progress.Step> steps = history.steps();
    double[] shown =
        steps.stream().mapToDouble(Progress.Step::residual).filter(Report::isShown).toArray();
    if (shown.length == 0) {
      paragraph("There was no step.");
      end();
      return;
    }
    double[] residuals = steps.stream().mapToDouble(Progress.Step::residual).toArray();
    double low = Arrays.stream(shown).min().orElseThrow();
    double high = Arrays.stream(shown).max().orElseThrow();
    Plot plot =
        new Plot(
            "plot-convergence",
            "residual of each step",
            Axis.linear(0, steps.size()),
            "step",
            Axis.log(Math.max(low, high * 1e-18), high),
            "residual of the stage");
    double[] at = IntStream.rangeClosed(1, steps.size()).asDoubleStream().toArray();
    for (History.Attempt attempt : history.attempts()) {
      if (history.attempts().size() > 1) {
        plot.mark(attempt.step() + 0.5, String.valueOf(attempt.number()));
      }
    }
    for (int k = 1; k < residuals.length; k++) {
      if (isShown(residuals[k - 1])
          && isShown(residuals[k])
          && steps.get(k).stage().equals(steps.get(k - 1).stage())) {
        plot.line(
            new double[] {at[k - 1], at[k]}, new double[] {residuals[k - 1], residuals[k]}, "path");
      }
    }
    Map<String, Integer> colours = new LinkedHashMap<>();
    for (int k = 0; k < residuals.length; k++) {
      Progress.Step step = steps.get(k);
      if (!isShown(residuals[k])) {
        continue;
      }
      String stage = stageWords.apply(step.stage());
      int colour = colours.computeIfAbsent(stage, s -> colours.size() % COLOURS);
      plot.point(
          at[k],
          residuals[k],
          "stage" + colour,
          String.format(
              Locale.ROOT,
              "%s: residual %.2e, work %.1f, %.2f s",
              stage,
              step.residual(),
              step.work(),
              step.seconds()));
    }
    add(plot.svg());
    colours.forEach((stage, colour) -> add(legend("stage" + colour, stage)));
    if (history.attempts().size() > 1) {
      List<String> rows =
          history.attempts().stream()
              .map(attempt -> attempt.number() + " from " + grouped(attempt.rows()))
              .toList();
      paragraph(
          "Dashed: attempts, with the rows that each begins with: "
              + String.join(", ", rows)
              + ".");
    }
    paragraph(
        "Each stage has a residual of its own, on the rows that it looks at: they compare within a"
            + " stage. Work counts in n d\u00b2 flops.");
    end();
  }

  /** Some steps have no residual, and 0 is on no logarithmic axis. */
  private static boolean isShown(double residual) {
    return residual > 0 && Double.isFinite(residual);
  }

  // ---- x

  private void solution() {
    section("x", "x");
    double[] x = result.x();
    if (x == null || Arrays.stream(x).anyMatch(v -> !Double.isFinite(v))) {
      paragraph("There is no x.");
      end();
      return;
    }
    int shown = Math.min(x.length, SHOWN);
    double[] error = result.xError();
    double[] half = new double[x.length];
    boolean any = false;
    for (int j = 0; j < x.length; j++) {
      boolean known = error != null && Double.isFinite(error[j]);
      half[j] = known ? NORMAL_95 * error[j] : 0;
      any |= known;
    }
    add(solutionPlot(x, half, shown).svg());
    paragraph(
        any
            ? "Bars are 95% intervals, 1.96 standard errors to each side."
            : "Standard errors of x are not known.");
    end();
    section("x-table", "x by column");
    add(
        "<table class=\"numbers\">\n<tr><th>column</th><th>x</th><th>std. error</th>"
            + "<th colspan=\"2\">95% interval</th></tr>\n");
    for (int j = 0; j < shown; j++) {
      boolean known = error != null && Double.isFinite(error[j]);
      add("<tr><th>" + escape(name(j)) + "</th>");
      double deviation = known ? error[j] : Double.NaN;
      cell(Figures.known(x[j], deviation));
      cell(known ? String.format(Locale.ROOT, "%.2g", error[j]) : UNKNOWN);
      cell(known ? Figures.known(x[j] - half[j], deviation) : UNKNOWN);
      cell(known ? Figures.known(x[j] + half[j], deviation) : UNKNOWN);
      add("</tr>\n");
    }
    add("</table>\n");
    if (shown < x.length) {
      paragraph("And " + grouped(x.length - shown) + " more, in x.csv.");
    }
    end();
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

  // ---- HTML

  private void section(String id, String title) {
    add("<section id=\"" + id + "\">\n<h2>" + escape(title) + "</h2>\n");
  }

  private void end() {
    add("</section>\n");
  }

  private void paragraph(String text) {
    add("<p>" + escape(text) + "</p>\n");
  }

  private void list(String title, List<String> items) {
    if (!items.isEmpty()) {
      add("<h3>" + escape(title) + "</h3>\n<ul>\n");
      items.forEach(item -> add("<li>" + escape(item) + "</li>\n"));
      add("</ul>\n");
    }
  }

  private static String legend(String style, String text) {
    String swatch = "<span class=\"swatch " + style + "\"></span>";
    return "<span class=\"legend\">" + swatch + escape(text) + "</span>\n";
  }

  private void cell(String text) {
    add("<td>" + escape(text) + "</td>");
  }

  private void add(String text) {
    html.append(text);
  }

  private static String escape(String text) {
    return text == null ? UNKNOWN : Html.escape(text);
  }

  private static String figure(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3g", value) : UNKNOWN;
  }

  private static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static final String STYLE =
      """
      body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff; margin: 0 }
      main { max-width: 1180px; margin: 0 auto; padding: 16px 24px;
             display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr)); gap: 0 40px }
      h1, main > p { grid-column: 1 / -1; margin: 8px 0 }
      h1 { font-size: 22px; font-weight: 600 }
      h2 { font-size: 17px; margin: 26px 0 8px }
      h3 { font-size: 15px; margin: 12px 0 4px }
      p { margin: 6px 0 } ul { margin: 4px 0; padding-left: 20px }
      section { min-width: 0; overflow-wrap: anywhere; overflow-x: auto }
      svg { max-width: 100%; height: auto; font: 12px system-ui, sans-serif }
      .status { color: #fff; border-radius: 4px; padding: 2px 10px; font-size: 16px }
      .good { background: #1a7f37 } .bad { background: #b42318 }
      table { border-collapse: collapse }
      th, td { padding: 2px 10px 2px 0; text-align: left; vertical-align: top; font-weight: 400 }
      .figures th { color: #555 }
      @media (min-width: 700px) { .figures th { white-space: nowrap } }
      .numbers td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; padding-left: 14px }
      .numbers tr:first-child th { color: #555; text-align: right } .numbers tr:first-child th:first-child { text-align: left }
      .numbers tr { border-bottom: 1px solid #eee }
      .frame { fill: none; stroke: #888 } .grid { stroke: #eee } .tick { fill: #555; font-size: 11px }
      .reference { stroke: #888; fill: none } .noise { stroke: #b42318; stroke-dasharray: 5 4; fill: none }
      .mark { stroke: #888; stroke-dasharray: 2 3 }
      .path { stroke: #ccc; fill: none } .interval { stroke: #0072b2; stroke-width: 1.5; fill: none }
      .cell { fill: #08306b }
      .positive { fill: #0072b2; fill-opacity: 0.6 } .negative { fill: #d55e00; fill-opacity: 0.6 }
      .legend { white-space: nowrap }
      .swatch { display: inline-block; width: 11px; height: 11px; margin: 0 5px 0 12px; border-radius: 2px }
      .swatch.positive { background: #0072b2 } .swatch.negative { background: #d55e00 }
      .stage0 { fill: #0072b2; background: #0072b2 } .stage1 { fill: #d55e00; background: #d55e00 }
      .stage2 { fill: #009e73; background: #009e73 } .stage3 { fill: #cc79a7; background: #cc79a7 }
      .stage4 { fill: #e69f00; background: #e69f00 } .stage5 { fill: #56b4e9; background: #56b4e9 }
      .stage6 { fill: #000; background: #000 } .stage7 { fill: #999; background: #999 }
      @media print { main { display: block } section { break-inside: avoid } }
      """;
}
