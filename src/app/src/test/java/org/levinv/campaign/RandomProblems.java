package org.levinv.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.levinv.InvalidInputException;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Status;

/**
 * Small random problems of all kinds, some hopeless: what {@code ci/random} runs. No answer may be
 * called converged that {@link PlainQr} does not confirm, or where x is not unique; the consistent,
 * identifiable ones must be recovered; no exception but that for dependent columns.
 *
 * <p>Arguments: count=10000 seed=0 only=INDEX threads=N trait=NAME.
 */
public final class RandomProblems {

  /** A converged answer may have this relative residual, or what rounding of the data explains. */
  private static final double CONFIRMED = 1e-9;

  /**
   * An answer is recovered within this relative error of A x, or what rounding of the data
   * explains.
   */
  private static final double RECOVERED = 1e-9;

  /** Below this the scores hardly see a direction of x, and doubles do not determine it. */
  private static final double IDENTIFIABLE = 1e-6;

  /** Targets in single precision are met by scores within three of their roundings. */
  private static final double SINGLE = 3 * 0x1p-24;

  /** How a problem ended. */
  enum End {
    CONVERGED,
    INCONSISTENT_TARGET,
    NOT_IDENTIFIABLE,
    ITERATION_LIMIT,
    STALLED,
    WORK_LIMIT,
    REFUSED,
    CRASHED;

    static End of(Status status) {
      return valueOf(status.name());
    }
  }

  /** What is wrong with an outcome. */
  enum Fault {
    /** Converged, but the scores are not the target. */
    UNCONFIRMED,
    /** Converged, but other x have the same scores. */
    NOT_UNIQUE,
    /** An exception that is not documented. */
    EXCEPTION,
    /** Should have been recovered. */
    LOST
  }

  /** One problem's outcome; {@code note} is what an offender's line says. */
  record Outcome(
      RandomProblem.Trait trait,
      int index,
      End end,
      Fault fault,
      boolean due,
      boolean faint,
      double seconds,
      String note) {}

  /** The sum of all outcomes. */
  record Tally(List<Outcome> outcomes) {
    long count(Fault fault) {
      return outcomes.stream().filter(o -> o.fault() == fault).count();
    }

    List<String> notes(Fault fault) {
      return outcomes.stream().filter(o -> o.fault() == fault).map(Outcome::note).toList();
    }

    long due() {
      return outcomes.stream().filter(Outcome::due).count();
    }

    double recovered() {
      return due() == 0 ? 1 : 1 - (double) count(Fault.LOST) / due();
    }
  }

  private RandomProblems() {}

  public static void main(String[] args) throws InterruptedException {
    Map<String, String> given = arguments(args);
    int count = Integer.parseInt(given.getOrDefault("count", "10000"));
    long seed = Long.parseLong(given.getOrDefault("seed", "0"));
    int cores = Runtime.getRuntime().availableProcessors();
    int threads = Integer.parseInt(given.getOrDefault("threads", "" + cores));
    if (given.containsKey("only")) {
      try (Inverter inverter = Inverter.open("cpu", 1)) {
        Outcome outcome = solve(inverter, seed, Integer.parseInt(given.get("only")), true);
        System.out.println(
            (outcome.fault() == null ? "no fault" : outcome.fault()) + "  " + outcome.note());
      }
      return;
    }
    long start = System.nanoTime();
    Tally tally = run(count, seed, threads, given.get("trait"));
    print(tally);
    System.out.printf(Locale.ROOT, "%.0f seconds%n", (System.nanoTime() - start) * 1e-9);
    boolean failed =
        tally.count(Fault.UNCONFIRMED)
                    + tally.count(Fault.NOT_UNIQUE)
                    + tally.count(Fault.EXCEPTION)
                > 0
            || tally.recovered() < 0.999;
    System.exit(failed ? 1 : 0);
  }

  private static Map<String, String> arguments(String[] args) {
    Map<String, String> given = new java.util.HashMap<>();
    for (String arg : args) {
      String[] parts = arg.split("=", 2);
      if (parts.length != 2
          || !List.of("count", "seed", "only", "threads", "trait").contains(parts[0])) {
        throw new IllegalArgumentException(
            "expected count=, seed=, only=, threads= or trait=, got " + arg);
      }
      given.put(parts[0], parts[1]);
    }
    return given;
  }

