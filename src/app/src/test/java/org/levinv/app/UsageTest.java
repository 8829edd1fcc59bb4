package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Everything that is refused before any device is opened. */
class UsageTest {
  @TempDir Path directory;

  @BeforeEach
  void writeInputs() throws IOException {
    write("A.csv", "p,q\n1,2\n3,4\n5,7\n2,-1\n");
    write("b.csv", "-1\n-1\n-1\n-1\n");
    write("sigma.csv", "0.5\n0.5\n0.5\n0.5\n");
    write("x.csv", "0.25\n0.5\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "solve ",
        "solve-gradient ",
        "scale ",
        "scores ",
        "generate ",
        "show ",
        "devices "
      })
  void everyCommandHasHelpAndAVersion(String command) {
    Run help = Run.of((Object[]) (command + "--help").split(" ")).succeeded();
    assertTrue(help.out().startsWith("Usage: levinv " + command), help.out());
    assertEquals("", help.err());
    assertTrue(help.out().contains("Exit codes:") && help.out().contains("Examples:"), help.out());
    assertTrue(help.out().lines().allMatch(line -> line.length() <= 100), help.out());
    assertEquals(help.out(), Run.of((Object[]) ("help " + command).strip().split(" ")).out());
    Run version = Run.of((Object[]) (command + "--version").split(" ")).succeeded();
    assertTrue(version.out().startsWith("levinv "), version.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "frobnicate | levinv: unknown command 'frobnicate' (see levinv --help)",
        "solv --matrix A.npy | levinv: unknown command 'solv', did you mean solve?"
            + " (see levinv --help)",
        "help slove | levinv: unknown command 'slove', did you mean solve? (see levinv --help)",
        "slove --help | levinv: unknown command 'slove', did you mean solve? (see levinv --help)",
        "--help slove | levinv: unknown command 'slove', did you mean solve? (see levinv --help)",
        "solve --matirx A.npy | levinv: unknown option '--matirx', did you mean --matrix?"
            + " (see levinv solve --help)",
        "solve --tol=1e-3 | levinv: unknown option '--tol', did you mean --tolerance?"
            + " (see levinv solve --help)",
        "solve A.npy b.npy | levinv: unexpected 'A.npy': expected options, which begin with a"
            + " dash or two (see levinv solve --help)",
        "show a b | levinv: unexpected 'b': expected one DIR (see levinv show --help)",
        "generate --rows 9 --columns 2 --kind mixed --slack-spread 2 --out D | levinv:"
            + " --slack-spread: expected --kind interior",
        "scores --quiet --verbose --matrix A --offset b --at x --out s.npy | levinv: --quiet:"
            + " expected not to be given with --verbose",
        "solve -out D | levinv: unknown option '-out', did you mean --out? (see levinv solve --help)",
        "scores -q -v --matrix A --offset b --at x -o s.npy | levinv: --quiet: expected not to be given"
            + " with --verbose",
        "solve --matrix A.npy | levinv: expected --scores=sigma and --out=DIR, got neither (see"
            + " levinv solve --help)",
        "solve | levinv: expected --matrix=A, --scores=sigma and --out=DIR, got none (see levinv solve"
            + " --help)",
        "solve --seed | levinv: --seed: expected S, got none (see levinv solve --help)",
        "show | levinv: expected DIR, got none (see levinv show --help)",
        "version | levinv: unknown command 'version', did you mean --version? (see levinv --help)",
        "SOLVE --mat A | levinv: unknown command 'SOLVE', did you mean solve? (see levinv --help)",
        "Help | levinv: unknown command 'Help', did you mean help? (see levinv --help)",
        "solve --mat A | levinv: unknown option '--mat', did you mean --matrix? (see levinv solve"
            + " --help)",
        "solve --max 3 | levinv: unknown option '--max', did you mean --max-iterations or --max-work?"
            + " (see levinv solve --help)",
        "solve -x | levinv: unknown option '-x' (see levinv solve --help)",
        "solve -O D | levinv: unknown option '-O', did you mean -o? (see levinv solve --help)",
        "solve --report=3 | levinv: --report: expected no value, got '3' (see levinv solve --help)",
        "solve --matrix A --scores s --out D | levinv: --offset: expected b, n values, for the weights"
            + " barrier: with b = 0 every multiple of x has the same scores",
        "generate --rows many --columns 2 --kind mixed --out D | levinv:"
            + " --rows: expected a whole number, got 'many' (see levinv generate --help)",
        "devices --verbose | levinv: unknown option '--verbose'" + " (see levinv devices --help)",
      })
  void misuseIsOneLine(String command, String expected) {
    assertEquals(expected, Run.of((Object[]) command.split(" ")).refusal());
  }

