package org.levinv.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Panels of curves with two logarithmic axes, as one SVG image. */
final class SvgPlot {
  private static final int WIDTH = 400;
  private static final int HEIGHT = 330;
  private static final int LEFT = 60;
  private static final int TOP = 34;
  private static final int RIGHT = 12;
  private static final int BOTTOM = 44;
  private static final String[] COLOURS = {"#000000", "#d55e00", "#0072b2", "#009e73", "#cc79a7"};

  /** A curve: one point (x, y) for each entry. */
  record Curve(String name, double[][] points) {}

  private record Panel(String title, List<Curve> curves) {}

  private final String xLabel;
  private final String yLabel;
  private final double least;
  private final List<Panel> panels = new ArrayList<>();

  /** Values below {@code least} are drawn there. */
  SvgPlot(String xLabel, String yLabel, double least) {
    this.xLabel = xLabel;
    this.yLabel = yLabel;
    this.least = least;
  }

  void panel(String title, List<Curve> curves) {
    panels.add(new Panel(title, curves));
  }

  /** The image. */
  String svg() {
    StringBuilder svg = new StringBuilder();
    int legend = 24;
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n",
        WIDTH * panels.size(),
        HEIGHT + legend);
    add(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n");
    for (int k = 0; k < panels.size(); k++) {
      add(svg, "<g transform=\"translate(%d,0)\">%n", k * WIDTH);
      draw(svg, panels.get(k));
      add(svg, "</g>%n");
    }
    List<Curve> curves = panels.get(0).curves();
    for (int k = 0; k < curves.size(); k++) {
      int x = LEFT + k * 145;
      add(
          svg,
          "<path d=\"M%d %d h24\" stroke=\"%s\" stroke-width=\"2\"/><text x=\"%d\" y=\"%d\">%s</text>%n",
          x,
          HEIGHT + 8,
          COLOURS[k],
          x + 30,
          HEIGHT + 12,
          curves.get(k).name());
    }
    return svg.append("</svg>\n").toString();
  }

  private void draw(StringBuilder svg, Panel panel) {
    double[] x = range(panel, 0, 1);
    double[] y = range(panel, 1, least);
    double inner = WIDTH - LEFT - RIGHT;
    double tall = HEIGHT - TOP - BOTTOM;
    add(
        svg,
        "<text x=\"%d\" y=\"20\" font-weight=\"bold\">%s</text>%n<rect x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%.0f\" fill=\"none\" stroke=\"#888\"/>%n",
        LEFT,
        panel.title(),
        LEFT,
        TOP,
        inner,
        tall);
    for (int e = (int) x[0]; e <= x[1]; e++) {
      double at = LEFT + inner * (e - x[0]) / (x[1] - x[0]);
      add(
          svg,
          "<path d=\"M%.1f %d v%.0f\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">1e%d</text>%n",
          at,
          TOP,
          tall,
          at,
          TOP + tall + 16,
          e);
    }
    int stride = Math.max(1, (int) Math.ceil((y[1] - y[0]) / 6));
    for (int e = (int) y[1]; e >= y[0]; e -= stride) {
      double at = TOP + tall * (y[1] - e) / (y[1] - y[0]);
      add(
          svg,
          "<path d=\"M%d %.1f h%.0f\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">1e%d</text>%n",
          LEFT,
          at,
          inner,
          LEFT - 5,
          at + 4,
          e);
    }
    add(
        svg,
        "<text x=\"%.0f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n<text transform=\"translate(14,%.0f) rotate(-90)\" text-anchor=\"middle\">%s</text>%n",
        LEFT + inner / 2,
        HEIGHT - 8,
        xLabel,
        TOP + tall / 2,
        yLabel);
    for (int k = 0; k < panel.curves().size(); k++) {
      StringBuilder path = new StringBuilder();
      for (double[] p : thinned(panel.curves().get(k).points())) {
        add(
            path,
            "%s%.1f %.1f",
            path.length() == 0 ? "M" : "L",
            LEFT + inner * (Math.log10(Math.max(p[0], 1)) - x[0]) / (x[1] - x[0]),
            TOP + tall * (y[1] - Math.log10(Math.max(p[1], least))) / (y[1] - y[0]));
      }
      add(
          svg,
          "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\"/>%n",
          path,
          COLOURS[k]);
    }
  }

  /** Whole powers of ten around the values. */
  private static double[] range(Panel panel, int axis, double least) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Curve curve : panel.curves()) {
      for (double[] p : curve.points()) {
        double e = Math.log10(Math.max(p[axis], least));
        low = Math.min(low, e);
        high = Math.max(high, e);
      }
    }
    return new double[] {Math.floor(low), Math.max(Math.floor(low) + 1, Math.ceil(high))};
  }

  /** Some 150 points, spread evenly over the logarithm of x. */
  private static List<double[]> thinned(double[][] points) {
    List<double[]> kept = new ArrayList<>();
    double last = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < points.length; k++) {
      double at = Math.log10(Math.max(points[k][0], 1));
      if (at - last >= 0.02 || k == points.length - 1) {
        kept.add(points[k]);
        last = at;
      }
    }
    return kept;
  }

  private static void add(StringBuilder to, String format, Object... values) {
    to.append(String.format(Locale.ROOT, format.replace("%n", "\n"), values));
  }
}
