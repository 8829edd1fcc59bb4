package org.levinv.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Method;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Signs;
import org.levinv.VectorSource;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.files.Digests;
import org.levinv.files.FileDigest;
import org.levinv.files.Inputs;
import org.levinv.files.Provenance;
import org.levinv.files.ResultFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code levinv solve}. */
@Command(
    name = "solve",
    description = {
      "Finds x such that the leverage scores of diag(Ax - b)^-1 A are the given ones,"
          + " and writes x.npy, x.csv and result.json.",
      "Vectors and matrices are .npy, .npz:NAME, .csv, .tsv, .txt, .mtx or .h5:/PATH files."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "  levinv solve --matrix A.csv --offset b.csv --scores sigma.csv --out result --report",
      "  levinv solve --matrix all.npz:A --offset all.npz:b --scores all.npz:sigma --out result \\",
      "               --signs positive --write scores,residuals",
      "  levinv solve --matrix A.npy --offset b.npy --scores sigma.npy --out result \\",
      "               --method newton --start x0.csv --certificate",
      "  levinv solve --matrix A.npy --offset b.npy --scores sigma.npy --out result --checkpoint 600",
      "  levinv show result"
    })
final class SolveCommand implements Callable<Integer> {
  private static final Options DEFAULTS = Options.defaults();

  private static final Words.SignWords SIGNS = new Words.SignWords();

  /** What the scores of several targets are called among the inputs, before a name. */
  private static final String SCORES_OF = "scores ";

  private final Screen screen;

  @Mixin private MatrixArgument matrix;

  @Mixin private WeightsArgument offset;