  @ParameterizedTest
  @CsvSource({"--out D, none", "--scores s --tyler --out D, both"})
  void theTargetOfScaleIsOneOfTwo(String options, String got) {
    Run run = Run.of(with(new Object[] {"scale", "--matrix", "A"}, (Object[]) options.split(" ")));
    assertEquals(
        "levinv: expected one of (--scores=sigma | --tyler), got "
            + got
            + " (see levinv scale --help)",
        run.refusal());
  }

  /** It alone is made, and says of itself what it says among all. */
  @Test
  void theCommandThatIsNamed_isAsAmongAll() {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Screen screen = new Screen(nowhere, nowhere, false);
    Map<String, CommandLine> all = Main.commandLine(screen).getSubcommands();
    assertTrue(all.containsKey("help"));
    all.forEach(
        (name, among) -> {
          Object command = among.getCommandSpec().userObject();
          assertEquals(command.getClass().getAnnotation(Command.class).name(), name);
          Map<String, CommandLine> named =
              Main.commandLine(new Main(), screen, name, "--help").getSubcommands();
          assertEquals(among.getUsageMessage(), named.get(name).getUsageMessage());
          assertEquals(name.equals("help") ? all.keySet() : Set.of(name), named.keySet());
        });
    assertEquals(
        all.keySet(),
        Main.commandLine(new Main(), screen, "--debug", "solve").getSubcommands().keySet());
  }

