package org.levinv.app.report;

/** Text that may stand in HTML, whoever wrote it. */
final class Html {
  private Html() {}

  /** For text and for attributes in quotes; characters of control and direction become a mark. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.replaceAll("[\\p{Cc}\\p{Cf}]", "\ufffd")
        .chars()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append((char) c);
              }
            });
    return escaped.toString();
  }
}
