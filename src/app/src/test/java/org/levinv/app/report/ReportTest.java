package org.levinv.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.levinv.Evaluation;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Progress;
import org.levinv.Result;
import org.levinv.Weights;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The page as a tree of elements: what it shows is what there is, and nothing else gets in. */
class ReportTest {
  private static final Report.Heading HEADING = new Report.Heading("Found.", "Go on.", "0.0");

  @Test
  void fewRowsArePoints() throws Exception {
    Solved solved = new Solved(300, 3);
    Document page = parse(solved.page(null));
    for (String id :
        List.of("figures", "scores", "residuals", "farthest", "slacks", "convergence", "x")) {
      assertTrue(find(page, "section", id) != null, id);
    }
    assertEquals(300, count(find(page, "svg", "plot-scores"), "circle"));
    assertEquals(300, count(find(page, "svg", "plot-residuals"), "circle"));
    assertEquals(
        solved.history.steps().size(), count(find(page, "svg", "plot-convergence"), "circle"));
    assertEquals(3, count(find(page, "svg", "plot-x"), "circle"));
    assertEquals(300, rowsIn(find(page, "svg", "plot-slacks")));
    assertEquals(1 + RowCounts.LISTED, count(find(page, "section", "farthest"), "tr"));
    assertEquals(1 + 3, count(find(page, "section", "x-table"), "tr"));
  }

  @Test
  void manyRowsAreCounted() throws Exception {
    int n = RowCounts.POINTS + 1;
    Document page = parse(new Solved(n, 4).page(null));
    for (String id : List.of("plot-scores", "plot-residuals", "plot-slacks")) {
      assertEquals(n, rowsIn(find(page, "svg", id)), id);
      assertEquals(0, count(find(page, "svg", id), "circle"), id);
    }
  }

  /** Rows at the ends of all scales, and a block that comes twice. */
  @Test
  void everyRowIsInSomeBinOnce() throws Exception {
    int n = RowCounts.POINTS + 6;
    double[] slack = new double[n];
    double[] score = new double[n];
    double[] target = new double[n];
    Arrays.setAll(slack, i -> Math.scalb(i % 2 == 0 ? 1.0 : -1.0, i % 300 - 150));
    Arrays.setAll(score, i -> Math.scalb(1.0, -(i % 90)));
    double[] extremes = {0, 1, Double.MIN_VALUE, -1e-3, 2, 1e-21};
    System.arraycopy(extremes, 0, target, 0, extremes.length);
    System.arraycopy(extremes, 0, slack, n - extremes.length, extremes.length);
    RowCounts counts = new RowCounts(n, true);
    counts.add(0, n, slack, score, target);
    counts.add(0, n, slack, score, target);
    Solved solved = new Solved(20, 2);
    Document page = parse(solved.page(null, counts));
    for (String id : List.of("plot-scores", "plot-residuals", "plot-slacks")) {
      assertEquals(n, rowsIn(find(page, "svg", id)), id);
    }
    double[] differences =
        IntStream.range(0, n).mapToDouble(i -> Math.abs(score[i] - target[i])).sorted().toArray();
    double[] listed =
        counts.farthestRows().stream().mapToDouble(row -> Math.abs(row.residual())).toArray();
    for (int k = 0; k < RowCounts.LISTED; k++) {
      assertEquals(differences[n - 1 - k], listed[k]);
    }
  }

  @Test
  void namesAreTextWhateverTheySay() throws Exception {
    List<String> names =
        List.of("<script>alert(1)</script>", "\" onload='x' &amp;", "a\u202eb\u0000]]><!--");
    String html = new Solved(50, 3).page(names);
    Document page = parse(html);
    assertFalse(html.toLowerCase(Locale.ROOT).contains("<script"));
    Element table = find(page, "section", "x-table");
    List<String> heads = new ArrayList<>();
    NodeList all = table.getElementsByTagName("th");
    for (int k = 0; k < all.getLength(); k++) {
      heads.add(all.item(k).getTextContent());
    }
    assertTrue(heads.containsAll(names.subList(0, 2)), heads.toString());
    assertTrue(heads.contains("a\ufffdb\ufffd]]><!--"), heads.toString());
  }

  /** Nothing is loaded and nothing runs: no scripts, links, images, handlers or addresses. */
  @Test
  void thePageIsSelfContained() throws Exception {
    Document page = parse(new Solved(50, 3).page(List.of("p", "q", "r")));
    NodeList all = page.getElementsByTagName("*");
    for (int k = 0; k < all.getLength(); k++) {
      Element element = (Element) all.item(k);
      assertFalse(
          List.of("script", "link", "img", "iframe", "object", "image", "use", "a")
              .contains(element.getTagName()),
          element.getTagName());
      for (int a = 0; a < element.getAttributes().getLength(); a++) {
        String name = element.getAttributes().item(a).getNodeName();
        assertFalse(name.startsWith("on") || name.matches(".*(href|src|action)"), name);
      }
    }
    String style = page.getElementsByTagName("style").item(0).getTextContent();
    assertFalse(style.contains("url(") || style.contains("@import"), style);
  }

  @Test
  void standardErrorsAreBars() throws Exception {
    Solved solved = new Solved(50, 3);
    String exact = find(parse(solved.page(null)), "section", "x").getTextContent();
    assertTrue(exact.contains("the scores count as exact, and those of x agree to"), exact);
    double[] error = {0.5, Double.NaN, 2};
    solved.result = withErrors(solved.result, error);
    Document page = parse(solved.page(null));
    NodeList paths = find(page, "svg", "plot-x").getElementsByTagName("path");
    long bars =
        IntStream.range(0, paths.getLength())
            .filter(k -> ((Element) paths.item(k)).getAttribute("class").equals("interval"))
            .count();
    assertEquals(2, bars);
    assertTrue(find(page, "section", "x").getTextContent().contains("95% intervals"));
    NodeList rows = find(page, "section", "x-table").getElementsByTagName("tr");
    assertTrue(rows.item(1).getTextContent().contains("0.50"), rows.item(1).getTextContent());
    assertTrue(rows.item(2).getTextContent().endsWith("\u2013\u2013\u2013"));
  }

