package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What the distribution has for man and for shells. */
class ManualTest {
  @TempDir Path directory;

  private CommandLine levinv;

  @BeforeEach
  void write() throws IOException {
    Manual.write(directory);
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    levinv = Main.commandLine(new Main(), new Screen(nowhere, nowhere, false));
  }

  @Test
  void everyCommandHasAPageWithAllItsOptions() throws IOException {
    assertTrue(levinv.getSubcommands().size() >= 8);
    for (CommandLine command : levinv.getSubcommands().values()) {
      String name = "levinv-" + command.getCommandName();
      String page = Files.readString(directory.resolve("share/man/man1/" + name + ".1"));
      for (OptionSpec option : command.getCommandSpec().options()) {
        assertTrue(page.contains(option.longestName().replace("-", "\\-")), option.longestName());
      }
      assertTrue(page.contains("\n.SH EXIT STATUS\n"), page);
      // a line that begins with a dot and is no request of ours would be swallowed
      assertTrue(
          page.lines()
              .allMatch(
                  line ->
                      !line.startsWith(".") || line.matches("\\.(TH|SH|PP|TP|B|I|nf|fi)( .*)?")),
          page);
      assertFalse(page.contains("%n") || page.contains("${"), page);
    }
    String all = Files.readString(directory.resolve("share/man/man1/levinv.1"));
    assertTrue(all.contains("\\fBlevinv\\-solve\\-gradient\\fR(1)"), all);
  }

  /** The script names the words of an option by its label. */
  @Test
  void optionsWithWordsHaveLabelsOfTheirOwn() {
    for (CommandLine command : levinv.getSubcommands().values()) {
      Set<String> labels = new HashSet<>();
      for (OptionSpec option : command.getCommandSpec().options()) {
        boolean hasWords = option.completionCandidates() != null;
        assertTrue(!hasWords || labels.add(option.paramLabel()), option.longestName());
      }
    }
  }

  @Test
  void bashCompletesCommandsOptionsAndWords() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "not run: there is no bash");
    Files.writeString(directory.resolve("signs.csv"), "1\n");
    assertEquals(List.of("solve", "solve-gradient"), completed("solv"));
    assertEquals(List.of("--regularization", "--report"), completed("solve", "--re"));
    assertEquals(
        List.of("auto", "gauss-newton", "gradient", "newton", "sampled-newton"),
        completed("solve", "--method", ""));
    assertEquals(List.of("cpu", "cuda", "cuda:all"), completed("solve", "--device", "c"));
    assertEquals(List.of("interior", "mixed"), completed("generate", "--kind", ""));
    assertEquals(List.of("signs.csv"), completed("solve", "--matrix", "si"));
    assertEquals(List.of("positive"), completed("solve", "--signs", "pos"));
    assertEquals(List.of("signs.csv"), completed("solve", "--signs", "si"));
    assertEquals(List.of("solve", "solve-gradient"), completed("help", "solv"));
  }

  private List<String> completed(String... words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "/bin/bash",
                "--norc",
                "-c",
                "source share/bash-completion/completions/levinv; COMP_WORDS=(levinv \"$@\");"
                    + " COMP_CWORD=$#; _complete_levinv 2>/dev/null;"
                    + " printf '%s\\n' \"${COMPREPLY[@]}\"",
                "bash"));
    command.addAll(Arrays.asList(words));
    Process process = new ProcessBuilder(command).directory(directory.toFile()).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    return out.lines().sorted().toList();
  }
}
