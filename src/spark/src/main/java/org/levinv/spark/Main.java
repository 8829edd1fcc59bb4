package org.levinv.spark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.SparkSession;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.Threads;
import org.levinv.device.DeviceException;
import org.levinv.files.OutputException;
import org.levinv.files.Provenance;
import org.levinv.files.ResultFiles;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * For spark-submit: {@code levinv solve} where the rows are on a cluster, with the same options,
 * result.json and exit codes.
 */
@Command(
    name = "levinv-spark",
    mixinStandardHelpOptions = true,
    description = {
      "Finds x such that the leverage scores of diag(Ax - b)^-1 A are the given ones, and writes"
          + " x.npy, x.csv and result.json.",
      "Matrix, offset and scores are .npy files of any of Hadoop's file systems, or columns of a"
          + " table."
    })
public final class Main implements Callable<Integer> {
  private static final int SUCCESS = 0;
  private static final int BUG = 1;
  private static final int BAD_INPUT = 2;
  private static final int NO_ANSWER = 3;
  private static final int DEVICE_FAILURE = 4;
  private static final int INTERRUPTED = 130;

  @Option(names = "--matrix", paramLabel = "A", description = "A, n x d: .npy.")
  private String matrix;

  @Option(names = "--offset", paramLabel = "b", description = "The offset, n numbers: .npy.")
  private String offset;

  @Option(names = "--scores", paramLabel = "sigma", description = "The target scores: .npy.")
  private String scores;

  @Option(
      names = "--table",
      paramLabel = "TABLE",
      description = "Instead of these, a path that Spark reads as a table.")
  private String table;

  @Option(
      names = "--format",
      defaultValue = "parquet",
      description = "Format of the table (default: ${DEFAULT-VALUE}).")
  private String format;

  @Option(
      names = "--features",
      defaultValue = "features",
      description = "Its column of vectors or arrays (default: ${DEFAULT-VALUE}).")
  private String features;

  @Option(
      names = "--offset-column",
      defaultValue = "offset",
      description = "Its column of b (default: ${DEFAULT-VALUE}).")
  private String offsetColumn;

  @Option(
      names = "--leverage-column",
      defaultValue = "leverage",
      description = "Its column of target scores (default: ${DEFAULT-VALUE}).")
  private String leverageColumn;

  @Option(
      names = "--sign-column",
      description = "Its column of numbers whose signs are those of Ax - b (default: none).")
  private String signColumn;

