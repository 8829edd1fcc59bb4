package org.levinv.app.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.levinv.Evaluation;
import org.levinv.Result;

/** A result as one page of HTML that needs no network and runs no scripts. */
public final class Report {

  /**
   * What stands at the top.
   *
   * @param sentence how it ended
   * @param next what to do next
   * @param version of levinv
   */
  public record Heading(String sentence, String next, String version) {}

  private final Page page;
  private final Heading heading;
  private final Result result;

  private Report(Heading heading, Result result) {
    this.heading = heading;
    this.result = result;
    page = new Page("levinv: " + result.status().word());
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
    Report report = new Report(heading, result);
    Page page = report.page;
    report.head();
    report.figures(cost);
    if (counts == null) {
      page.section("rows", "Rows at the answer");
      page.paragraph("Not looked at: " + missing + ".");
      page.end();
    } else {
      new RowSections(page, counts, result.scoreNoise()).add();
    }
    new ConvergenceSection(page, history, stageWords).add();
    new SolutionSection(page, result, names).add();
    return page.text();
  }

  private void head() {
    String kind = result.status().usable() ? "good" : "bad";
    page.add("<h1><span class=\"status " + kind + "\">");
    page.add(Page.escape(result.status().word()) + "</span> ");
    page.add(Page.escape(heading.sentence()) + "</h1>\n");
    page.paragraph(result.message() + ".");
    page.paragraph("Next: " + heading.next());
  }

  private void figures(Evaluation cost) {
    page.section("figures", "Figures");
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put(
        "rows, columns", Figures.grouped(result.rows()) + ", " + Figures.grouped(result.columns()));
    figures.put("signs of Ax \u2212 b", result.signs());
    figures.put(
        "relative residual ||\u03c3(x) \u2212 \u03c3|| / ||\u03c3||",
        Figures.figure(result.relativeResidual()));
    figures.put("loss", Figures.figure(result.loss()));
    if (result.scoreNoise() != null) {
      figures.put(
          "scores known to",
          Figures.figure(result.scoreNoise().value()) + ", " + result.scoreNoise().source().word());
    }
    if (result.groups() != null) {
      figures.put("groups of rows", Figures.grouped(result.groups().count()));
    }
    figures.put("method", result.method());
    figures.put(
        "cost",
        String.format(
            Locale.ROOT,
            "%s s, %s n d\u00b2 flops, A read %s times, %s iterations",
            Figures.figure(result.seconds()),
            Figures.figure(result.work()),
            Figures.figure(result.passes()),
            Figures.grouped(result.iterations())));
    if (cost != null) {
      figures.put(
          "cost of this report",
          String.format(
              Locale.ROOT,
              "%s s, %s n d\u00b2 flops, A read %s times",
              Figures.figure(cost.seconds()),
              Figures.figure(cost.work()),
              Figures.figure(cost.passes())));
    }
    figures.put("device", result.device());
    figures.put("levinv", heading.version());
    page.add("<table class=\"figures\">\n");
    figures.forEach(
        (name, value) ->
            page.add(
                "<tr><th>"
                    + Page.escape(name)
                    + "</th><td>"
                    + Page.escape(value)
                    + "</td></tr>\n"));
    page.add("</table>\n");
    page.list(
        "Groups that did not end well",
        result.groups() == null ? List.of() : result.groups().failed());
    List<String> notes = new ArrayList<>(result.warnings());
    if (result.deviceNote() != null) {
      notes.add(result.deviceNote());
    }
    page.list("Notes", notes);
    page.end();
  }
}
