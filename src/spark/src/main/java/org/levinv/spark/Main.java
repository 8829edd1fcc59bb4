package org.levinv.spark;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.Threads;
import org.levinv.VectorSource;
import org.levinv.app.AnswerArguments;
import org.levinv.app.AnswerArguments.RowVector;
import org.levinv.app.Interruption;
import org.levinv.app.LimitArguments;
import org.levinv.app.Main.Version;
import org.levinv.app.ResultWords;
import org.levinv.app.Screen;
import org.levinv.app.StatusLine;
import org.levinv.app.UncertaintyArguments;
import org.levinv.app.Words;
import org.levinv.device.DeviceException;
import org.levinv.files.Inputs;
import org.levinv.files.Provenance;
import org.levinv.files.RowsAtAnswer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * For spark-submit: {@code levinv solve} where the rows are on a cluster, with the same options,
 * result.json and exit codes.
 */
@Command(
    name = "levinv-spark",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Finds x such that the leverage scores of diag(Ax - b)^-1 A are the given ones, and writes"
          + " x.npy, x.csv and result.json.",
      "Matrix, offset and scores are .npy files of any of Hadoop's file systems, or columns of a"
          + " table."
    })
public final class Main implements Callable<Integer> {
  private static final Words.SignWords SIGNS = new Words.SignWords();

  @Spec private CommandSpec spec;

  @Option(names = "--matrix", paramLabel = "A", description = "A, n x d: .npy.")
  private String matrix;

  @Option(names = "--offset", paramLabel = "b", description = "The offset, n numbers: .npy.")
  private String offset;

  @Option(names = "--scores", paramLabel = "sigma", description = "The target scores: .npy.")
  private String scores;

