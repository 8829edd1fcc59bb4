package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.pass.SignRule;
import org.levinv.rows.RowStore;
import org.levinv.tall.TallMatrix;

/**
 * Stages 1 and 2 on a sample: weights that have its targets, then a point x with the signs that are
 * known, or with those that are retrieved.
 */
final class Placement {

  /**
   * Stage 1 ends at this mismatch: signs known, and signs unknown, where the right signs have to be
   * found by magnitude.
   */
  private static final double MAGNITUDES_KNOWN = 1e-2;

  private static final double MAGNITUDES_UNKNOWN = 3e-3;

  /** Each further search has magnitudes more exact by this factor. */
  private static final double FINER = 0.01;

  /** Narrow rows call for more exact ones on all rows, down to this. */
  private static final double FINEST_KNOWN = 1e-6;

  private static final double FINEST_UNKNOWN = 1e-5;

  /**
   * Decoded signs are right where the placement has less than this relative misfit; the magnitudes
   * of a sample carry its sampling errors.
   */
  private static final double RIGHT_SIGNS = 1e-2;

  private static final double RIGHT_SIGNS_SAMPLED = 4e-2;

  /** A fit of equal signs with a smaller relative residual than this says that they are equal. */
  private static final double EQUAL_SIGNS = 0.5;

  /** Rows of known sign with a larger counted target may be relaxed where they are in doubt. */
  private static final double HEAVY = 0.5;

  /** Evaluations of stage 1, and of its continuation. */
  private static final int EVALUATIONS = 60;

  private static final int MORE_EVALUATIONS = 30;

  /** Either where a search by groups follows: 2 to 5 do where rows are strongly coupled. */
  private static final int FEW_EVALUATIONS = 20;

  /** Rounds in which signs may flip. */
  private static final int FLIP_ROUNDS = 8;

  /**
   * Where x was placed.
   *
   * @param signs what is known of the signs now
   * @param relaxed rows whose slack is narrower than x is known
   */
  record Start(Vector x, SignRule signs, RelaxedRows relaxed) {}

  private final RowStore rows;
  private final Device device;
  private final SampleProblem sample;
  private final Coordinates coordinates;
  private final boolean exact;
  private final boolean hasOthers;
  private final int limit;
  private final Steps steps;
  private final Workspace space;
  private final TallMatrix A;
  private final double[] targets;
  private final Vector counted;
  private final Vector counts;
  private final Vector t;
  private final Vector sampleSigns;
  private final GramFactor gram;
  private Magnitudes magnitudes;
  private int evaluations;
  private boolean crawls;

  /**
   * @param exact whether some x has these scores, for all that is known
   * @param hasOthers whether rows that are weakly coupled are left to a search that follows
   * @param limit on the steps of each stage
   */
  Placement(
      RowStore rows,
      SampleProblem sample,
      Coordinates coordinates,
      boolean exact,
      boolean hasOthers,
      int limit,
      Steps steps,
      Workspace space) {
    this.rows = rows;
    device = rows.device();
    this.sample = sample;
    this.coordinates = coordinates;
    this.exact = exact;
    this.hasOthers = hasOthers;
    this.limit = limit;
    this.steps = steps;
    this.space = space;
    A = sample.A();
    targets = sample.countedTargets();
    counted = space.upload(targets);
    counts = space.upload(sample.counts());
    t = space.vector(sample.size());
    sampleSigns = space.vector(sample.size());
    gram = new GramFactor(rows.columns(), space);
    Conditioning.startWeights(sample, counted, t);
  }

  /** Evaluations of scores on the sample so far. */
  int evaluations() {
    return evaluations;
  }

  /** Whether rows are so weakly coupled that magnitudes did not become exact enough. */
  boolean crawls() {
    return crawls;
  }

  /**
   * Makes all rows well conditioned, by this sample.
   *
   * @return whether the factor belongs to the start weights
   */
  boolean condition(Conditioning conditioning) {
    return conditioning.improve(counted, gram, t);
  }

