package org.levinv.app;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Where the commands write for people.
 *
 * @param out results
 * @param err what went wrong, warnings, progress
 * @param live whether err is a terminal, on which a line can be overwritten
 * @param json whether failures are for programs
 */
public record Screen(PrintStream out, PrintStream err, boolean live, boolean json) {

  /** The option for it; arguments that cannot be understood are such a failure, too. */
  public static final String JSON_ERRORS = "--json-errors";

  /** Failures are for people. */
  public Screen(PrintStream out, PrintStream err, boolean live) {
    this(out, err, live, false);
  }

  /** Failures as these arguments ask for them. */
  public Screen heeding(String[] arguments) {
    return new Screen(out, err, live, Arrays.asList(arguments).contains(JSON_ERRORS));
  }

  /** A result, one line. */
  public void say(String message) {
    out.println(oneLine(message));
    out.flush();
  }

  /** A result of several lines, as they are. */
  public void say(List<String> lines) {
    lines.forEach(out::println);
    out.flush();
  }

  /** What went wrong, one line. */
  public void problem(String message) {
    err.println("levinv: " + oneLine(message));
    err.flush();
  }

  /** What ended a command without a result, one line. */
  public void failure(int exitCode, String message) {
    if (json) {
      String text = quoted(oneLine(message));
      String version = quoted(Main.Version.number());
      err.println(
          "{\"exit_code\":" + exitCode + ",\"message\":" + text + ",\"version\":" + version + "}");
      err.flush();
    } else {
      problem(message);
    }
  }

  /** As JSON has a text; by hand, since it may be a library of ours that cannot be loaded. */
  private static String quoted(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", " ");
    return '"' + plain.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String oneLine(String message) {
    return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ");
  }

  /** What the launcher found out: {@code true} or {@code false}. */
  private static final String TERMINAL = "levinv.terminal";

  /**
   * Whether standard error is a terminal that can overwrite a line, wherever standard output goes;
   * where neither the launcher nor the system tells, it is none.
   */
  public static boolean isTerminal() {
    String told = System.getProperty(TERMINAL);
    if (told != null) {
      return told.equals("true");
    }
    try {
      String target = Path.of("/proc/self/fd/2").toRealPath().toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }
}