  @Test
  void whatWasNotLookedAtIsSaid() throws Exception {
    Solved solved = new Solved(50, 3);
    Document page =
        parse(
            Report.of(
                HEADING,
                solved.result,
                null,
                new History(Progress.none()),
                s -> s,
                null,
                null,
                "the device failed"));
    assertTrue(
        find(page, "section", "rows")
            .getTextContent()
            .contains("Not looked at: the device failed."));
    assertTrue(find(page, "section", "convergence").getTextContent().contains("no step"));
    assertEquals(null, find(page, "svg", "plot-scores"));
  }

  @Test
  void stepsWithoutAResidualAreLeftOut() throws Exception {
    Solved solved = new Solved(50, 3);
    History history = new History(Progress.none());
    for (double residual : new double[] {1, Double.NaN, 0, Double.POSITIVE_INFINITY, 1e-3, 1e-9}) {
      history.step(new Progress.Step("s", 1, residual, 1, 1));
    }
    String html = Report.of(HEADING, solved.result, null, history, s -> s, null, null, "no");
    assertFalse(html.contains("NaN"), html);
    assertEquals(3, count(find(parse(html), "svg", "plot-convergence"), "circle"));
  }

  @Test
  void longHistoriesAreThinned() {
    int[] heard = {0};
    History history = new History(step -> heard[0]++);
    for (int k = 0; k < 20000; k++) {
      if (k == 10_000) {
        history.attempt(2, 77);
      }
      history.step(new Progress.Step("s", k, 1.0 / (k + 1), k, k));
    }
    assertEquals(20000, heard[0]);
    List<Progress.Step> steps = history.steps();
    assertTrue(steps.size() > 1000 && steps.size() <= 4096, "" + steps.size());
    assertEquals(0, steps.get(0).iteration());
    int every = steps.get(1).iteration();
    for (int k = 0; k < steps.size(); k++) {
      assertEquals(k * every, steps.get(k).iteration());
    }
    History.Attempt attempt = history.attempts().get(0);
    assertEquals(77, attempt.rows());
    assertTrue(steps.get(attempt.step()).iteration() >= 10_000, attempt.toString());
    assertTrue(steps.get(attempt.step() - 1).iteration() < 10_000, attempt.toString());
  }

  /** A planted problem, solved. */
  private static final class Solved {
    final History history = new History(Progress.none());
    final RowCounts counts;
    final Evaluation cost;
    Result result;

    Solved(int n, int d) throws IOException {
      PlantedProblem planted = PlantedProblem.of(Recipe.of(n, d).withKind(Kind.MIXED));
      try (Inverter inverter = Inverter.open("reference", 1)) {
        double[] b = planted.offset().toArray();
        double[] sigma = inverter.scores(planted.matrix(), b, planted.solution());
        Problem problem =
            new Problem(
                planted.matrix(),
                org.levinv.VectorSource.of("b", b),
                org.levinv.VectorSource.of("sigma", sigma));
        result = inverter.invert(problem, Options.defaults().withProgress(history));
        counts = new RowCounts(n, true);
        cost =
            inverter.evaluate(
                problem.A(),
                problem.b(),
                result.x(),
                Options.defaults(),
                (first, count, slacks, scores) -> {
                  double[] target = Arrays.copyOfRange(sigma, (int) first, (int) first + count);
                  counts.add(first, count, slacks, scores, target);
                });
      }
    }

    String page(List<String> names) {
      return page(names, counts);
    }

    String page(List<String> names, RowCounts of) {
      return Report.of(HEADING, result, names, history, s -> s, of, cost, null);
    }
  }

  private static Result withErrors(Result r, double[] error) {
    return new Result(
        r.x(),
        r.status(),
        r.message(),
        r.method(),
        r.device(),
        r.deviceNote(),
        r.rows(),
        r.columns(),
        r.signs(),
        r.iterations(),
        r.relativeResidual(),
        r.loss(),
        r.work(),
        r.passes(),
        r.seconds(),
        r.jacobianRatio(),
        r.freeDirection(),
        r.scoreNoise(),
        error,
        r.groups(),
        r.warnings(),
        r.local(),
        r.certificate(),
        Weights.BARRIER,
        false);
  }

  /** Well-formed, so that nothing that was not escaped can have opened an element. */
  private static Document parse(String html)
      throws ParserConfigurationException, IOException, SAXException {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  private static Element find(Document page, String tag, String id) {
    NodeList all = page.getElementsByTagName(tag);
    return IntStream.range(0, all.getLength())
        .mapToObj(k -> (Element) all.item(k))
        .filter(element -> element.getAttribute("id").equals(id))
        .findFirst()
        .orElse(null);
  }

  private static int count(Element within, String tag) {
    return within.getElementsByTagName(tag).getLength();
  }

  /** The sum of what cells and bars say that they are. */
  private static long rowsIn(Element plot) {
    Pattern number = Pattern.compile("([\\d,]+) (rows|positive|negative)");
    NodeList titles = plot.getElementsByTagName("title");
    long sum = 0;
    for (int k = 0; k < titles.getLength(); k++) {
      Matcher matcher = number.matcher(titles.item(k).getTextContent());
      if (matcher.matches()) {
        sum += Long.parseLong(matcher.group(1).replace(",", ""));
      }
    }
    return sum;
  }
}
