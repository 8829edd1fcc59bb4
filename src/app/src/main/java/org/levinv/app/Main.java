package org.levinv.app;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.JarURLConnection;
import java.net.URL;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.levinv.InvalidInputException;
import org.levinv.Status;
import org.levinv.VectorSinkException;
import org.levinv.device.DeviceException;
import org.levinv.files.OutputException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.Option;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code levinv}. */
@Command(
    name = "levinv",
    description = "Recovers x from the leverage scores of diag(Ax - b)^-1 A.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "  levinv generate --rows 1000 --columns 5 --kind mixed --out problem",
      "  levinv solve --matrix problem/A.npy --offset problem/b.npy --scores problem/sigma.npy \\",
      "               --out result",
      "  levinv show result",
      "  levinv help solve"
    })
public final class Main implements Runnable {

  /** Exit code of what ended well. */
  public static final int SUCCESS = 0;

  static final int BUG = 1;

  /** Exit code of bad usage, bad input or an output that cannot be written. */
  public static final int BAD_INPUT = 2;

  static final int NO_ANSWER = 3;

  /** Exit code of a device that failed. */
  public static final int DEVICE_FAILURE = 4;

  /** Exit code of what a signal ended. */
  public static final int INTERRUPTED = 130;

  /** As the system says it. */
  private static final String TOO_MANY_FILES = "Too many open files";

  /** Likewise the runtime, of what begins once a process ends. */
  private static final String SHUTDOWN = "Shutdown in progress";

  /** What picocli says first of a value that is wrong, with the name of its option or parameter. */
  private static final Pattern WHERE =
      Pattern.compile(
          "^Invalid value for (?:option '([^']*)'(?: \\([^)]*\\))?|positional parameter at index \\S+"
              + " \\(([^)]*)\\)): ");

  /** Likewise of an option that ends the line. */
  private static final String NO_VALUE = "Missing required parameter for option";

  private static final Pattern FIRST_WORD = Pattern.compile("^([a-z][a-z-]*)[:,] ");

  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of a failure; so does the environment's LEVINV_DEBUG.")
  private boolean debug;