  /**
   * Finds x.
   *
   * @param factored what {@link #condition} said, or false
   * @param signs what is known of them
   * @param maybeEqual whether they may be all the same
   * @param search the number of searches before this one: the more, the finer
   * @param random for starts of the retrieval
   * @return null where the rows do not determine x, or are for others
   */
  Start find(
      boolean factored,
      SignRule signs,
      boolean maybeEqual,
      int search,
      SplittableRandom random,
      Vector x) {
    magnitudes = new Magnitudes(A, counted, sample.isWhole(), hasOthers, gram, space);
    double finer = Math.pow(FINER, search);
    boolean mayBeKnown = signs.isKnown() || maybeEqual;
    double first = mayBeKnown ? MAGNITUDES_KNOWN : MAGNITUDES_UNKNOWN;
    if (!findWeights(factored, first * finer)) {
      return null;
    }
    improveCoordinates();
    Position position = new Position(A, sample.b(), gram, space);
    Groups groups = Groups.of(A, weights(), targets, gram, device);
    position.setGroups(groups.member(), groups.count());
    Settlement settlement = new Settlement(A, sample.b(), gram, position, space);
    SignRule known = signs;
    if (!signs.isKnown() && maybeEqual) {
      known = equalSigns(position, x);
      if (!known.isKnown() && !findWeights(true, MAGNITUDES_UNKNOWN * finer)) {
        return null;
      }
    }
    RelaxedRows relaxed =
        known.isKnown()
            ? placeKnown(known, settlement, x)
            : retrieve(settlement, groups.count(), search == 0, random, x);
    return relaxed == null ? null : new Start(x, known, relaxed);
  }

  /**
   * Places x by the weights as they are, with equal signs: something to show of a search that is
   * ended before it placed anything.
   *
   * @return whether the rows determine it
   */
  boolean guess(Vector x) {
    Vector w = space.vector(sample.size());
    Vector work = space.vector(sample.size());
    device.map(Formula.EXP, device.max(t), t, null, null, w);
    if (!Magnitudes.factor(gram, A, w, work, device)) {
      return false;
    }
    device.fill(1, sampleSigns);
    Position position = new Position(A, sample.b(), gram, space);
    return !Double.isNaN(position.place(t, sampleSigns, counts, x));
  }

  private boolean findWeights(boolean factored, double tolerance) {
    boolean done = magnitudes.run(t, factored, tolerance, evaluations(EVALUATIONS), steps);
    count();
    return done && !(hasOthers && crawls);
  }

  private int evaluations(int usual) {
    return Math.min(limit, hasOthers ? FEW_EVALUATIONS : usual);
  }

  private void count() {
    evaluations += magnitudes.evaluations();
    crawls |= magnitudes.crawls();
  }

  /** Narrow slacks: the Gram matrices to come look like this one. */
  private void improveCoordinates() {
    if (gram.condition() <= Conditioning.WELL_CONDITIONED) {
      return;
    }
    try (Workspace own = new Workspace(device)) {
      Vector w = own.vector(t.length());
      device.map(Formula.EXP, device.max(t), t, null, null, w);
      if (gram.condition() <= Conditioning.ILL_CONDITIONED || gram.ofRows(A, w)) {
        coordinates.rebase(gram, sample);
        gram.setIdentity();
      }
    }
  }

  /**
   * One placement tells: the scale comes out positive or negative, and the fit is good, where all
   * signs are equal.
   */
  private SignRule equalSigns(Position position, Vector x) {
    device.fill(1, sampleSigns);
    double c = position.place(t, sampleSigns, counts, x);
    return Double.isNaN(c) || position.misfit(x) > EQUAL_SIGNS
        ? SignRule.NONE
        : SignRule.equal(c > 0 ? 1 : -1);
  }

  private RelaxedRows placeKnown(SignRule signs, Settlement settlement, Vector x) {
    sample.signs(signs, rows, sampleSigns);
    double[] sign = new double[sample.size()];
    device.download(sampleSigns, sign);
    double[] w = weights();
    if (Double.isNaN(settlement.predict(t, w, targets, sign, counts, x, sampleSigns))) {
      return null;
    }
    if (moreExact(settlement, FINEST_KNOWN)) {
      w = weights();
      if (Double.isNaN(settlement.predict(t, w, targets, sign, counts, x, sampleSigns))) {
        return null;
      }
    }
    int[] doubt =
        IntStream.range(0, sign.length)
            .filter(
                k ->
                    settlement.inDoubt(k, sign[k]) && sample.counts()[k] == 1 && targets[k] > HEAVY)
            .toArray();
    return relax(doubt, w, settlement.scale());
  }

