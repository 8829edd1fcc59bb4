package org.levinv.app.report;

import java.util.List;

/** A page of HTML that needs no network and runs no scripts, while it is written. */
final class Page {

  private final StringBuilder html = new StringBuilder();

  /** Begins with a title, in plain text as all that is not called HTML. */
  Page(String title) {
    add(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
        """);
    add("<title>" + escape(title) + "</title>\n<style>\n" + STYLE + "</style>\n</head>\n");
    add("<body>\n<main>\n");
  }

  /** All of it. */
  String text() {
    return html + "</main>\n</body>\n</html>\n";
  }

  /** Begins a section, which {@link #end} ends. */
  void section(String id, String title) {
    add("<section id=\"" + id + "\">\n<h2>" + escape(title) + "</h2>\n");
  }

  void end() {
    add("</section>\n");
  }

  void paragraph(String text) {
    add("<p>" + escape(text) + "</p>\n");
  }

  void list(String title, List<String> items) {
    if (!items.isEmpty()) {
      add("<h3>" + escape(title) + "</h3>\n<ul>\n");
      items.forEach(item -> add("<li>" + escape(item) + "</li>\n"));
      add("</ul>\n");
    }
  }

  /** HTML for {@link #add}. */
  static String legend(String style, String text) {
    String swatch = "<span class=\"swatch " + style + "\"></span>";
    return "<span class=\"legend\">" + swatch + escape(text) + "</span>\n";
  }

  /** Of a table. */
  void cell(String text) {
    add("<td>" + escape(text) + "</td>");
  }

  /** HTML as it is. */
  void add(String text) {
    html.append(text);
  }

  /** Any text in HTML, and a dash for null. */
  static String escape(String text) {
    return text == null ? Figures.UNKNOWN : Html.escape(text);
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
