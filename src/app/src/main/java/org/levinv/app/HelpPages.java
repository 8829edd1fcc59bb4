package org.levinv.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * What --help of every command has in common: a synopsis of what is required, options in groups,
 * exit codes.
 */
final class HelpPages {
  private static final int WIDTH = 100;

  private static final String OWN = "Options";
  private static final String GENERAL = "Device and messages";

  /** Headings of the options that commands share, by the field that holds them. */
  private static final Map<String, String> HEADINGS =
      Map.of(
          "answer", "More results",
          "uncertainty", "Errors of the scores",
          "checkpoint", "More results",
          "limits", "Limits",
          "memory", "Limits",
          "local", "Method",
          "common", GENERAL);

  /** Commands that search for something that may not be found. */
  private static final Set<String> SEARCHES =
      Set.of("levinv", "solve", "solve-gradient", "scale", "levinv-spark");

  /** Commands that open no device. */
  private static final Set<String> READERS = Set.of("show", "devices", "help");

  private HelpPages() {}

  /** Sets up a command and all below it. */
  static void apply(CommandLine line) {
    UsageMessageSpec usage = line.getCommandSpec().usageMessage();
    usage.commandListHeading("%nCommands:%n");
    usage.width(WIDTH).sortOptions(false).sortSynopsis(false);
    usage.exitCodeListHeading("%nExit codes:%n").exitCodeList(exitCodes(line.getCommandName()));
    if (line.getSubcommands().isEmpty()) {
      usage.customSynopsis(synopsis(line.getCommandSpec()));
    }
    if (usage.footer().length > 0) {
      usage.footerHeading("%nExamples:%n");
    }
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpPages::options);
    line.getSubcommands().values().forEach(HelpPages::apply);
  }

  static Map<String, String> exitCodes(String command) {
    Map<String, String> codes = new LinkedHashMap<>();
    boolean searches = SEARCHES.contains(command);
    codes.put(
        "0", searches ? "success: found, or the optimum for a target that no x meets" : "success");
    codes.put("1", "a bug in levinv");
    codes.put("2", "bad usage, bad input or an output that cannot be written");
    if (searches) {
      codes.put("3", "results were written, but are not the answer: see the status");
    }
    if (!READERS.contains(command)) {
      codes.put(
          "4",
          "the device failed, or memory ran out"
              + (searches ? ": the best so far is kept, where there is one" : ""));
      codes.put("130", "ended by a signal" + (searches ? ": likewise" : ""));
    }
    return codes;
  }

  /** The command with what it requires. */
  private static String synopsis(CommandSpec spec) {
    List<String> words = new ArrayList<>(List.of(spec.qualifiedName()));
    spec.argGroups().forEach(group -> words.add(group.synopsis()));
    for (OptionSpec option : spec.options()) {
      if (option.required() && option.group() == null) {
        words.add(option.longestName() + "=" + option.paramLabel());
      }
    }
    words.add("[OPTIONS]");
    spec.positionalParameters().forEach(parameter -> words.add(parameter.paramLabel()));
    return String.join(" ", words);
  }

  /** Options by their groups. */
  private static String options(Help help) {
    StringBuilder text = new StringBuilder();
    groups(help.commandSpec())
        .forEach(
            (heading, options) ->
                text.append(String.format("%n%s:%n", heading))
                    .append(
                        help.optionListExcludingGroups(
                            options,
                            help.createDefaultLayout(
                                help.commandSpec().options(),
                                help.commandSpec().positionalParameters(),
                                help.colorScheme()),
                            null,
                            help.parameterLabelRenderer())));
    return text.toString();
  }

  /** Headings with their options, those of the command itself first. */
  static Map<String, List<OptionSpec>> groups(CommandSpec spec) {
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    groups.put(OWN, new ArrayList<>());
    for (OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        groups.computeIfAbsent(heading(spec, option), h -> new ArrayList<>()).add(option);
      }
    }
    List<OptionSpec> general = groups.remove(GENERAL);
    if (general != null) {
      groups.put(GENERAL, general); // last
    }
    groups.values().removeIf(List::isEmpty);
    return groups;
  }

  private static String heading(CommandSpec spec, OptionSpec option) {
    if (option.inherited() || option.usageHelp() || option.versionHelp()) {
      return spec.mixins().containsKey("common") ? GENERAL : OWN;
    }
    Set<String> mixins =
        spec.mixins().entrySet().stream()
            .filter(
                mixin ->
                    mixin.getValue().options().stream()
                        .anyMatch(o -> o.longestName().equals(option.longestName())))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    return mixins.stream().filter(HEADINGS::containsKey).map(HEADINGS::get).findFirst().orElse(OWN);
  }
}