  @Test
  void theCommandIsNotOptional() {
    assertEquals("levinv: expected a command, got none (see levinv --help)", Run.of().refusal());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--method simplex | --method: expected auto, gradient, newton,"
            + " sampled-newton or gauss-newton, got 'simplex' (see levinv solve --help)",
        "--method Neuton | --method: expected auto, gradient, newton,"
            + " sampled-newton or gauss-newton, got 'Neuton', did you mean newton?"
            + " (see levinv solve --help)",
        "--signs known | --signs: expected auto, positive, negative, unknown or a file, got 'known',"
            + " did you mean unknown?",
        "--write score | --write: expected scores, residuals or"
            + " slacks, got 'score', did you mean scores? (see levinv solve --help)",
        "--method newton | --method newton: expected --start x0, a point near the answer where A x"
            + " - b has its signs; --method auto needs none",
        "--precision half | --precision: expected double or mixed, got"
            + " 'half' (see levinv solve --help)",
        "--precision mixed --method newton --start x.csv | --precision mixed: expected --method"
            + " auto, got newton",
        "--accuracy 0 --method sampled-newton --start x.csv | --accuracy: expected a number above 0"
            + " and up to 1, got 0.0",
        "--accuracy 0.5 | --accuracy: expected --method sampled-newton with it, got auto",
        "--accuracy 0.5 --method newton --start x.csv | --accuracy: expected --method"
            + " sampled-newton with it, got newton",
        "--write , | --write: expected scores, residuals or slacks, got none",
        "--tolerance 2 | --tolerance: expected a number between 0 and 1, got 2.0",
        "--tolerance NaN | --tolerance: expected a number between 0 and 1, got NaN",
        "--max-iterations 0 | --max-iterations: expected 1 or more, got 0",
        "--time-limit 0 | --time-limit: expected a number of seconds above 0, got 0.0",
        "--max-work 0 | --max-work: expected a number above 0, got 0.0",
        "--memory many | --memory: expected a size above 0 such as 200M or 8G, got 'many'",
        "--memory 99999999999999T | --memory: expected a size above 0 such as 200M or 8G, got"
            + " '99999999999999T'",
        "--time-limit soon | --time-limit: expected a number, got 'soon'"
            + " (see levinv solve --help)",
        "--threads -1 | --threads: expected 0 or more, got -1",
        "--seed x | --seed: expected a whole number, got 'x'" + " (see levinv solve --help)",
        "--matrix B.npy | --matrix: expected to be given once, got it again"
            + " (see levinv solve --help)",
      })
  void solveRefusesOptions(String options, String expected) {
    assertEquals("levinv: " + expected, refused(solve((Object[]) options.split(" "))));
  }

  /** As of a variable of the shell that is not set: no folder, and not this one. */
  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void namesAreNotEmpty(String name) {
    for (String option : List.of("--start", "--prior-weights")) {
      assertTrue(
          refused(solve(option, name))
              .startsWith(
                  "levinv: "
                      + option
                      + ": expected the name of a file or folder, got '"
                      + name
                      + "' (see"),
          option);
    }
    for (String option : List.of("--signs", "--regularization")) {
      String said = refused(solve(option, name));
      assertTrue(said.startsWith("levinv: " + option + ": expected "), said);
      assertTrue(said.endsWith("or a file, got '" + name + "'"), said);
    }
    String out =
        Run.of("generate", "--rows", 9, "--columns", 2, "--kind", "mixed", "-o", name).refusal();
    assertTrue(out.contains("--out: expected the name of a file or folder, got '"), out);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "result.json | {\"status\": \"converged\"} | : expected a status and a message, as levinv"
            + " writes them",
        "result.json | {\"status\":            | : expected JSON, but the file is truncated",
        "result.json | []                      | : expected a JSON object, got [",
        "audit.json  | {}                      | : expected weights and decimals, got none",
        "audit.json  | {\"weights\": \"zz\", \"decimals\": []} | : weights: expected barrier,",
        "audit.json  | {\"weights\": \"probit\", \"decimals\": [{\"digits\": 2}]} | : expected of each"
            + " of the decimals digits, x_error,",
      })
  void showRefusesWhatIsNoResult(String name, String content, String expected) throws IOException {
    Path file = write(name, content);
    String said = Run.of("show", directory).refusal();
    assertTrue(said.startsWith("levinv: " + file + expected), said);
  }

  @Test
  void whatAProblemIsMadeOfIsCheckedBeforeWork() {
    Path out = directory.resolve("problem");
    Object[] weights = {"generate", "--columns", 2, "--weights", "logistic", "--out", out};
    assertEquals(
        "levinv: --noise: expected a number from 0 to below 1, got -0.5",
        Run.of(with(weights, "--rows", 9, "--noise", -0.5)).refusal());
    assertEquals(
        "levinv: --rows: expected more rows than columns, and a column at least, got 2 x 2",
        Run.of(with(weights, "--rows", 2)).refusal());
    String said = Run.of(with(weights, "--rows", 1L << 58)).refusal(); // 2^62 bytes
    assertTrue(
        said.startsWith("levinv: " + out.resolve("A.npy") + ": cannot be written: it"), said);
    assertTrue(Files.notExists(out));
  }

  /** What the system says of a folder that cannot be made, and no guess. */
  @Test
  void foldersThatCannotBe_sayWhy() {
    String name = "long".repeat(100);
    String said =
        Run.of("generate", "--rows", 9, "--columns", 2, "--kind", "mixed", "-o", name).refusal();
    assertEquals("levinv: " + name + ": cannot be written: File name too long", said);
  }

  @Test
  void solveRefusesMissingAndStrangeFiles() throws IOException {
    assertSolveRefuses("A.csv", null, ": no such file or directory");
    assertSolveRefuses("b.csv", "", ": expected numbers, got an empty file");
    assertSolveRefuses(
        "sigma.csv", "0.5\n0.5\nmuch\n0.5\n", ", line 3, column 1: expected a number, got 'much'");
    Files.createDirectory(directory.resolve("signs.npy"));
    assertEquals(
        "levinv: " + directory.resolve("signs.npy") + ": expected a file, got a directory",
        refused(solve("--signs", directory.resolve("signs.npy"))));
  }

  @Test
  void solveRefusesWrongShapes() throws IOException {
    assertSolveRefuses("A.csv", "1,2\n3,4\n", ": expected more rows than columns, got 2 x 2");
    assertSolveRefuses("A.csv", "1,2\n3,4,5\n", ", line 2: expected 2 fields as in line 1, got 3");
    assertSolveRefuses("b.csv", "1,2,3", ": expected 4 entries, one for each row of A.csv, got 3");
    assertSolveRefuses(
        "sigma.csv", "1,2,3", ": expected 4 entries, one for each row of A.csv, got 3");
    assertSolveRefuses(
        "b.csv", "1,2\n3,4\n", ": expected a vector, that is one column or one row, got 2 x 2");
  }

  @Test
  void solveRefusesWrongNumbers() throws IOException {
    assertSolveRefuses(
        "A.csv", "1,2\n3,nan\n5,6\n", ", line 2, column 2: expected a finite number, got 'nan'");
    assertSolveRefuses(
        "b.csv", "1\ninf\n3\n4\n", ", line 2, column 1: expected a finite number, got 'inf'");
    Path sigma = write("sigma.csv", "0.5\n0.5\n0.5\n1.5\n");
    assertEquals(
        "levinv: " + sigma + ", row 3: expected a leverage score between 0 and 1, got 1.5",
        refused(solve()));
    write("sigma.csv", "0.1\n0.1\n0.1\n0.1\n");
    assertTrue(refused(solve()).startsWith("levinv: " + sigma + ": expected a sum of d = 2"));
  }

  @Test
  void solveRefusesSignsAndStartsThatDoNotFit() throws IOException {
    Path file = write("other.csv", "1\n-1\n1\n");
    assertEquals(
        "levinv: "
            + file
            + ": expected 4 entries, one for each row of "
            + path("A.csv")
            + ", got 3",
        refused(solve("--signs", file)));
    assertEquals(
        "levinv: "
            + file
            + ": expected 2 entries, one for each column of "
            + path("A.csv")
            + ", got 3",
        refused(solve("--start", file)));
    write("other.csv", "1\n-1\n0\n1\n");
    assertEquals(
        "levinv: " + file + ", row 2: expected a positive or a negative number, got 0.0",
        refused(solve("--signs", file)));
  }

  /** One rule for all words: their case does not count. */
  @Test
  void wordsAreKnownInAnyCase() {
    for (String options :
        List.of("--signs Positive", "--method AUTO", "--precision Mixed", "--device Reference")) {
      assertEquals(
          "levinv: --tolerance: expected a number between 0 and 1, got 2.0",
          refused(solve((Object[]) (options + " --tolerance 2").split(" "))));
    }
  }

  @Test
  void solveRefusesRegularizersThatDoNotFit() throws IOException {
    Path file = write("other.csv", "1\n1\n1\n");
    assertEquals(
        "levinv: "
            + file
            + ": expected 4 entries, one for each row of "
            + path("A.csv")
            + ", got 3",
        refused(solve("--regularization", file)));
    assertEquals(
        "levinv: --regularization: expected a finite number, 0 or more, got -1.0",
        refused(solve("--regularization", "-1")));
    assertEquals(
        "levinv: --regularization: expected a number, 0 or more, or a file, got 'nan'",
        refused(solve("--regularization", "nan")));
  }

  @Test
  void solveGradientRefusesWhatDoesNotFit() throws IOException {
    Path file = write("g.csv", "1\n1\n1\n");
    assertEquals(
        "levinv: "
            + file
            + ": expected 2 entries, one for each column of "
            + path("A.csv")
            + ", got 3",
        refused(solveGradient(file)));
    assertEquals(
        "levinv: --method: expected newton or sampled-newton, got"
            + " 'gradient' (see levinv solve-gradient --help)",
        refused(solveGradient(path("x.csv"), "--method", "gradient")));
  }

  @Test
  void scaleRefusesWordsThatItDoesNotKnow() {
    Object[] tyler = {"scale", "--matrix", path("A.csv"), "--tyler", "--out", path("out")};
    assertEquals(
        "levinv: --location: expected origin, mean, median, hr or a file, got 'men', did you mean"
            + " mean?",
        refused(with(tyler, "--location", "men")));
    assertEquals(
        "levinv: --normalise: expected trace or det, got 'norm' (see" + " levinv scale --help)",
        refused(with(tyler, "--normalise", "norm")));
  }

  private static Object[] with(Object[] first, Object... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray();
  }

  private Object[] solveGradient(Path gradient, Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "solve-gradient",
                "--matrix",
                path("A.csv"),
                "--offset",
                path("b.csv"),
                "--gradient",
                gradient,
                "--start",
                path("x.csv"),
                "--out",
                path("out")));
    args.addAll(Arrays.asList(more));
    return args.toArray();
  }

  @Test
  void scoresRefusesWhatDoesNotFit() throws IOException {
    Path out = directory.resolve("out/s.npy");
    Path x = write("x.csv", "1,2,3\n");
    assertEquals(
        "levinv: "
            + x
            + ": expected 2 entries, one for each column of "
            + path("A.csv")
            + ", got 3",
        refused(scores(out)));
    Path csv = directory.resolve("out/s.txt");
    assertEquals(
        "levinv: --out: expected a name that ends in .npy or .csv, got " + csv,
        refused(scores(csv)));
  }

  /** Scores of a design with a column more or less; with 2% of noise the sum tells nothing. */
  @ParameterizedTest
  @CsvSource({
    "0.75, 'got a sum of 3.000000, as of 3 columns instead of 2: columns are missing'",
    "0.25, 'got a sum of 1.000000, as of 1 column instead of 2: columns are too many'",
    "0.51, ",
  })
  void scoresOfOtherColumnsAreRefused(String score, String expected) throws IOException {
    write("sigma.csv", (score + "\n").repeat(4));
    String scale = "levinv: " + path("sigma.csv") + ": expected scores of " + path("A.csv");
    if (expected == null) {
      assertTrue(Run.of(solve()).code() != Main.BAD_INPUT);
    } else {
      String said = refused(solve());
      assertTrue(said.startsWith(scale + ", which sum to 2, " + expected), said);
    }
  }

  @Test
  void generateRefusesWhatCannotBePlanted() {
    assertEquals(
        "levinv: --rows: expected more than the 5 columns, got 5",
        refused("generate", "--rows", 5, "--columns", 5, "--kind", "mixed", "--out", path("out")));
    assertTrue(
        refused("generate", "--rows", 9, "--columns", 5, "--kind", "odd", "--out", path("out"))
            .startsWith("levinv: --kind: expected interior or mixed, got"));
  }

  @Test
  void placesThatCannotBeWrittenAreRefused() throws IOException {
    Path file = write("out", "a file");
    String message = Run.of(solve()).refusal();
    assertEquals("levinv: " + file + ": expected a directory, got something else", message);
    assertEquals("a file", Files.readString(file));
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFullDiskIsNoticedBeforeTheWork() throws Exception {
    List<String> before = Run.files(directory);
    String message = Run.withSmallDisk(32, solve()).refusal();
    assertTrue(
        message.startsWith("levinv: " + path("out/x.npy") + ": cannot be written: "), message);
    assertEquals(before, Run.files(directory));
  }

  private void assertSolveRefuses(String name, String content, String expected) throws IOException {
    Path file = directory.resolve(name);
    String before = Files.readString(file);
    if (content == null) {
      Files.delete(file);
    } else {
      Files.writeString(file, content);
    }
    assertEquals(
        "levinv: " + file + expected.replace("A.csv", path("A.csv").toString()), refused(solve()));
    Files.writeString(file, before);
  }

  /** The one line on standard error; no file may be left. */
  private String refused(Object... args) {
    List<String> before = Run.files(directory);
    String message = Run.of(args).refusal();
    assertEquals(before, Run.files(directory));
    return message;
  }

  private Object[] solve(Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "solve",
                "--matrix",
                path("A.csv"),
                "--offset",
                path("b.csv"),
                "--scores",
                path("sigma.csv"),
                "--out",
                path("out")));
    args.addAll(Arrays.asList(more));
    return args.toArray();
  }

  private Object[] scores(Path out) {
    return new Object[] {
      "scores",
      "--matrix",
      path("A.csv"),
      "--offset",
      path("b.csv"),
      "--at",
      path("x.csv"),
      "--out",
      out
    };
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(path(name), text);
  }
}
