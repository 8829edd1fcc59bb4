package org.levinv.app.report;

import java.util.Locale;

/** One plot as an SVG element: axes, and marks that are added one after the other. */
final class Plot {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 400;
  private static final int LEFT = 78;
  private static final int RIGHT = 16;
  private static final int TOP = 12;
  private static final int BOTTOM = 50;

  private final Axis x;
  private final Axis y;
  private final int height;
  private final int left;
  private final StringBuilder svg = new StringBuilder();

  /**
   * @param id of the element
   * @param name what it shows, for those who cannot see it
   */
  Plot(String id, String name, Axis x, String xLabel, Axis y, String yLabel) {
    this(id, name, x, xLabel, y, yLabel, LEFT, HEIGHT);
  }

  /**
   * @param left room for the labels of y
   */
  Plot(String id, String name, Axis x, String xLabel, Axis y, String yLabel, int left, int height) {
    this.x = x;
    this.y = y;
    this.left = left;
    this.height = height;
    add(
        "<svg id=\"%s\" role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">%n",
        id, Html.escape(name), WIDTH, height, WIDTH, height);
    for (Axis.Tick tick : x.ticks()) {
      double at = right(tick.value());
      add("<path class=\"grid\" d=\"M%.1f %d V%d\"/>", at, TOP, height - BOTTOM);
      add(
          "<text class=\"tick\" text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>%n",
          at, height - BOTTOM + 16, Html.escape(tick.label()));
    }
    for (Axis.Tick tick : y.ticks()) {
      double at = down(tick.value());
      add("<path class=\"grid\" d=\"M%d %.1f H%d\"/>", left, at, WIDTH - RIGHT);
      add(
          "<text class=\"tick\" text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%s</text>%n",
          left - 6, at + 4, Html.escape(tick.label()));
    }
    add(
        "<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>%n",
        left, TOP, WIDTH - RIGHT - left, height - BOTTOM - TOP);
    add(
        "<text text-anchor=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>%n",
        0.5 * (left + WIDTH - RIGHT), height - 12, Html.escape(xLabel));
    if (!yLabel.isEmpty()) {
      double middle = 0.5 * (TOP + height - BOTTOM);
      add(
          "<text text-anchor=\"middle\" transform=\"translate(16 %.1f) rotate(-90)\">%s</text>%n",
          middle, Html.escape(yLabel));
    }
  }

  private double right(double value) {
    return left + x.at(value) * (WIDTH - RIGHT - left);
  }

  private double down(double value) {
    return height - BOTTOM - y.at(value) * (height - BOTTOM - TOP);
  }

  /** A dot, which says what it is to those who point at it. */
  void point(double atX, double atY, String style, String title) {
    add(
        "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>%s</title></circle>%n",
        style, right(atX), down(atY), Html.escape(title));
  }

  /** A rectangle between two corners, the darker the larger its share is. */
  void cell(double x0, double y0, double x1, double y1, double share, String title) {
    double left = Math.min(right(x0), right(x1));
    double top = Math.min(down(y0), down(y1));
    add(
        "<rect class=\"cell\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\""
            + " fill-opacity=\"%.2f\"><title>%s</title></rect>%n",
        left,
        top,
        Math.max(1.2, Math.abs(right(x1) - right(x0))),
        Math.max(1.2, Math.abs(down(y1) - down(y0))),
        0.15 + 0.85 * share,
        Html.escape(title));
  }

  /** An upright bar. */
  void bar(double x0, double x1, double from, double to, String style, String title) {
    double top = down(to);
    add(
        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
            + "<title>%s</title></rect>%n",
        style,
        right(x0),
        top,
        Math.max(0.8, right(x1) - right(x0) - 0.6),
        down(from) - top,
        Html.escape(title));
  }

  /** An upright line with a word at its top. */
  void mark(double atX, String word) {
    double at = right(atX);
    add("<path class=\"mark\" d=\"M%.1f %d V%d\"/>", at, TOP, height - BOTTOM);
    add(
        "<text class=\"tick\" x=\"%.1f\" y=\"%d\">%s</text>%n",
        at + 3, TOP + 12, Html.escape(word));
  }

  /** A line through some points. */
  void line(double[] xs, double[] ys, String style) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < xs.length; i++) {
      path.append(
          String.format(
              Locale.ROOT, "%s%.1f %.1f", i == 0 ? "M" : " L", right(xs[i]), down(ys[i])));
    }
    add("<path class=\"%s\" d=\"%s\"/>%n", style, path);
  }

  /** The element. */
  String svg() {
    return svg + "</svg>\n";
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format.replace("%n", "\n"), values));
  }
}