  @Option(
      names = "--scores",
      paramLabel = "sigma",
      required = true,
      description =
          "The target scores, n values that sum to d. Given several times, A is read once and each"
              + " result goes to DIR and the name of its file.")
  private List<Path> scores;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "The directory for the results, made where it is missing.")
  private Path out;

  @Option(
      names = "--signs",
      paramLabel = "SIGNS",
      defaultValue = "auto",
      completionCandidates = Words.SignWords.class,
      description =
          "The signs of Ax - b: auto (default), positive, negative, unknown,"
              + " or a file of n numbers whose signs count.")
  private String signs;

  @Option(
      names = "--start",
      paramLabel = "x0",
      description =
          "A start point, d values. The local methods need one; the global method tries it first, and"
              + " searches where it leads nowhere.")
  private Path start;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "auto",
      converter = Words.Methods.class,
      completionCandidates = Words.Methods.class,
      description =
          "auto (default): global; or a local method, from --start: gradient, newton,"
              + " sampled-newton, gauss-newton.")
  private Method method;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "double",
      converter = Words.Precisions.class,
      completionCandidates = Words.Precisions.class,
      description =
          "double (default), or mixed: early Gram matrices in single precision, faster where d is"
              + " large or a card has few units for doubles; the answer is as accurate.")
  private Precision precision;

  @Mixin private OrientationArgument orientation;

  @Mixin private AnswerArguments answer;

  @Mixin private CheckpointArguments checkpoint;

  @Mixin private UncertaintyArguments uncertainty;

  @Mixin private LimitArguments limits;

  @Mixin private MemoryArgument memory;

  @Mixin private LocalArguments local;

  @Mixin private CommonOptions common;

  SolveCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Options options = options();
    Map<Path, Path> folders = folders();
    for (Path folder : folders.values()) {
      ResultFiles.checkResult(folder, inputs().values(), answer.files());
    }
    try (StatusLine line = common.line(screen);
        Digests digests = Digests.of(inputs());
        RowSource A = matrix.open(line);
        VectorSource b = offset.open(A, line);
        VectorSource prior = offset.openPrior(A, line);
        VectorSource response = orientation.open(A, line);
        Vectors sigmas = Vectors.open(folders.keySet(), A, line);
        VectorSource given = isFile(signs) ? Shapes.openRows(Path.of(signs), A, line) : null) {
      options =
          local
              .regularize(options, A, line)
              .withSigns(signs(given))
              .withStart(start(A))
              .withOrientation(orientation.of(A, response));
      Model model = new Model(A, b, offset.weights(), prior);
      try (Inverter inverter = common.open(A)) {
        List<Search> searches = searches(model, sigmas, folders, options, line, inverter, digests);
        common.begin(line, inverter, A, options); // before all of them, which have the inverter
        return searches.size() == 1
            ? searches.get(0).run(own -> inverter.invert(new Problem(model, sigmas.get(0)), own))
            : solveAll(model, searches, inverter);
      }
    }
  }

  private List<Search> searches(
      Model model,
      Vectors sigmas,
      Map<Path, Path> folders,
      Options options,
      StatusLine line,
      Inverter inverter,
      Digests digests) {
    Search.Context context = new Search.Context(screen, common, answer, checkpoint, line, inverter);
    Map<String, String> more =
        Map.of("weights", offset.weights().name(), "orient", orientation.word());
    List<Search> searches = new ArrayList<>();
    for (Map.Entry<Path, Path> target : folders.entrySet()) {
      searches.add(
          new Search(
              context,
              target.getValue(),
              model,
              sigmas.get(searches.size()),
              options,
              more,
              wait -> provenance(target.getKey(), inverter, digests, wait)));
    }
    if (searches.size() > 1) {
      searches.forEach(Search::amongOthers);
    }
    return searches;
  }

  /** Of the scores among the inputs those of one target alone. */
  private Provenance provenance(Path target, Inverter inverter, Digests digests, boolean wait) {
    Provenance all = common.provenance(inverter, digests, wait);
    Map<String, FileDigest> inputs = new LinkedHashMap<>(all.inputs());
    if (scores.size() > 1) {
      inputs.put("scores", inputs.get(SCORES_OF + Inputs.name(target)));
      inputs.keySet().removeIf(use -> use.startsWith(SCORES_OF));
    }
    return new Provenance(all.version(), all.date(), all.command(), all.threads(), inputs);
  }

  /** Where the result for each target goes: to DIR, or for several to DIR and the file's name. */
  private Map<Path, Path> folders() {
    if (scores.size() == 1) {
      return Map.of(scores.get(0), out);
    }
    Map<Path, Path> folders = new LinkedHashMap<>();
    Map<String, Path> names = new HashMap<>();
    for (Path file : scores) {
      String name = Inputs.name(file);
      Path other = names.put(name, file);
      if (other != null) {
        throw new InvalidInputException(
            "--scores: expected files of different names, which name the folders of their results,"
                + " got "
                + other
                + " and "
                + file);
      }
      folders.put(file, out.resolve(name));
    }
    return folders;
  }

  private Options options() {
    common.check();
    checkpoint.check();
    offset.check();
    orientation.check(offset.weights());
    if (method != Method.AUTO && start == null) {
      throw new InvalidInputException(
          "--method "
              + method.word()
              + ": expected --start x0, a point near the answer where A x - b has its signs;"
              + " --method auto needs none");
    }
    if (method != Method.AUTO && precision != Precision.DOUBLE) {
      throw new InvalidInputException(
          "--precision mixed: expected --method auto, got " + method.word());
    }
    SIGNS.requireWordOrFile("--signs", signs);
    local.check(method);
    return uncertainty
        .apply(memory.apply(limits.apply(local.apply(DEFAULTS))))
        .withMethod(method)
        .withPrecision(precision);
  }

  /** What must stay as it is. */
  private Map<String, Path> inputs() {
    Map<String, Path> inputs = new LinkedHashMap<>();
    inputs.put("matrix", matrix.file());
    offset.addTo(inputs);
    orientation.addTo(inputs);
    for (Path file : scores) {
      inputs.put(scores.size() == 1 ? "scores" : SCORES_OF + Inputs.name(file), file);
    }
    local.files().forEach(file -> inputs.put("regularization", file));
    if (start != null) {
      inputs.put("start", start);
    }
    if (isFile(signs)) {
      inputs.put("signs", Path.of(signs));
    }
    return inputs;
  }

  private static boolean isFile(String signs) {
    return SIGNS.find(signs) == null;
  }

  private Signs signs(VectorSource given) {
    return given == null ? SIGNS.find(signs) : Signs.given(given);
  }

  private double[] start(RowSource A) {
    return start == null ? null : Shapes.columnsVector(start, A);
  }

  /**
   * Writes each result as soon as it is there, and what was asked for of its rows when all are, so
   * that the rows of A are in memory once; the exit code is that of the worst. What an earlier run
   * has found is not searched again until all are found.
   */
  private static int solveAll(Model model, List<Search> all, Inverter inverter) {
    List<Search> searches = all.stream().filter(search -> !search.hasEnded()).toList();
    inverter.invertAll(
        model,
        searches.stream().map(Search::sigma).toList(),
        k -> searches.get(k).begin(),
        (result, k) -> {
          Search search = searches.get(k);
          search.found(result);
          search.write();
          search.say();
        });
    int worst = Main.SUCCESS;
    for (Search search : all) {
      worst = Math.max(worst, search.finish());
    }
    boolean allEnded = all.stream().allMatch(Search::hasEnded);
    all.forEach(allEnded ? Search::end : Search::markEnd);
    return worst;
  }
}
