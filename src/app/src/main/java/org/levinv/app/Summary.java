package org.levinv.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.levinv.app.report.Figures;
import org.levinv.app.report.NoErrors;
import org.levinv.files.ResultFolder;

/** A result folder as lines of text for people: verdict, how it was reached, x, what to do next. */
final class Summary {

  /** Columns that are shown unless all are asked for: what fits a screen or two. */
  private static final int SHOWN = 40;

  /** Longer names of columns are cut. */
  private static final int NAME_WIDTH = 28;

  private static final String UNKNOWN = "-";
  private static final String ROWS = "To see every row, solve with --report or --write residuals.";

  private final ResultFolder result;
  private final List<String> lines = new ArrayList<>();

  private Summary(ResultFolder result) {
    this.result = result;
  }

  /**
   * @param all whether every column is shown, however many there are
   */
  static List<String> of(ResultFolder result, boolean all) {
    Summary summary = new Summary(result);
    summary.verdict();
    summary.figures();
    if (!Conclusion.isWeights(result)) {
      summary.coefficients(all);
    }
    summary.remarks();
    return summary.lines;
  }

  /** One line for each of several results. */
  static List<String> of(List<ResultFolder> results) {
    int width = 6;
    for (ResultFolder result : results) {
      width = Math.max(width, plain(name(result)).length());
    }
    String row = "  %-" + width + "s %-20s %18s";
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, row, "folder", "status", "relative residual"));
    for (ResultFolder result : results) {
      String residual = format(result.number("relative_residual"));
      lines.add(
          String.format(
              Locale.ROOT, row, plain(name(result)), plain(result.text("status")), residual));
    }
    return lines;
  }

  private static String name(ResultFolder result) {
    return result.directory().getFileName().toString();
  }

  private void verdict() {
    Conclusion conclusion = Conclusion.of(result);
    add(conclusion.sentence());
    add("  " + result.text("status") + ": " + result.text("message"));
    add("");
  }

  private void figures() {
    boolean weights = Conclusion.isWeights(result);
    pair("rows, columns", count("rows") + ", " + count("columns"));
    if (!weights) {
      pair("signs of Ax - b", orUnknown(result.text("signs")));
    }
    if (Conclusion.isTyler(result)) {
      pair("rows about", orUnknown(result.text("location")));
    }
    pair("relative residual", figure("relative_residual"));
    if (!weights) {
      pair("scores known to", scoreError());
      pair("groups of rows", groups());
      pair("method", orUnknown(result.text("method")));
    }
    pair(
        "cost",
        String.format(
            Locale.ROOT,
            "%s s, work %s n d^2, A read %s times, %s %s",
            figure("seconds"),
            figure("work"),
            figure("passes"),
            count("iterations"),
            weights ? "evaluations" : "iterations"));
    pair("device", orUnknown(result.text("device")));
    pair("levinv", orUnknown(result.text("version")));
  }

  private String scoreError() {
    Map<String, Object> error = result.object("score_error");
    return error.isEmpty()
        ? UNKNOWN
        : format(ResultFolder.number(error.get("value"))) + ", " + error.get("source");
  }

  private String groups() {
    Map<String, Object> groups = result.object("groups");
    if (groups.isEmpty()) {
      return UNKNOWN;
    }
    int failed = ResultFolder.texts(groups.get("failed")).size();
    double count = ResultFolder.number(groups.get("count"));
    String all = integer(count);
    return failed == 0 || count == 1 ? all : all + ", of which " + failed + " did not end well";
  }

  // ---- x

  private void coefficients(boolean all) {
    double[] x = result.x();
    add("");
    if (x == null) {
      add("There is no x.");
      return;
    }
    double[] error = errors(result);
    int shown = all ? x.length : Math.min(x.length, SHOWN);
    int width = 6;
    for (int j = 0; j < shown; j++) {
      width = Math.max(width, name(j).length());
    }
    String row = "  %-" + width + "s %18s %12s %37s";
    add(String.format(Locale.ROOT, row, "column", "x", "std. error", "95% interval"));
    for (int j = 0; j < shown; j++) {
      boolean known = error != null && Double.isFinite(error[j]);
      double deviation = known ? error[j] : Double.NaN;
      double half = Figures.NORMAL_95 * deviation;
      String interval =
          known
              ? String.format(
                  Locale.ROOT,
                  "%18s %18s",
                  Figures.known(x[j] - half, deviation),
                  Figures.known(x[j] + half, deviation))
              : UNKNOWN;
      add(
          String.format(
              Locale.ROOT,
              row,
              name(j),
              Figures.known(x[j], deviation),
              known ? String.format(Locale.ROOT, "%.2g", error[j]) : UNKNOWN,
              interval));
    }
    if (shown < x.length) {
      add("  and " + (x.length - shown) + " more: --all, or x.csv");
    }
    if (error == null) {
      Object source = result.object("score_error").get("source");
      add(
          NoErrors.why(
              result.text("status"),
              source == null ? null : source.toString(),
              result.number("relative_residual")));
    }
  }

  /** Standard errors of x, NaN where one is not known; null where none is. */
  static double[] errors(ResultFolder result) {
    double[] error = result.numbers("x_error");
    return error == null || error.length != result.x().length ? null : error;
  }

  private String name(int j) {
    String name = columnName(result, j);
    return name.length() <= NAME_WIDTH ? name : name.substring(0, NAME_WIDTH - 3) + "...";
  }

  /** The name of column j as it can be printed; its number where it has none. */
  static String columnName(ResultFolder result, int j) {
    List<String> names = result.names();
    boolean named = names != null && names.size() == result.x().length;
    return named ? plain(names.get(j)) : "x[" + j + "]";
  }

  // ---- remarks

  private void remarks() {
    Map<String, Object> groups = result.object("groups");
    List<String> failed = ResultFolder.texts(groups.get("failed"));
    boolean isOne = failed.size() == 1 || ResultFolder.number(groups.get("count")) == 1;
    list(isOne ? "What did not end well:" : "Groups that did not end well:", failed);
    List<String> notes = new ArrayList<>(result.texts("warnings"));
    for (String note :
        new String[] {
          result.text("device_note"), (String) result.object("evaluation").get("message")
        }) {
      if (note != null) {
        notes.add(note);
      }
    }
    list("Notes:", notes);
    add("");
    String next = Conclusion.of(result).next().replace("DIR", result.directory().toString());
    add("Next: " + next + (showsRows() ? "" : " " + ROWS));
  }

  /** Whether there is nothing to see of the rows that was not asked for. */
  private boolean showsRows() {
    return Conclusion.isWeights(result) || !result.object("evaluation").isEmpty();
  }

  private void list(String title, List<String> items) {
    if (!items.isEmpty()) {
      add("");
      add(title);
      items.forEach(item -> add("  " + item));
    }
  }

  // ---- words and numbers

  private void pair(String what, String value) {
    add(String.format(Locale.ROOT, "  %-18s %s", what, value));
  }

  private String count(String key) {
    return integer(result.number(key));
  }

  private static String integer(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%,.0f", value) : UNKNOWN;
  }

  private String figure(String key) {
    return format(result.number(key));
  }

  /** Three digits, or a dash for what is not known. */
  static String format(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3g", value) : UNKNOWN;
  }

  private static String orUnknown(String text) {
    return text == null ? UNKNOWN : text;
  }

  private void add(String line) {
    lines.add(plain(line));
  }

  /** Text of files may hold anything, and terminals obey characters of control and direction. */
  static String plain(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
  }
}
