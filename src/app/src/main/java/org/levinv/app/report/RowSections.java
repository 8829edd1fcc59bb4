package org.levinv.app.report;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.levinv.ScoreNoise;
import org.levinv.app.report.RowCounts.Bins;
import org.levinv.app.report.RowCounts.Row;

/** What a report shows of all rows at the answer. */
final class RowSections {

  /** Cells along a side of a plot of counts. */
  private static final int CELLS = 64;

  /** Decades of an axis; what is farther down lies at its end. */
  private static final double DECADES = 1e-12;

  /** Of an axis with both signs, which has them twice. */
  private static final double SIGNED_DECADES = 1e-7;

  private final Page page;
  private final RowCounts counts;
  private final ScoreNoise known;

  /**
   * @param known how far the targets may be off, or null
   */
  RowSections(Page page, RowCounts counts, ScoreNoise known) {
    this.page = page;
    this.counts = counts;
    this.known = known;
  }

  /** Adds them. */
  void add() {
    if (counts.haveTargets()) {
      reached();
      residuals();
      farthest();
    }
    slacks();
  }

  private void reached() {
    page.section("scores", "Target against reached scores");
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
    page.add(plot.svg());
    page.paragraph(
        "On the line the scores at x are the target. "
            + how()
            + (used[0] == 0
                ? " Scores up to " + Figures.figure(bins.low(1)) + " lie at the ends."
                : ""));
    page.end();
  }

  private void residuals() {
    page.section("residuals", "Residuals by leverage");
    Bins bins = RowCounts.SCORES;
    int[] scores = used(bins.count(), (k, j) -> both(k, j), bins.count());
    int[] sizes = used(bins.count(), (k, j) -> both(j, k), bins.count());
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
    page.add(plot.svg());
    page.paragraph(
        "Both halves are logarithmic; what is smaller lies in the middle. "
            + (showsNoise ? "Dashed: what the scores are known to. " : "")
            + how());
    page.end();
  }

  /** What scores are known to; 0 where that is rounding, which differs from row to row. */
  private double noise() {
    return known == null || known.source() == ScoreNoise.Source.ROUNDING ? 0 : known.value();
  }

  private long both(int score, int size) {
    return counts.residuals(score, true, size) + counts.residuals(score, false, size);
  }

  private void farthest() {
    page.section("farthest", "Rows farthest from their targets");
    page.add(
        "<table class=\"numbers\">\n<tr><th>row, from 0</th><th>target</th><th>score at x</th>"
            + "<th>difference</th><th>slack Ax \u2212 b</th></tr>\n");
    for (Row row : counts.farthestRows()) {
      page.add("<tr>");
      page.cell(String.valueOf(row.number()));
      for (double value : new double[] {row.target(), row.score(), row.residual(), row.slack()}) {
        page.cell(String.format(Locale.ROOT, "%.5g", value));
      }
      page.add("</tr>\n");
    }
    page.add("</table>\n");
    page.end();
  }

  private void slacks() {
    page.section("slacks", "Magnitudes of the slacks");
    Bins bins = RowCounts.SLACKS;
    int[] used = used(bins.count(), (k, j) -> counts.slacks(true, k) + counts.slacks(false, k), 1);
    int step = step(used);
    double most = 0;
    for (int k = used[0]; k < used[1]; k += step) {
      most = Math.max(most, sum(true, k, step) + sum(false, k, step));
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
        long count = sum(negative, k, step);
        if (count > 0) {
          plot.bar(
              bins.low(k),
              bins.low(k + step),
              below,
              below + count,
              negative ? "negative" : "positive",
              Figures.grouped(count) + (negative ? " negative" : " positive"));
        }
        below += count;
      }
    }
    page.add(plot.svg());
    page.add(Page.legend("positive", "positive") + Page.legend("negative", "negative"));
    page.paragraph("A slack near 0 has a large weight: its row rules the scores around it.");
    page.end();
  }

  private long sum(boolean negative, int from, int step) {
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
                Figures.grouped(sum) + " rows"));
  }

  private String how() {
    return counts.points() != null
        ? "Each dot is a row; blue ones have a positive slack, orange ones a negative one."
        : "The darker, the more of the " + Figures.grouped(counts.rows()) + " rows (logarithmic).";
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
}