  /** Known by then: see {@link Screen#heeding}. */
  @Option(
      names = Screen.JSON_ERRORS,
      scope = ScopeType.INHERIT,
      description =
          "Say what ended a command without a result as a JSON object on standard error, one line:"
              + " exit_code, message, version.")
  private boolean jsonErrors;

  Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] args) {
    Screen screen = new Screen(System.out, System.err, Screen.isTerminal()).heeding(args);
    Interruption.install(screen);
    System.exit(execute(args, screen));
  }

  /**
   * Runs a command.
   *
   * @param out for results
   * @param err for what went wrong
   * @return the exit code
   */
  public static int execute(String[] args, PrintStream out, PrintStream err) {
    return execute(args, new Screen(out, err, false).heeding(args));
  }

  static int execute(String[] args, Screen screen) {
    Main main = new Main();
    try {
      return commandLine(main, screen, args).execute(args);
    } catch (Throwable e) { // picocli hands on exceptions alone; running out of memory is an error
      return main.failed(screen, e, main.spec);
    }
  }

  /** All commands, for what describes them. */
  public static CommandLine commandLine(Screen screen) {
    return commandLine(new Main(), screen);
  }

  /** What each command is made by, in the order of the help. */
  private static Map<String, Supplier<Object>> commands(Screen screen) {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("solve", () -> new SolveCommand(screen));
    commands.put("solve-gradient", () -> new SolveGradientCommand(screen));
    commands.put("scale", () -> new ScaleCommand(screen));
    commands.put("scores", () -> new ScoresCommand(screen));
    commands.put("audit", () -> new AuditCommand(screen));
    commands.put("generate", () -> new GenerateCommand(screen));
    commands.put("show", () -> new ShowCommand(screen));
    commands.put("devices", () -> new DevicesCommand(screen));
    return commands;
  }

  /**
   * The command that arguments begin with alone, or all where they begin with none: picocli reads
   * the annotations of each that it is given, which takes longer than to parse the arguments.
   */
  static CommandLine commandLine(Main main, Screen screen, String... args) {
    CommandLine line = new CommandLine(main);
    Map<String, Supplier<Object>> commands = commands(screen);
    if (args.length > 0 && commands.containsKey(args[0])) {
      line.addSubcommand(args[0], commands.get(args[0]).get());
    } else {
      commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
      line.addSubcommand(new HelpCommand());
    }
    line.setOut(new PrintWriter(screen.out(), true))
        .setErr(new PrintWriter(screen.err(), true))
        .setExecutionStrategy(Main::run)
        .setParameterExceptionHandler((e, arguments) -> misused(screen, e, arguments))
        .setExecutionExceptionHandler(
            (e, command, parsed) -> main.failed(screen, e, command.getCommandSpec()));
    return withManners(line);
  }

  /**
   * Who asks for help with a command that there is not is told so, as picocli does not by itself.
   */
  private static int run(ParseResult parsed) {
    if (!parsed.hasSubcommand() && !parsed.unmatched().isEmpty()) {
      throw new UnmatchedArgumentException(parsed.commandSpec().commandLine(), parsed.unmatched());
    }
    return new RunLast().execute(parsed);
  }

  /** Sets up how a command and all below it read their words and show their help. */
  public static CommandLine withManners(CommandLine line) {
    line.setColorScheme(Help.defaultColorScheme(Ansi.OFF)).setExpandAtFiles(false);
    line.setPosixClusteredShortOptionsAllowed(false); // -out is no -o with the value "ut"
    Words.registerConverters(line);
    HelpPages.apply(line);
    return line;
  }

  /** The exit code of a solve that ended in some way. */
  public static int exitCode(Status status) {
    return switch (status) {
      case CONVERGED, INCONSISTENT_TARGET -> SUCCESS;
      case INTERRUPTED -> INTERRUPTED;
      case DEVICE_FAILED -> DEVICE_FAILURE;
      default -> NO_ANSWER;
    };
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected a command, got none");
  }

  /**
   * Says what is wrong with arguments. A word that is not known explains what is missing: it comes
   * first.
   *
   * @return the exit code
   */
  public static int misused(Screen screen, ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    List<String> unmatched = command.getUnmatchedArguments();
    String message = words(e);
    if (!unmatched.isEmpty()) {
      message = unknown(command, unmatched.get(0));
    } else if (arguments.length > 1 && arguments[0].equals("help")) {
      message = unknown(command, arguments[1]);
    }
    screen.failure(
        BAD_INPUT, message + " (see " + command.getCommandSpec().qualifiedName() + " --help)");
    return BAD_INPUT;
  }

  /** What is wrong in the words of all other refusals, which picocli's are not. */
  private static String words(ParameterException e) {
    List<ArgGroupSpec> groups = e.getCommandLine().getCommandSpec().argGroups();
    boolean isNone =
        e instanceof MissingParameterException missing
            && missing.getMissing().stream().anyMatch(argument -> argument.group() != null);
    return isNone || e instanceof MutuallyExclusiveArgsException
        ? "expected one of " + groups.get(0).synopsis() + ", got " + (isNone ? "none" : "both")
        : e instanceof MissingParameterException missing
            ? missing(missing)
            : e instanceof OverwrittenOptionException twice
                ? name(twice.getOverwritten()) + ": expected to be given once, got it again"
                : WHERE.matcher(e.getMessage()).replaceFirst("$1$2: ");
  }

  private static String missing(MissingParameterException e) {
    List<ArgSpec> missing = e.getMissing();
    if (e.getMessage().startsWith(NO_VALUE)) {
      return name(missing.get(0)) + ": expected " + missing.get(0).paramLabel() + ", got none";
    }
    List<String> expected = missing.stream().map(Main::synopsis).toList();
    int last = expected.size() - 1;
    return "expected "
        + (last == 0 ? "" : String.join(", ", expected.subList(0, last)) + " and ")
        + expected.get(last)
        + ", got "
        + (last == 1 ? "neither" : "none");
  }

  private static String synopsis(ArgSpec argument) {
    return (argument.isOption() ? name(argument) + "=" : "") + argument.paramLabel();
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static String unknown(CommandLine command, String word) {
    CommandSpec known = command.getCommandSpec();
    if (word.startsWith("-")) {
      String name = word.replaceFirst("=.*", "");
      return "unknown option '" + name + "'" + Suggestions.of(name, known.optionsMap().keySet());
    }
    if (!known.subcommands().isEmpty()) {
      List<String> words = new ArrayList<>(known.subcommands().keySet());
      known.optionsMap().keySet().stream()
          .filter(name -> name.startsWith("--"))
          .forEach(words::add);
      return "unknown command '" + word + "'" + Suggestions.of(word, words);
    }
    String expected =
        known.positionalParameters().isEmpty()
            ? "expected options, which begin with a dash or two"
            : "expected one " + known.positionalParameters().get(0).paramLabel();
    return "unexpected '" + word + "': " + expected;
  }

  int failed(Screen screen, Throwable e, CommandSpec command) {
    return failed(screen, e, command, debug);
  }

  /**
   * Says what a command failed of.
   *
   * @param debug whether its stack trace is to be printed
   * @return the exit code
   */
  public static int failed(Screen screen, Throwable e, CommandSpec command, boolean debug) {
    int code = exitCode(e);
    if (code == INTERRUPTED) {
      return code;
    }
    screen.failure(code, inWordsOf(command, message(e, code)));
    if (debug || System.getenv("LEVINV_DEBUG") != null) {
      e.printStackTrace(screen.err());
    }
    return code;
  }

  /** The library calls an option by its name; here that has two dashes. */
  private static String inWordsOf(CommandSpec command, String message) {
    Matcher start = FIRST_WORD.matcher(String.valueOf(message));
    boolean isOption = start.find() && command.findOption("--" + start.group(1)) != null;
    return isOption ? "--" + message : message;
  }

  private static int exitCode(Throwable e) {
    if (e instanceof IllegalStateException && SHUTDOWN.equals(e.getMessage())) {
      return INTERRUPTED; // a signal came meanwhile, and the process is about to end
    }
    if (e instanceof InvalidInputException
        || e instanceof OutputException
        || e instanceof VectorSinkException) {
      return BAD_INPUT;
    }
    boolean exhausted = e instanceof OutOfMemoryError || isOutOfFiles(e);
    return e instanceof DeviceException || exhausted ? DEVICE_FAILURE : BUG;
  }

  private static String message(Throwable e, int code) {
    if (e instanceof OutOfMemoryError) {
      return "out of memory: the Java heap has "
          + Runtime.getRuntime().maxMemory() / (1 << 20)
          + " MiB; LEVINV_JAVA_OPTIONS=-Xmx... gives it more ("
          + e.getMessage()
          + ")";
    }
    if (isOutOfFiles(e)) {
      return "too many open files: ulimit -n allows more";
    }
    return code == BUG ? bug(e) : e.getMessage();
  }

  private static String bug(Throwable e) {
    String address = Version.entry("Implementation-URL");
    return "a bug in levinv: "
        + e
        + "; please report it"
        + (address == null ? "" : " at " + address)
        + " with the whole command and what levinv --version and levinv devices print";
  }

  /** A class that cannot be loaded for want of a file does not say so; opening one more does. */
  private static boolean isOutOfFiles(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains(TOO_MANY_FILES)) {
        return true;
      }
    }
    if (!(e instanceof LinkageError || e instanceof TypeNotPresentException)) {
      return false;
    }
    try (FileInputStream in = new FileInputStream("/dev/null")) {
      return in.available() < 0;
    } catch (IOException failure) {
      return String.valueOf(failure.getMessage()).contains(TOO_MANY_FILES);
    }
  }

  /** The version that the jar's manifest names. */
  public static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"levinv " + number()};
    }

    /** What the manifest of the jar has under a key, or null. */
    static String entry(String key) {
      try {
        URL own = Main.class.getResource("Main.class");
        return own != null && own.openConnection() instanceof JarURLConnection jar
            ? jar.getMainAttributes().getValue(key)
            : null;
      } catch (IOException e) {
        return null; // this comes with another failure, which says more
      }
    }

    /** The number alone. */
    public static String number() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "(not from its jar)" : version;
    }
  }
}
