package org.levinv.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Status;

/**
 * Designs and scores as users have them: what {@code ci/real-designs} runs. Every answer is judged
 * by {@link PlainQr} on the original data: no success may have scores that are not the target, or a
 * loss above that at the planted x; no x that follows from its scores may be called undetermined.
 *
 * <p>Arguments: count=390 seed=0 only=INDEX design=NAME target=NAME.
 */
public final class RealDesigns {

  /** Scores that agree have this relative residual, or what rounding of the data explains. */
  private static final double AGREE = 1e-9;

  /**
   * Printed scores that agree are off by three half units at most, each sqrt(3) standard
   * deviations, and a unit of single precision taken up to twice too large.
   */
  private static final double AGREE_AS_PRINTED = 10.4;

  /** The loss may be above that at the planted x by this share. */
  private static final double NO_WORSE = 1.001;

  /** x is the planted one within this relative error of A x, or so many standard errors. */
  private static final double FOUND = 1e-9;

  private static final double STANDARD_ERRORS = 30;

  /** How an answer looks to the judge. */
  enum Judgement {
    /** A success, and x is the planted one. */
    FOUND,
    /** A success at an x as good as the planted one. */
    ELSEWHERE,
    /** x follows from the target and was not found: a failure that says so. */
    MISSED,
    /** Nothing to find, and it was said. */
    NONE,
    /** A success whose scores are not the target, or x that is determined and is said not to be. */
    REFUTED
  }

  /** One problem's outcome. */
  record Outcome(RealDesign problem, boolean due, Judgement judgement, double work, String note) {}

  private RealDesigns() {}

