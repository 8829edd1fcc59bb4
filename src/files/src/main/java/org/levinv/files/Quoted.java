package org.levinv.files;

/** Text out of a file, as messages show it. */
final class Quoted {
  /** Characters of a file's text that a message repeats; the rest tells a reader no more. */
  private static final int MOST = 200;

  private Quoted() {}

  /** The beginning of a text, on one line. */
  static String of(String text) {
    return of(text, MOST);
  }

  static String of(String text, int most) {
    String shown = text.length() > most ? text.substring(0, most) + "..." : text;
    return shown.replaceAll("\\p{Cntrl}", " ");
  }
}
