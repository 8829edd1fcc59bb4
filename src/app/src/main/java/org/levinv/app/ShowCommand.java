package org.levinv.app;

import java.nio.file.Path;
import java.util.List;
import org.levinv.files.AuditFile;
import org.levinv.files.ResultFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code levinv show}. */
@Command(
    name = "show",
    description = {
      "Prints what a result says: the verdict in a sentence, the figures, x with its standard"
          + " errors, and what to do next.",
      "Of a folder of several such folders it shows a line for each. Of a folder of scale it shows all but the weights, which are n numbers, and of one of audit what that"
          + " printed. It computes nothing;"
          + " exit code 0 says that there was something to show."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = "  levinv show result")
final class ShowCommand implements Runnable {
  private final Screen screen;

  @Parameters(
      paramLabel = "DIR",
      description = "The folder that solve, solve-gradient, scale or audit wrote with --out.")
  private Path directory;

  @Option(names = "--all", description = "Show every column, however many there are.")
  private boolean all;

  ShowCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public void run() {
    screen.say(lines());
  }

  private List<String> lines() {
    if (AuditFile.isIn(directory)) {
      return AuditWords.of(AuditFile.read(directory));
    }
    List<ResultFolder> several =
        ResultFolder.below(directory).stream().map(ResultFolder::read).toList();
    return several.isEmpty() ? Summary.of(ResultFolder.read(directory), all) : Summary.of(several);
  }
}