  @Option(
      names = "--out",
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

  @Option(names = "--tolerance", paramLabel = "T", description = "Relative residual that counts.")
  private double tolerance = Options.defaults().tolerance();

  @Option(names = "--max-iterations", paramLabel = "N", description = "Limit of each stage.")
  private int maxIterations = Options.defaults().maxIterations();

  @Option(names = "--max-work", paramLabel = "W", description = "Limit in units of n d^2 flops.")
  private double maxWork = Options.defaults().maxWork();

  @Option(names = "--time-limit", paramLabel = "SECONDS", description = "Limit on the time.")
  private Double timeLimit;

  @Option(names = "--digits", paramLabel = "K", description = "Decimals of the scores.")
  private Integer digits;

  @Option(names = "--score-error", paramLabel = "E", description = "Deviation of the scores.")
  private Double scoreError;

  @Option(names = "--seed", paramLabel = "S", description = "Of the draws (default: 0).")
  private long seed;

  @Option(
      names = "--partitions",
      paramLabel = "P",
      defaultValue = "0",
      description = "Of the rows; 0 (default): one for each 128 MiB, and at least one a core.")
  private int partitions;

  @Option(names = "--quiet", description = "Print nothing but failures.")
  private boolean quiet;

  private final String[] arguments;
  private final PrintStream said;
  private final Instant started = Instant.now();

  private Main(String[] arguments, PrintStream said) {
    this.arguments = arguments;
    this.said = said;
  }

  /** Solves, and ends the process with the exit code. */
  public static void main(String[] arguments) {
    int code = execute(arguments, System.out, System.err);
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
    CommandLine line = new CommandLine(new Main(arguments, out));
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, err));
    line.setParameterExceptionHandler(
        (e, unused) -> {
          err.println("levinv: " + e.getMessage());
          return BAD_INPUT;
        });
    return line.execute(arguments);
  }

  private static int failed(Exception e, PrintStream err) {
    int code =
        e instanceof InvalidInputException || e instanceof OutputException
            ? BAD_INPUT
            : e instanceof DeviceException ? DEVICE_FAILURE : BUG;
    err.println(
        "levinv: " + (code == BUG ? "a bug in levinv, please report it: " + e : e.getMessage()));
    return code;
  }

  private static int exitCode(Status status) {
    return switch (status) {
      case CONVERGED, INCONSISTENT_TARGET -> SUCCESS;
      case INTERRUPTED -> INTERRUPTED;
      case DEVICE_FAILED -> DEVICE_FAILURE;
      default -> NO_ANSWER;
    };
  }

  @Override
  public Integer call() {
    boolean isTable = table != null;
    if (isTable == (matrix != null || offset != null || scores != null)
        || !isTable && (matrix == null || offset == null || scores == null)) {
      throw new InvalidInputException("expected --matrix, --offset and --scores, or --table alone");
    }
    Options options = options();
    SparkSession session = SparkSession.builder().appName("levinv").getOrCreate();
    JavaSparkContext context = new JavaSparkContext(session.sparkContext());
    Path folder = folder(context.hadoopConfiguration());
    Result result;
    try (SparkRows rows = isTable ? table(session) : files(context);
        SparkInverter inverter = new SparkInverter()) {
      result = inverter.invert(rows, options);
    }
    write(result, options, folder, context.hadoopConfiguration());
    if (!quiet) {
      said.println(result);
    }
    return exitCode(result.status());
  }

  private Options options() {
    if (digits != null && scoreError != null) {
      throw new InvalidInputException("--score-error: expected without --digits, got both");
    }
    Options options =
        Options.defaults()
            .withTolerance(tolerance)
            .withMaxIterations(maxIterations)
            .withMaxWork(maxWork)
            .withSeed(seed)
            .withTimeLimit(timeLimit == null ? null : duration(timeLimit));
    options = digits == null ? options : options.withDigits(digits);
    options = scoreError == null ? options : options.withScoreError(scoreError);
    return switch (signs.toLowerCase(Locale.ROOT)) {
      case "positive" -> options.withSigns(Signs.positive());
      case "negative" -> options.withSigns(Signs.negative());
      case "unknown" -> options.withSigns(Signs.unknown());
      default -> options; // those of the rows, where they have any
    };
  }

  private static Duration duration(double seconds) {
    if (!(seconds > 0)) {
      throw new InvalidInputException(
          "--time-limit: expected a number of seconds above 0, got " + seconds);
    }
    return Duration.ofNanos((long) Math.max(1, Math.min(seconds * 1e9, Long.MAX_VALUE)));
  }

  private boolean isSignFile() {
    return !List.of("auto", "positive", "negative", "unknown")
        .contains(signs.toLowerCase(Locale.ROOT));
  }

  private SparkRows files(JavaSparkContext context) {
    if (signColumn != null) {
      throw new InvalidInputException("--sign-column: expected with --table, got --matrix");
    }
    return SparkRows.npy(context, matrix, offset, scores, isSignFile() ? signs : null, partitions);
  }

  private SparkRows table(SparkSession session) {
    if (isSignFile()) {
      throw new InvalidInputException(
          "--signs: expected auto, positive, negative or unknown with --table, got '"
              + signs
              + "'; --sign-column names a column of signs");
    }
    try {
      return SparkRows.of(
          session.read().format(format).load(table),
          features,
          offsetColumn,
          leverageColumn,
          signColumn,
          partitions);
    } catch (Exception e) { // AnalysisException is checked, and not declared
      if (e instanceof AnalysisException) {
        throw new InvalidInputException(
            "--table " + table + ": " + e.getMessage().lines().findFirst().orElse(""), e);
      }
      throw e;
    }
  }

  // ---- results

  /** The folder, in which something can be written. */
  private Path folder(Configuration configuration) {
    try {
      Path folder = new Path(out);
      FileSystem system = folder.getFileSystem(configuration);
      Path probe = new Path(folder, ".levinv-probe");
      system.create(probe, true).close();
      system.delete(probe, false);
      return folder;
    } catch (IOException | IllegalArgumentException e) {
      throw new OutputException(out + ": cannot be written: " + e.getMessage(), asIo(e));
    }
  }

  private static IOException asIo(Exception e) {
    return e instanceof IOException io ? io : new IOException(e);
  }

  /** Written here as a whole, then copied; result.json comes last. */
  private void write(Result result, Options options, Path folder, Configuration configuration) {
    try {
      java.nio.file.Path local = Files.createTempDirectory("levinv");
      try {
        ResultFiles.writeResult(local, result, options, null, provenance());
        FileSystem system = folder.getFileSystem(configuration);
        system.delete(new Path(folder, "result.json"), false);
        for (String name : List.of("x.npy", "x.csv", "result.json")) {
          Path to = new Path(folder, name);
          Path part = new Path(folder, "." + name + ".part");
          system.delete(to, false);
          if (Files.exists(local.resolve(name))) {
            system.copyFromLocalFile(true, true, new Path(local.resolve(name).toUri()), part);
            if (!system.rename(part, to)) {
              throw new IOException("could not be renamed");
            }
          }
        }
      } finally {
        for (String name : List.of("x.npy", "x.csv", "result.json")) {
          Files.deleteIfExists(local.resolve(name));
        }
        Files.delete(local);
      }
    } catch (IOException e) {
      throw new OutputException(out + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private Provenance provenance() {
    List<String> command = new ArrayList<>(List.of("levinv-spark"));
    command.addAll(List.of(arguments));
    String version = Main.class.getPackage().getImplementationVersion();
    return new Provenance(
        version == null ? "(not from its jar)" : version,
        started,
        command,
        Threads.of(0),
        Map.of());
  }
}
