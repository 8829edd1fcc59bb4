package org.levinv.app;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes what the distribution has for shells and for man, from the same descriptions as --help:
 * share/bash-completion/completions/levinv, which zsh reads too, and a page for every command in
 * share/man/man1. The build calls it.
 */
public final class Manual {
  private Manual() {}

  /**
   * @param args the folder that gets share/
   */
  public static void main(String[] args) throws IOException {
    write(Path.of(args[0]));
  }

  static void write(Path directory) throws IOException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    CommandLine levinv = Main.commandLine(new Screen(nowhere, nowhere, false));
    Path completions = directory.resolve("share/bash-completion/completions");
    Path pages = directory.resolve("share/man/man1");
    Files.createDirectories(completions);
    Files.createDirectories(pages);
    Files.writeString(completions.resolve("levinv"), completion(levinv));
    Files.writeString(pages.resolve("levinv.1"), page(levinv));
    for (CommandLine command : levinv.getSubcommands().values()) {
      Files.writeString(pages.resolve("levinv-" + command.getCommandName() + ".1"), page(command));
    }
  }

  /** picocli completes words or files; signs are one or the other. */
  private static String completion(CommandLine levinv) {
    String words = "$( compReplyArray \"${SIGNS_option_args[@]}\" )";
    String files = "$( compgen -f -- \"${curr_word}\" )";
    return AutoComplete.bash("levinv", levinv).replace(words, words + " " + files);
  }

  /** One page in the man macros (groff_man(7)). */
  private static String page(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    String name = spec.qualifiedName("-");
    StringBuilder page = new StringBuilder();
    page.append(".TH ").append(name.toUpperCase(Locale.ROOT)).append(" 1 \"\" levinv\n");
    String[] description = spec.usageMessage().description();
    add(page, ".SH NAME", name + " \\- " + text(description[0]));
    add(page, ".SH SYNOPSIS", ".B " + text(synopsis(line)));
    add(page, ".SH DESCRIPTION");
    for (String paragraph : description) {
      add(page, ".PP", text(paragraph));
    }
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      add(page, ".TP", ".I " + text(parameter.paramLabel()), text(parameter.description()));
    }
    for (Map.Entry<String, List<OptionSpec>> group : HelpPages.groups(spec).entrySet()) {
      add(page, ".SH " + group.getKey().toUpperCase(Locale.ROOT));
      for (OptionSpec option : group.getValue()) {
        String value =
            option.arity().max() == 0 ? "" : "=\\fI" + text(option.paramLabel()) + "\\fR";
        String names = "\\fB" + text(String.join(", ", option.names())) + "\\fR";
        add(page, ".TP", names + value, text(option.description()));
      }
    }
    if (!spec.subcommands().isEmpty()) {
      add(page, ".SH COMMANDS");
      for (CommandLine command : spec.subcommands().values()) {
        String reference = "\\fBlevinv\\-" + text(command.getCommandName()) + "\\fR(1)";
        String[] what = command.getCommandSpec().usageMessage().description();
        add(page, ".TP", reference, text(what[0]));
      }
    }
    add(page, ".SH EXIT STATUS");
    spec.usageMessage()
        .exitCodeList()
        .forEach((code, meaning) -> add(page, ".TP", ".B " + code, text(meaning)));
    if (spec.usageMessage().footer().length > 0) {
      add(page, ".SH EXAMPLES", ".nf");
      for (String example : spec.usageMessage().footer()) {
        add(page, text(example));
      }
      add(page, ".fi");
    }
    return page.toString();
  }

  private static String synopsis(CommandLine line) {
    String[] custom = line.getCommandSpec().usageMessage().customSynopsis();
    return custom.length > 0 ? custom[0] : "levinv COMMAND [OPTIONS]";
  }

  private static void add(StringBuilder page, String... lines) {
    for (String line : lines) {
      page.append(line).append('\n');
    }
  }

  private static String text(String... parts) {
    String text = String.format(String.join(" ", parts)); // picocli's descriptions are formats
    String escaped = text.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