  /** Solves problems 0 to count - 1, each alone on one core. */
  static Tally run(int count, long seed, int threads, String trait) throws InterruptedException {
    List<Outcome> outcomes = new ArrayList<>();
    AtomicInteger next = new AtomicInteger();
    Map<Thread, long[]> running = new ConcurrentHashMap<>();
    Thread[] workers = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      workers[t] =
          new Thread(
              () -> {
                try (Inverter inverter = Inverter.open("cpu", 1)) {
                  for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    RandomProblem.Trait[] traits = RandomProblem.Trait.values();
                    if (trait != null
                        && !traits[i % traits.length].name().equalsIgnoreCase(trait)) {
                      continue;
                    }
                    running.put(Thread.currentThread(), new long[] {i, System.nanoTime()});
                    Outcome outcome = solve(inverter, seed, i, false);
                    synchronized (outcomes) {
                      outcomes.add(outcome);
                    }
                  }
                }
              });
      workers[t].start();
    }
    watch(workers, running);
    if (trait == null && outcomes.size() != count) {
      throw new IllegalStateException(
          "expected " + count + " outcomes, got " + outcomes.size() + ": a worker failed");
    }
    outcomes.sort(Comparator.comparingInt(Outcome::index));
    return new Tally(outcomes);
  }

  /** Waits for the workers, and names what takes more than a minute. */
  private static void watch(Thread[] workers, Map<Thread, long[]> running)
      throws InterruptedException {
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        worker.join(30_000);
        running.forEach(
            (thread, what) -> {
              double seconds = (System.nanoTime() - what[1]) * 1e-9;
              if (thread.isAlive() && seconds > 60) {
                System.out.printf(
                    Locale.ROOT,
                    "problem %d runs for %.0f s: %s%n",
                    what[0],
                    seconds,
                    Arrays.toString(thread.getStackTrace()));
              }
            });
      }
    }
  }

  // ---- one problem
  // -----------------------------------------------------------------------------------------------------------

  private static Outcome solve(Inverter inverter, long seed, int index, boolean loud) {
    RandomProblem problem = new RandomProblem(seed, index);
    double least = problem.truth == null ? 0 : problem.truth.leastInformation();
    Options options = Options.defaults().withSigns(problem.signs());
    if (loud) {
      options = options.withProgress(Shown::step);
    }
    long start = System.nanoTime();
    Result result;
    try {
      result = inverter.invert(Problem.of(problem.A, problem.b, problem.sigma), options);
    } catch (InvalidInputException e) {
      double seconds = (System.nanoTime() - start) * 1e-9;
      boolean farFromD = // as documented
          e.getMessage().startsWith("scores: expected") && e.getMessage().contains("sum");
      boolean ofZeros = e.getMessage().contains("expected 0, the score of a row of zeros");
      Fault fault = problem.deficient() || farFromD || ofZeros ? null : Fault.EXCEPTION;
      return new Outcome(
          problem.trait, index, End.REFUSED, fault, false, false, seconds, problem + " " + e);
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      double seconds = (System.nanoTime() - start) * 1e-9;
      if (loud) {
        e.printStackTrace(System.out);
      }
      String where = e.getStackTrace().length > 0 ? " at " + e.getStackTrace()[0] : "";
      return new Outcome(
          problem.trait,
          index,
          End.CRASHED,
          Fault.EXCEPTION,
          false,
          false,
          seconds,
          problem + " " + e + where);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    return judge(problem, result, least, seconds);
  }

  private static Outcome judge(RandomProblem problem, Result result, double least, double seconds) {
    boolean converged = result.status() == Status.CONVERGED;
    double residual = Double.NaN;
    double bound = CONFIRMED;
    boolean finite = Arrays.stream(result.x()).allMatch(Double::isFinite);
    if (finite) {
      PlainQr found = PlainQr.at(problem.A, problem.b, result.x());
      residual = relativeResidual(found.scores(), problem.sigma);
      double norm = norm(problem.sigma);
      bound = Math.max(CONFIRMED, Math.min(1e-3, 100 * found.rounding(0.1) / norm));
    }
    if (problem.trait == RandomProblem.Trait.FLOAT32) {
      bound = Math.max(bound, SINGLE); // no score tells more than its own rounding leaves
    }
    boolean confirmed = residual <= bound;
    double error = finite && problem.truth != null ? problem.error(result.x()) : Double.NaN;
    double floor = Double.POSITIVE_INFINITY;
    if (problem.truth != null) {
      double moved = (problem.truth.rounding(1) + 0x1p-52 * norm(problem.sigma)) / (2 * least);
      floor = problem.truth.largestDistance() * moved / problem.size();
    }
    boolean due =
        problem.consistent()
            && !problem.ambiguous()
            && problem.signsFollow()
            && least >= IDENTIFIABLE
            && floor <= 1e-7;
    boolean recovered = converged && error <= Math.max(RECOVERED, 30 * floor);
    Fault fault =
        converged && !confirmed
            ? Fault.UNCONFIRMED
            : converged && problem.ambiguous()
                ? Fault.NOT_UNIQUE
                : due && !recovered ? Fault.LOST : null;
    String note =
        String.format(
            Locale.ROOT,
            "%s -> %s%s, residual %.1e (bound %.1e), error %.1e (floor %.1e), least information %.1e, %.2f s: %s",
            problem,
            result.status().word(),
            fault == Fault.LOST ? how(converged, error) : "",
            residual,
            bound,
            error,
            floor,
            least,
            seconds,
            result.message());
    boolean faint = converged && least < 1e-12;
    return new Outcome(
        problem.trait, problem.index, End.of(result.status()), fault, due, faint, seconds, note);
  }

  private static String how(boolean converged, double error) {
    return converged
        ? error > 1e-4 ? " elsewhere" : " imprecisely"
        : error <= RECOVERED ? " at x" : "";
  }

  private static double relativeResidual(double[] scores, double[] target) {
    double[] difference = new double[scores.length];
    Arrays.setAll(difference, i -> scores[i] - target[i]);
    return norm(difference) / norm(target);
  }

  private static double norm(double[] v) {
    double sum = 0;
    for (double value : v) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  // ---- printing
  // --------------------------------------------------------------------------------------------------------------

  private static void print(Tally tally) {
    Map<RandomProblem.Trait, List<Outcome>> byTrait = new EnumMap<>(RandomProblem.Trait.class);
    for (Outcome o : tally.outcomes()) {
      byTrait.computeIfAbsent(o.trait(), t -> new ArrayList<>()).add(o);
    }
    String format = "%-16s %7s %9s %12s %9s %9s %8s %8s %8s %8s | %6s %6s | %7s%n";
    System.out.printf(
        format,
        "trait",
        "all",
        "converged",
        "inconsistent",
        "not_ident",
        "iter_lim",
        "stalled",
        "worklim",
        "refused",
        "crashed",
        "due",
        "lost",
        "seconds");
    byTrait.forEach(
        (trait, outcomes) -> print(format, trait.name().toLowerCase(Locale.ROOT), outcomes));
    print(format, "all", tally.outcomes());
    for (Fault fault : Fault.values()) {
      tally.outcomes().stream()
          .filter(o -> o.fault() == fault)
          .forEach(o -> System.out.println(fault + "  " + o.note()));
    }
    tally.outcomes().stream()
        .filter(o -> o.seconds() > 5)
        .forEach(o -> System.out.println("SLOW  " + o.note()));
    long faint = tally.outcomes().stream().filter(Outcome::faint).count();
    System.out.printf(
        Locale.ROOT,
        "converged but not confirmed: %d; converged where x is not unique: %d; undocumented exceptions: %d%n",
        tally.count(Fault.UNCONFIRMED),
        tally.count(Fault.NOT_UNIQUE),
        tally.count(Fault.EXCEPTION));
    System.out.printf(
        Locale.ROOT,
        "recovered %d of %d that should be (%.3f%%); converged with the least information below 1e-12: %d%n",
        tally.due() - tally.count(Fault.LOST),
        tally.due(),
        100 * tally.recovered(),
        faint);
  }

  private static void print(String format, String name, List<Outcome> outcomes) {
    long[] ends = new long[End.values().length];
    for (Outcome o : outcomes) {
      ends[o.end().ordinal()]++;
    }
    System.out.printf(
        Locale.ROOT,
        format,
        name,
        outcomes.size(),
        ends[0],
        ends[1],
        ends[2],
        ends[3],
        ends[4],
        ends[5],
        ends[6],
        ends[7],
        outcomes.stream().filter(Outcome::due).count(),
        outcomes.stream().filter(o -> o.fault() == Fault.LOST).count(),
        String.format(Locale.ROOT, "%.1f", outcomes.stream().mapToDouble(Outcome::seconds).sum()));
  }
}
