package org.levinv.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.PlantedModel;
import org.levinv.PlantedProblem;
import org.levinv.PlantedProblem.Kind;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.VectorSource;
import org.levinv.Weights;

/**
 * Noisy scores of planted problems: how many coordinates of x are within two standard errors of the
 * truth, by kind of noise, and how solves end. What {@code ci/uncertainty} prints. Arguments:
 * count=1000 seed=0 signs=known|unknown weights=barrier,logistic,probit.
 */
public final class UncertaintyTable {

  /** What the scores carry. */
  enum Noise {
    /** Four decimals, of which the solver is told nothing. */
    DECIMALS,
    /** Four significant digits, likewise. */
    DIGITS,
    /** Normal errors with a standard deviation that the solver is told. */
    STATED,
    /** Errors in proportion to the scores, of which the solver is told nothing. */
    PROPORTIONAL
  }

  private static final double STATED_DEVIATION = 1e-4;
  private static final double PROPORTION = 1e-3;

  private UncertaintyTable() {}

  /** The sum of all problems of a kind. */
  static final class Coverage {
    private int problems;
    private int silent;
    private int wrong;
    private long coordinates;
    private long within;
    private double work;
    private double loss;
    private final List<String> words = new ArrayList<>();

    /** Of coordinates with a standard error, those within two of the truth. */
    double share() {
      return (double) within / coordinates;
    }

    int problems() {
      return problems;
    }

    /** Problems whose end is no success. */
    int silent() {
      return silent;
    }

    /** Successes whose loss is above that at the truth, and whose scores are not as printed. */
    int wrong() {
      return wrong;
    }
  }