  public static void main(String[] args) {
    int count = 390;
    long seed = 0;
    int only = -1;
    String design = null;
    String target = null;
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      switch (parts[0]) {
        case "count" -> count = Integer.parseInt(parts[1]);
        case "seed" -> seed = Long.parseLong(parts[1]);
        case "only" -> only = Integer.parseInt(parts[1]);
        case "design" -> design = parts[1];
        case "target" -> target = parts[1];
        default ->
            throw new IllegalArgumentException(
                "expected count=, seed=, only=, design= or target=, got " + arg);
      }
    }
    long start = System.nanoTime();
    List<Outcome> outcomes = new ArrayList<>();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      for (int i = Math.max(0, only); i < (only < 0 ? count : only + 1); i++) {
        RealDesign problem = new RealDesign(seed, i);
        boolean wanted =
            (design == null || problem.design.name().equalsIgnoreCase(design))
                && (target == null || problem.target.name().equalsIgnoreCase(target));
        if (wanted) {
          outcomes.add(solve(inverter, problem, only >= 0));
        }
      }
    }
    print(outcomes);
    System.out.printf(Locale.ROOT, "%.0f seconds%n", (System.nanoTime() - start) * 1e-9);
    System.exit(count(outcomes, Judgement.REFUTED) > 0 ? 1 : 0);
  }

  /** Problems 0 to count - 1. */
  static List<Outcome> run(int count, long seed) {
    List<Outcome> outcomes = new ArrayList<>();
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      for (int i = 0; i < count; i++) {
        outcomes.add(solve(inverter, new RealDesign(seed, i), false));
      }
    }
    return outcomes;
  }

  private static Outcome solve(Inverter inverter, RealDesign problem, boolean loud) {
    boolean due = problem.isWellPosed(); // decided before any solve
    Options options = problem.options();
    if (loud) {
      options = options.withProgress(Shown::step);
    }
    try {
      Problem given = Problem.of(problem.A, problem.b, problem.sigma);
      return judge(problem, due, inverter.invert(given, options));
    } catch (InvalidInputException e) {
      boolean ofZeros = e.getMessage().contains("expected 0, the score of a row of zeros");
      return new Outcome(
          problem,
          due,
          ofZeros && !due ? Judgement.NONE : Judgement.REFUTED,
          0,
          problem + " refused: " + e);
    }
  }

  private static Outcome judge(RealDesign problem, boolean due, Result result) {
    if (result.x() == null && !result.status().usable()) {
      String note = problem + " -> " + result.status().word() + ", no x: " + result.message();
      return new Outcome(
          problem, due, due ? Judgement.MISSED : Judgement.NONE, result.work(), note);
    }
    PlainQr found = PlainQr.at(problem.A, problem.b, result.x());
    double[] residual = difference(found.scores(), problem.sigma);
    double loss = square(residual);
    double lossAtTruth = square(difference(problem.truth.scores(), problem.sigma));
    double norm = Math.sqrt(square(problem.sigma));
    double rounding = Math.max(AGREE * norm, 100 * found.rounding(0.1));
    boolean agrees = Math.sqrt(loss) <= rounding || agreesAsPrinted(problem, residual);
    boolean best = problem.hasTruth() && loss <= NO_WORSE * lossAtTruth + rounding * rounding;
    double error = problem.error(result.x());
    double standardError = problem.truth.relativeStandardError(problem.x, problem.deviation);
    boolean near = error <= Math.max(FOUND, STANDARD_ERRORS * standardError);
    Judgement judgement =
        switch (result.status()) {
          case CONVERGED ->
              !agrees ? Judgement.REFUTED : near ? Judgement.FOUND : Judgement.ELSEWHERE;
          case INCONSISTENT_TARGET ->
              !best ? Judgement.REFUTED : near ? Judgement.FOUND : Judgement.ELSEWHERE;
          case NOT_IDENTIFIABLE -> due ? Judgement.REFUTED : Judgement.NONE;
          default -> due ? Judgement.MISSED : Judgement.NONE;
        };
    String note =
        String.format(
            Locale.ROOT,
            "%s -> %s%s, residual %.1e (at the planted x %.1e), error %.1e (standard error %.1e),"
                + " work %.0f: %s",
            problem,
            result.status().word(),
            result.status() == Status.CONVERGED || near ? "" : " elsewhere",
            Math.sqrt(loss) / norm,
            Math.sqrt(lossAtTruth) / norm,
            error,
            standardError,
            result.work(),
            result.message());
    return new Outcome(problem, due, judgement, result.work(), note);
  }

  private static boolean agreesAsPrinted(RealDesign problem, double[] residual) {
    boolean printed = problem.isPrinted();
    for (int i = 0; i < residual.length && printed; i++) {
      printed = Math.abs(residual[i]) <= AGREE_AS_PRINTED * problem.deviation[i];
    }
    return printed;
  }

  private static double[] difference(double[] scores, double[] target) {
    double[] difference = new double[scores.length];
    Arrays.setAll(difference, i -> scores[i] - target[i]);
    return difference;
  }

  private static double square(double[] v) {
    return Arrays.stream(v).map(e -> e * e).sum();
  }

  static long count(List<Outcome> outcomes, Judgement judgement) {
    return outcomes.stream().filter(o -> o.judgement() == judgement).count();
  }

  // ---- printing

  private static void print(List<Outcome> outcomes) {
    Map<String, List<Outcome>> kinds = new TreeMap<>();
    for (Outcome o : outcomes) {
      String signs = o.problem().signsKnown ? "known" : "unknown";
      String design = String.format("%02d %s", o.problem().design.ordinal(), o.problem().design);
      String target = String.format("t%02d %s", o.problem().target.ordinal(), o.problem().target);
      for (String kind : List.of(design, target, "u all, signs " + signs, "v all")) {
        kinds.computeIfAbsent(kind, k -> new ArrayList<>()).add(o);
      }
    }
    System.out.printf(
        "%-22s %6s %6s %6s %6s %9s %7s %8s %8s %8s%n",
        "", "all", "due", "found", "missed", "elsewhere", "said no", "refuted", "work", "worst");
    kinds.forEach((kind, own) -> print(kind.substring(kind.indexOf(' ') + 1), own));
    for (Judgement fault : List.of(Judgement.REFUTED, Judgement.MISSED, Judgement.ELSEWHERE)) {
      outcomes.stream()
          .filter(o -> o.judgement() == fault && (o.due() || fault == Judgement.REFUTED))
          .forEach(o -> System.out.println(fault + "  " + o.note()));
    }
  }

  private static void print(String kind, List<Outcome> outcomes) {
    double[] work = outcomes.stream().mapToDouble(Outcome::work).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "%-22s %6d %6d %6d %6d %9d %7d %8d %8.1f %8.1f%n",
        kind.toLowerCase(Locale.ROOT),
        outcomes.size(),
        outcomes.stream().filter(Outcome::due).count(),
        outcomes.stream().filter(o -> o.due() && o.judgement() == Judgement.FOUND).count(),
        count(outcomes, Judgement.MISSED),
        count(outcomes, Judgement.ELSEWHERE),
        count(outcomes, Judgement.NONE),
        count(outcomes, Judgement.REFUTED),
        work[work.length / 2],
        work[work.length - 1]);
  }
}
