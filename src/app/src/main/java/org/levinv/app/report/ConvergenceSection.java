package org.levinv.app.report;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.levinv.Progress;

/** What a report shows of the steps of a solve. */
final class ConvergenceSection {

  private static final int COLOURS = 8;

  private final Page page;
  private final History history;
  private final UnaryOperator<String> stageWords;

  /**
   * @param stageWords what a stage is called for people
   */
  ConvergenceSection(Page page, History history, UnaryOperator<String> stageWords) {
    this.page = page;
    this.history = history;
    this.stageWords = stageWords;
  }

  /** Adds it. */
  void add() {
    page.section("convergence", "Convergence by stage");
    double[] shown =
        history.steps().stream()
            .mapToDouble(Progress.Step::residual)
            .filter(ConvergenceSection::isShown)
            .toArray();
    if (shown.length == 0) {
      page.paragraph("There was no step.");
    } else {
      addPlot(shown);
    }
    page.end();
  }

  private void addPlot(double[] shown) {
    double low = Arrays.stream(shown).min().orElseThrow();
    double high = Arrays.stream(shown).max().orElseThrow();
    Plot plot =
        new Plot(
            "plot-convergence",
            "residual of each step",
            Axis.linear(0, history.steps().size()),
            "step",
            Axis.log(Math.max(low, high * 1e-18), high),
            "residual of the stage");
    List<History.Attempt> attempts = history.attempts();
    if (attempts.size() > 1) {
      attempts.forEach(a -> plot.mark(a.step() + 0.5, String.valueOf(a.number())));
    }
    paths(plot);
    Map<String, Integer> colours = points(plot);
    page.add(plot.svg());
    colours.forEach((stage, colour) -> page.add(Page.legend("stage" + colour, stage)));
    if (attempts.size() > 1) {
      List<String> rows =
          attempts.stream().map(a -> a.number() + " from " + Figures.grouped(a.rows())).toList();
      page.paragraph(
          "Dashed: attempts, with the rows that each begins with: "
              + String.join(", ", rows)
              + ".");
    }
    page.paragraph(
        "Each stage has a residual of its own, on the rows that it looks at: they compare within a"
            + " stage. Work counts in n d\u00b2 flops.");
  }

  /** Lines from step to step of one stage; the first step is at 1. */
  private void paths(Plot plot) {
    List<Progress.Step> steps = history.steps();
    for (int k = 1; k < steps.size(); k++) {
      double from = steps.get(k - 1).residual();
      double to = steps.get(k).residual();
      boolean isPath = steps.get(k).stage().equals(steps.get(k - 1).stage());
      if (isPath && isShown(from) && isShown(to)) {
        plot.line(new double[] {k, k + 1}, new double[] {from, to}, "path");
      }
    }
  }

  /** A dot for each step; returns the colours of the stages, in their order. */
  private Map<String, Integer> points(Plot plot) {
    Map<String, Integer> colours = new LinkedHashMap<>();
    for (int k = 0; k < history.steps().size(); k++) {
      Progress.Step step = history.steps().get(k);
      if (!isShown(step.residual())) {
        continue;
      }
      String stage = stageWords.apply(step.stage());
      int colour = colours.computeIfAbsent(stage, s -> colours.size() % COLOURS);
      plot.point(
          k + 1,
          step.residual(),
          "stage" + colour,
          String.format(
              Locale.ROOT,
              "%s: residual %.2e, work %.1f, %.2f s",
              stage,
              step.residual(),
              step.work(),
              step.seconds()));
    }
    return colours;
  }

  /** Some steps have no residual, and 0 is on no logarithmic axis. */
  private static boolean isShown(double residual) {
    return residual > 0 && Double.isFinite(residual);
  }
}