  public static void main(String[] args) {
    int count = 1000;
    long seed = 0;
    boolean known = true;
    String weights = "barrier,logistic,probit";
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      switch (parts[0]) {
        case "count" -> count = Integer.parseInt(parts[1]);
        case "seed" -> seed = Long.parseLong(parts[1]);
        case "signs" -> known = parts[1].equals("known");
        case "weights" -> weights = parts[1];
        default ->
            throw new IllegalArgumentException(
                "expected count=, seed=, signs=, weights=, got " + arg);
      }
    }
    System.out.printf(
        "%-10s %-14s %9s %12s %8s %9s %9s%n",
        "weights", "noise", "problems", "within 2 se", "exit 3", "loss", "work");
    for (String name : weights.split(",")) {
      print(name, run(count, seed, known, Weights.of(name)));
    }
    System.out.println(
        "loss: successes whose loss is above that at the truth, and whose scores are not as printed");
  }

  private static void print(String weights, Map<Noise, Coverage> all) {
    all.forEach(
        (noise, c) ->
            System.out.printf(
                Locale.ROOT,
                "%-10s %-14s %9d %11.1f%% %8d %9d %9.1f%n",
                weights,
                noise.name().toLowerCase(Locale.ROOT),
                c.problems,
                100 * c.share(),
                c.silent,
                c.wrong,
                c.work / c.problems));
    all.values().forEach(c -> c.words.forEach(System.out::println));
  }

  /** Problems 0 to count - 1, each with its own shape. */
  static Map<Noise, Coverage> run(int count, long seed, boolean known, Weights weights) {
    Map<Noise, Coverage> all = new TreeMap<>();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      for (int k = 0; k < count; k++) {
        Noise noise = Noise.values()[k % Noise.values().length];
        one(
            inverter,
            noise,
            seed * count + k,
            known,
            weights,
            all.computeIfAbsent(noise, n -> new Coverage()));
      }
    }
    return all;
  }

  private static void one(
      Inverter inverter,
      Noise noise,
      long seed,
      boolean known,
      Weights weights,
      Coverage coverage) {
    SplittableRandom random = new SplittableRandom(seed);
    int d = random.nextInt(2, 13);
    int n = (int) (d * Math.exp(random.nextDouble(Math.log(6), Math.log(60))));
    boolean isFirst = random.nextBoolean();
    Truth planted = weights.isBarrier() ? problem(n, d, isFirst, seed) : model(weights, n, d, seed);
    double[] exact = inverter.scores(planted.model, planted.x);
    double[] target = Arrays.stream(exact).map(t -> spoil(noise, t, random)).toArray();
    Options options =
        Options.defaults().withSigns(known ? Signs.given(planted.signs) : Signs.auto());
    if (noise == Noise.STATED) {
      options = options.withScoreError(STATED_DEVIATION);
    }
    Result result =
        inverter.invert(new Problem(planted.model, VectorSource.of("scores", target)), options);
    coverage.problems++;
    coverage.work += result.work();
    if (!result.status().usable() || result.xError() == null) {
      coverage.silent++;
      return;
    }
    double loss = 0;
    for (int i = 0; i < n; i++) {
      loss += 0.5 * (exact[i] - target[i]) * (exact[i] - target[i]);
    }
    double[] truth = planted.x;
    boolean isHigh = result.loss() > loss * (1 + 1e-9);
    if (isHigh && !agrees(noise, inverter.scores(planted.model, result.x()), target)) {
      coverage.wrong++;
      coverage.words.add(words(noise, seed, n, result, loss, truth));
    }
    for (int j = 0; j < d; j++) {
      coverage.coordinates++;
      boolean within = Math.abs(result.x()[j] - truth[j]) <= 2 * result.xError()[j];
      coverage.within += within ? 1 : 0;
    }
  }

  /**
   * Whether scores are within three half units of what is printed: then another loss is as good.
   */
  private static boolean agrees(Noise noise, double[] scores, double[] target) {
    double most = 0;
    for (int i = 0; i < target.length; i++) {
      double half =
          switch (noise) {
            case DECIMALS -> 0.5e-4;
            case DIGITS -> 0.5 * Math.pow(10, Math.floor(Math.log10(target[i])) - 3);
            default -> 0;
          };
      most = Math.max(most, Math.abs(scores[i] - target[i]) / half);
    }
    return most <= 3;
  }

  /** A success whose loss is above that at the truth. */
  private static String words(
      Noise noise, long seed, int n, Result result, double loss, double[] truth) {
    double most = 0;
    for (int j = 0; j < truth.length; j++) {
      most = Math.max(most, Math.abs(result.x()[j] - truth[j]) / result.xError()[j]);
    }
    return String.format(
        Locale.ROOT,
        "%s seed %d, %d x %d: loss %.3g times that at the truth, x within %.2g standard errors: %s",
        noise.name().toLowerCase(Locale.ROOT),
        seed,
        n,
        truth.length,
        result.loss() / loss,
        most,
        result.message());
  }

  /** What is to be found, with the signs of its slacks. */
  private record Truth(Model model, double[] x, VectorSource signs) {}

  private static Truth problem(int n, int d, boolean interior, long seed) {
    Kind kind = interior ? Kind.INTERIOR : Kind.MIXED;
    PlantedProblem planted = PlantedProblem.of(Recipe.of(n, d).withKind(kind).withSeed(seed));
    Model model = new Model(planted.matrix(), planted.offset(), Weights.BARRIER);
    return new Truth(model, planted.solution(), planted.signs());
  }

  /** With an offset, which tells x from -x. */
  private static Truth model(Weights weights, int n, int d, long seed) {
    PlantedModel planted = PlantedModel.of(weights, n, d, 4, true, seed);
    double[] x = planted.solution();
    double[] signs = Arrays.stream(planted.predictor(x)).map(eta -> eta - weights.peak()).toArray();
    return new Truth(planted.model(weights), x, VectorSource.of("signs", signs));
  }

  private static double spoil(Noise noise, double t, SplittableRandom random) {
    return switch (noise) {
      case DECIMALS -> Math.rint(t * 1e4) / 1e4;
      case DIGITS -> {
        double power = Math.pow(10, 3 - Math.floor(Math.log10(t)));
        yield Math.rint(t * power) / power;
      }
      case STATED -> t + STATED_DEVIATION * random.nextGaussian();
      case PROPORTIONAL -> Math.min(1, t * (1 + PROPORTION * random.nextGaussian()));
    };
  }
}