  private RelaxedRows retrieve(
      Settlement settlement, int groups, boolean spectral, SplittableRandom random, Vector x) {
    double[] w = weights();
    double[] once = uncounted(w);
    double[] norms = new double[w.length];
    double[] slacks = new double[w.length];
    Arrays.setAll(norms, k -> targets[k] / (w[k] * w[k])); // ||R^-T a_k||^2
    Arrays.setAll(slacks, k -> 1 / once[k]);
    double[] sign = new double[w.length];
    Retrieval retrieval = new Retrieval(A, sample.b(), gram, groups, space);
    double misfit =
        retrieval.run(
            space.upload(w),
            space.upload(norms),
            space.upload(slacks),
            random,
            spectral,
            sample.isWhole() ? RIGHT_SIGNS : RIGHT_SIGNS_SAMPLED,
            steps,
            found -> {
              device.download(found, sign);
              return settlement.settle(t, w, targets, sign, counts, x, FLIP_ROUNDS, sampleSigns);
            });
    if (Double.isNaN(misfit)) {
      return null;
    }
    double[] finest = w;
    if (moreExact(settlement, FINEST_UNKNOWN)) {
      finest = weights();
      settlement.settle(t, finest, targets, sign, counts, x, FLIP_ROUNDS, sampleSigns);
    }
    int[] doubt =
        IntStream.range(0, sign.length).filter(k -> settlement.isUncertain(k, sign[k])).toArray();
    return relax(doubt, finest, settlement.scale());
  }

  /** Where narrow rows could be told from exact weights: makes these so; else false. */
  private boolean moreExact(Settlement settlement, double finest) {
    double wanted = settlement.wanted();
    if (!sample.isWhole() || !exact || settlement.misfit() <= wanted || wanted < finest) {
      return false;
    }
    boolean found = magnitudes.resume(t, true, 0.5 * wanted, evaluations(MORE_EVALUATIONS), steps);
    count();
    return found;
  }

  /** e^{t - max t}, on the host. */
  private double[] weights() {
    double[] w = new double[sample.size()];
    device.download(t, w);
    double largest = device.max(t);
    Arrays.setAll(w, k -> Math.exp(w[k] - largest));
    return w;
  }

  /**
   * A row that counts q times has e^t as its weight in the small problem, and e^t / sqrt(q) where
   * it counts once.
   */
  private double[] uncounted(double[] w) {
    double[] once = new double[w.length];
    Arrays.setAll(once, k -> w[k] / Math.sqrt(sample.counts()[k]));
    return once;
  }

  private RelaxedRows relax(int[] positions, double[] w, double[] scale) {
    double[] once = uncounted(w);
    double[] omega =
        Arrays.stream(positions).mapToDouble(k -> Math.abs(once[k] / scale[k])).toArray();
    return new RelaxedRows(sample, positions, omega);
  }

  /**
   * b = A x_b: x = x_b + y for some y, to have slacks at all; every multiple of y does as well.
   *
   * @return y, or null where the rows do not determine it
   */
  Vector placeOnRay(SignRule signs, Vector x) {
    Vector w = space.vector(sample.size());
    Vector sum = space.vector(sample.size());
    Vector y = space.vector(rows.columns());
    A.squaredRowNorms(w);
    device.map(Formula.ROOT, 0, w, null, null, w);
    device.map(Formula.RECIPROCAL, 0, w, null, null, w); // rows of length 1
    if (!Magnitudes.factor(gram, A, w, sum, device)) {
      return null;
    }
    device.multiply(w, sample.b(), sum);
    device.multiply(w, sum, sum);
    A.transposeTimes(sum, x);
    gram.solve(x); // x_b = G^-1 A^T W^2 b
    if (signs.isKnown()) {
      sample.signs(signs, rows, sum);
    } else {
      device.fill(1, sum);
    }
    device.multiply(w, sum, sum);
    A.transposeTimes(sum, y);
    gram.solve(y); // y = G^-1 A^T W signs
    device.axpy(1, y, x);
    return y;
  }
}
