package org.levinv.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.levinv.Audit;

/** What an audit found, as lines of text for people. */
final class AuditWords {
  private AuditWords() {}

  /** A table, and a sentence. */
  static List<String> of(Audit audit) {
    List<String> lines = new ArrayList<>();
    if (!audit.free()) {
      lines.add("decimals  error of Ax - b  relative  signs told  printed as 0");
    }
    for (Audit.Decimals one : audit.decimals()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%8d  %15.1e  %8.1e  %9.0f%%  %12d",
              one.digits(),
              one.etaError(),
              one.relativeEtaError(),
              100 * one.signs(),
              one.zeros()));
    }
    lines.add(audit.sentence());
    return lines;
  }
}