  @Mixin private TableArguments table;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "DIR",
      description = "The folder for the results, of any of Hadoop's file systems.")
  private String out;

  @Option(
      names = "--signs",
      paramLabel = "SIGNS",
      defaultValue = "auto",
      description =
          "The signs of Ax - b: auto (default), positive, negative, unknown, or a .npy file of n"
              + " numbers whose signs count.")
  private String signs;

  @Option(
      names = "--prior-weights",
      paramLabel = "v",
      description =
          "Prior weights, n numbers above 0: the scores are those of diag(sqrt(v) / (Ax - b)) A:"
              + " .npy.")
  private String prior;

  @Option(
      names = "--start",
      paramLabel = "x0",
      description = "A start point, d values: .npy. It is tried first.")
  private String start;

  @Option(
      names = "--write",
      paramLabel = "VECTOR",
      split = ",",
      converter = Words.RowVectors.class,
      description =
          "Also write rows.parquet, a table with columns row (from 0), leverage, residual (leverage"
              + " - target) or slack (Ax - b) at the answer: scores, residuals, slacks, or several"
              + " with commas.")
  private List<RowVector> vectors;

  @Mixin private UncertaintyArguments uncertainty;

  @Mixin private LimitArguments limits;

  @Option(names = "--seed", paramLabel = "S", description = "Fixes every random draw (default 0).")
  private long seed = Options.defaults().seed();

  @Option(
      names = "--partitions",
      paramLabel = "P",
      defaultValue = "0",
      description = "Of the rows; 0 (default): as many on each core, of up to 128 MiB.")
  private int partitions;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but warnings and failures.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Print a line on standard error for each step of a search.")
  private boolean verbose;

  @Option(names = "--debug", description = "Print the stack trace of a failure.")
  private boolean debug;

  /** Known by then: see {@link Screen#heeding}. */
  @Option(
      names = Screen.JSON_ERRORS,
      description = "Say what ended it without a result as a JSON object on standard error.")
  private boolean jsonErrors;

  private final Screen screen;
  private final Instant started = Instant.now();

  private Main(Screen screen) {
    this.screen = screen;
  }

  /** Solves, and ends the process with the exit code. */
  public static void main(String[] arguments) {
    Screen screen = new Screen(System.out, System.err, Screen.isTerminal()).heeding(arguments);
    Interruption.install(screen);
    int code = execute(arguments, screen);
    scala.Option<SparkSession> session = SparkSession.getDefaultSession();
    if (session.isDefined()) {
      session.get().stop(); // executors that are still at work would complain
    }
    System.exit(code);
  }

  /**
   * Solves in the Spark that there is, or starts one.
   *
   * @param out hears of the result
   * @param err for what went wrong
   * @return the exit code
   */
  static int execute(String[] arguments, PrintStream out, PrintStream err) {
    return execute(arguments, new Screen(out, err, false).heeding(arguments));
  }

  private static int execute(String[] arguments, Screen screen) {
    Main main = new Main(screen);
    try {
      return commandLine(main, screen).execute(arguments);
    } catch (Throwable e) { // picocli hands on exceptions alone; running out of memory is an error
      return org.levinv.app.Main.failed(screen, e, main.spec, main.debug);
    }
  }

  /** Its options and their words. */
  static CommandLine commandLine(Screen screen) {
    return commandLine(new Main(screen), screen);
  }

  private static CommandLine commandLine(Main main, Screen screen) {
    CommandLine line =
        new CommandLine(main)
            .setExecutionExceptionHandler(
                (e, command, parsed) ->
                    org.levinv.app.Main.failed(screen, e, command.getCommandSpec(), main.debug))
            .setParameterExceptionHandler((e, arguments) -> misused(screen, e, arguments));
    return org.levinv.app.Main.withManners(line);
  }

  private static int misused(Screen screen, ParameterException e, String[] arguments) {
    String reason = NotOnACluster.reason(e.getCommandLine().getUnmatchedArguments());
    if (reason == null) {
      return org.levinv.app.Main.misused(screen, e, arguments);
    }
    screen.failure(org.levinv.app.Main.BAD_INPUT, reason);
    return org.levinv.app.Main.BAD_INPUT;
  }

  /** What Spark and Hadoop say in many lines. */
  static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString());
  }

  @Override
  public Integer call() {
    Options options = options();
    SparkSession session = session();
    JavaSparkContext context = Sessions.context(session);
    Configuration configuration = context.hadoopConfiguration();
    List<String> inputs =
        Stream.of(matrix, offset, scores, table.path(), prior, start, isFile() ? signs : null)
            .filter(Objects::nonNull)
            .toList();
    HadoopFolder folder = HadoopFolder.of(out, inputs, configuration);
    Options own = options.withStart(start(configuration));
    Result result;
    AnswerArguments.Written written;
    try (StatusLine line = StatusLine.on(screen, quiet, verbose)) {
      line.doing("reading the rows");
      try (SparkRows rows = rows(session, context);
          SparkInverter inverter = new SparkInverter()) {
        line.begin(rows.rows(), "Spark", null);
        result = inverter.invert(rows, own.withProgress(line));
        folder.begin();
        written = write(rows, inverter, result, folder.rows(), line);
        folder.write(result, own, provenance(), written.said());
      }
    }
    ResultWords.say("", result, screen, quiet);
    return AnswerArguments.exitCode(result, written, screen);
  }

  private static SparkSession session() {
    try {
      return SparkSession.builder().appName("levinv").getOrCreate();
    } catch (Exception e) { // Spark throws checked ones that it does not declare
      throw new InvalidInputException("Spark: cannot be started: " + firstLine(e), e);
    }
  }

  // ---- what is asked for

  private Options options() {
    for (OptionSpec option : spec.options()) { // such as of a shell's variable that is not set
      if (option.getValue() instanceof String word && word.isBlank()) {
        throw new InvalidInputException(
            option.longestName() + ": expected a name, got '" + word + "'");
      }
    }
    AnswerArguments.asked(vectors); // refuses commas alone
    boolean isFiles = matrix != null && offset != null && scores != null;
    boolean hasFiles = matrix != null || offset != null || scores != null;
    if (table.given() ? hasFiles : !isFiles) {
      throw new InvalidInputException("expected --matrix, --offset and --scores, or --table alone");
    }
    if (table.named() != null && !table.given()) {
      throw new InvalidInputException(table.named() + ": expected with --table, got --matrix");
    }
    if (table.given() && prior != null) {
      throw new InvalidInputException(
          "--prior-weights: expected with --matrix, got --table; --prior-weight-column names a"
              + " column of them");
    }
    if (table.given() && isFile()) {
      throw new InvalidInputException(
          "--signs: expected auto, positive, negative or unknown with --table, got '"
              + signs
              + "'; --sign-column names a column of signs");
    }
    if (partitions < 0) {
      throw new InvalidInputException("--partitions: expected 0 or more, got " + partitions);
    }
    if (quiet && verbose) {
      throw new InvalidInputException("--quiet: expected not to be given with --verbose");
    }
    Options options = uncertainty.apply(limits.apply(Options.defaults())).withSeed(seed);
    return isFile() ? options : options.withSigns(SIGNS.find(signs));
  }

  private boolean isFile() {
    return SIGNS.find(signs) == null;
  }

  private SparkRows rows(SparkSession session, JavaSparkContext context) {
    if (table.given()) {
      return table.read(session, partitions);
    }
    if (isFile() && !exists(signs, context.hadoopConfiguration())) {
      throw new InvalidInputException(
          "--signs: expected auto, positive, negative, unknown or a file, got '"
              + signs
              + "'"
              + SIGNS.suggestions(signs));
    }
    return SparkRows.npy(
        context, matrix, offset, scores, isFile() ? signs : null, prior, partitions);
  }

  private static boolean exists(String uri, Configuration configuration) {
    try {
      Path path = new Path(uri);
      return path.getFileSystem(configuration).exists(path);
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  private double[] start(Configuration configuration) {
    if (start == null) {
      return null;
    }
    try (VectorSource vector =
        Inputs.npyVector(start, HadoopBytes.Seen.of(start, configuration).open(configuration))) {
      return vector.toArray();
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(start + ": cannot be read: " + firstLine(e), e);
    }
  }

  // ---- results

  /**
   * Writes what was asked for of each row, one more evaluation. Where that fails there is no table,
   * and the answer stands.
   *
   * @return what became of it
   */
  private AnswerArguments.Written write(
      SparkRows rows, SparkInverter inverter, Result result, Path to, StatusLine line) {
    Set<RowVector> asked = AnswerArguments.asked(vectors);
    if (asked.isEmpty()) {
      return new AnswerArguments.Written(null, org.levinv.app.Main.SUCCESS);
    }
    String none = AnswerArguments.noneAt(result);
    if (none != null) {
      return AnswerArguments.Written.not(none, org.levinv.app.Main.SUCCESS);
    }
    line.doing("looking at every row at the answer");
    try {
      Dataset<Row> chosen = chosen(asked, inverter.evaluate(rows, result.x()));
      SparkJob.run(
          rows.context(),
          () -> {
            chosen.write().parquet(to.toString());
            return true;
          },
          () -> stopIfAsked(line),
          line::reading);
      return new AnswerArguments.Written(
          new RowsAtAnswer(List.of(HadoopFolder.ROWS), null, null), org.levinv.app.Main.SUCCESS);
    } catch (InvalidInputException e) {
      return AnswerArguments.Written.not(e.getMessage(), org.levinv.app.Main.SUCCESS);
    } catch (DeviceException e) {
      return AnswerArguments.Written.not(e.getMessage(), org.levinv.app.Main.DEVICE_FAILURE);
    } catch (CancellationException e) {
      return AnswerArguments.Written.not("interrupted", org.levinv.app.Main.INTERRUPTED);
    }
  }

  private static void stopIfAsked(StatusLine line) {
    if (line.stop()) {
      throw new CancellationException();
    }
  }

  private static Dataset<Row> chosen(Set<RowVector> asked, Dataset<Row> all) {
    List<Column> columns = new ArrayList<>(List.of(functions.col("row")));
    for (RowVector vector : asked) {
      columns.add(
          switch (vector) {
            case SCORES -> functions.col("leverage");
            case RESIDUALS -> functions.col("residual");
            case SLACKS -> functions.col("slack");
          });
    }
    return all.select(columns.toArray(Column[]::new));
  }

  private Provenance provenance() {
    List<String> command = new ArrayList<>(List.of("levinv-spark"));
    command.addAll(spec.commandLine().getParseResult().originalArgs());
    return new Provenance(Version.number(), started, command, Threads.of(0), Map.of());
  }
}
