package org.levinv.method.weights;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.method.Rank;
import org.levinv.method.RankDeficientException;
import org.levinv.model.GramFactor;
import org.levinv.pass.FactorPass;
import org.levinv.pass.Profile;
import org.levinv.pass.RootWeights;
import org.levinv.pass.RowTargets;
import org.levinv.pass.TargetPass;
import org.levinv.pass.TargetSums;
import org.levinv.pass.TargetWeights;
import org.levinv.pass.UnitRows;
import org.levinv.pass.WeightsPass;
import org.levinv.rows.Field;
import org.levinv.rows.RowStore;
import org.levinv.rows.Units;
import org.levinv.tall.TallMatrix;

/**
 * Which weights are looked for: the rows with their targets, in units and coordinates in which
 * nothing is lost, and the state that a search starts from. One reading after the first, and up to
 * four more where the columns are nearly dependent.
 */
public final class WeightsProblem {

  /**
   * Targets above this are heavy. Smaller: more rows, at most d / HEAVY, are held in memory;
   * larger: weights that follow from S alone take more rounds (measured up to 0.1: as many as
   * without). Where there are no more rows than that all are heavy, which keeps the accuracy of
   * each weight, however far they spread.
   */
  static final double HEAVY = 0.1;

  /** Sums of targets may be off by this, relative to d: some ten times the rounding of float32. */
  static final double SUM_ROUNDING = 1e-7;

  /** Sums of targets that are off by less are those of exact targets. */
  private static final double SUM_EXACT = 1e-13;

  /** cond(R) up to which Gram matrices of A itself lose nothing that counts. */
  private static final double WELL_CONDITIONED = 100;

  /** cond(R) up to which R from a Gram matrix is as good as one by QR, for coordinates. */
  private static final double TRUSTED = 1e6;

  /** cond(R) beyond which the rank of A is looked at. */
  private static final double SUSPICIOUS = 1e10;

  private final RowStore store;
  private final Device device;
  private final int d;
  private final Units units;
  private final TargetSums sums;
  private final boolean sumIsRight;
  private final RowTargets targets;
  private final HeavyRows heavy;
  private final HeavyRows original;
  private final double lightSum;
  private final double lightSquares;
  private double[] coordinates;
  private WeightsState start;

  /**
   * Looks at all rows of a store; without the field of targets all rows but those of zeros have the
   * same. Sets the units and the coordinates of the store.
   *
   * @param profile what the first reading found
   * @throws RankDeficientException if the columns of A are dependent
   */
  public WeightsProblem(RowStore store, Profile profile) {
    this.store = store;
    device = store.device();
    d = store.columns();
    units = profile.units();
    if (!units.isNone()) {
      store.setUnits(units);
    }
    int most = (int) Math.round(d / HEAVY);
    sums = store.run(new TargetPass(store.rows() <= most ? 0 : HEAVY, most)); // few rows: all
    sumIsRight = !store.has(Field.TARGET) || isSum(profile);
    targets = chooseTargets();
    try (Workspace space = new Workspace(device)) {
      double[] gram = new double[d * d];
      device.download(sums.gram(), gram);
      original = isFeasibleAtSight() ? heavyRows(space) : HeavyRows.NONE;
      heavy = condition(gram, space);
    }
    double rest = d;
    double squares = targets.isGiven() ? sums.squares() : d * targets.equal();
    for (double t : heavy.targets()) {
      rest -= t;
      squares -= t * t;
    }
    lightSum = heavy.size() == sums.positive() ? 0 : Math.max(rest, 0);
    lightSquares = Math.max(squares, 0);
  }

  /** Sums that rounding to float32, or to the digits that are seen, leaves are those of scores. */
  private boolean isSum(Profile profile) {
    return Math.abs(sums.sum() - d) <= SUM_ROUNDING * d
        || profile.printed().isCoarse() && profile.hasSum(d, profile.printed(), store.rows());
  }

  private RowTargets chooseTargets() {
    if (!store.has(Field.TARGET)) {
      double equal = (double) d / Math.max(1, sums.positive());
      return new RowTargets(equal, sums.zeros() > 0, 0);
    }
    double off = d - sums.sum();
    boolean rounded = Math.abs(off) > SUM_EXACT * d && sumIsRight;
    return rounded && sums.degrees() > 0
        ? new RowTargets(Double.NaN, false, off / sums.degrees()) // sum t (1 - t) per logit
        : RowTargets.GIVEN;
  }

  private HeavyRows heavyRows(Workspace space) {
    if (!targets.isGiven() && targets.equal() <= HEAVY) {
      return HeavyRows.NONE;
    }
    long[] numbers = sums.heavy().numbers();
    double[] given = sums.heavy().keys();
    double[] t = new double[given.length];
    Arrays.setAll(t, i -> targets.of(given[i]));
    return numbers.length == 0
        ? HeavyRows.NONE
        : HeavyRows.of(numbers, t, store.gather(numbers, space), space);
  }

  /** Sets coordinates where called for, and the start; the heavy rows in these coordinates. */
  private HeavyRows condition(double[] lightGram, Workspace space) {
    GramFactor factor = new GramFactor(d, space);
    double[] light = lightGram;
    if (!targets.isGiven()) { // the Gram matrix has all rows, with targets of 1
      double t = original.size() > 0 ? 0 : targets.equal();
      light = Arrays.stream(lightGram).map(g -> t * g).toArray();
    } else if (!isFeasibleAtSight()) {
      light = startPass(HeavyRows.NONE);
    }
    Matrix S = space.matrix(d, d);
    device.upload(withHeavy(light, original), S);
    boolean regular = factor.of(S);
    if (!regular || factor.condition() > TRUSTED) {
      regular = factor.ofTriangle(store.run(new FactorPass(new UnitRows(null), false)));
      if (!regular || factor.condition() > SUSPICIOUS) {
        Rank rank = Rank.of(store);
        if (!regular || rank.rank() < d) {
          throw new RankDeficientException(rank);
        }
      }
    }
    if (factor.condition() <= WELL_CONDITIONED) {
      start = new WeightsState(light, startLogs(original));
      return original;
    }
    coordinates = new double[d * d];
    device.download(factor.inverseR(), coordinates);
    store.changeCoordinates(factor.inverseR(), true);
    HeavyRows moved = original;
    if (original.size() > 0) {
      TallMatrix rows = gather(original.numbers(), space);
      moved = HeavyRows.of(original.numbers(), original.targets(), rows, space);
    }
    start = new WeightsState(startPass(moved), startLogs(moved));
    return moved;
  }

  /** A^T diag(t / ||a||^2) A of the light rows. */
  private double[] startPass(HeavyRows without) {
    TargetWeights weights =
        new TargetWeights(identity(), targets, without.numbers(), new double[without.size()]);
    double[] gram = new double[d * d];
    device.download(store.run(new WeightsPass(weights)).gram(), gram);
    return gram;
  }

  private static double[] startLogs(HeavyRows rows) {
    double[] logs = new double[rows.size()];
    Arrays.setAll(logs, i -> 0.5 * Math.log(rows.targets()[i] / rows.square(i)));
    return logs;
  }

  /** light + A^T diag(t / ||a||^2) A of the heavy rows. */
  private double[] withHeavy(double[] light, HeavyRows rows) {
    double[] S = light.clone();
    for (int i = 0; i < rows.size(); i++) {
      double u = rows.targets()[i] / rows.square(i);
      double[] a = rows.entries();
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          S[j * d + k] += u * a[i * d + j] * a[i * d + k];
        }
      }
    }
    return S;
  }

  /** Some rows in the coordinates of the store. */
  TallMatrix gather(long[] numbers, Workspace space) {
    return store.gather(numbers, space);
  }

  /** Weights that follow from a state, with R^-1, R^T R the Gram matrix of all rows. */
  TargetWeights weights(double[] inverseR, WeightsState state) {
    return new TargetWeights(inverseR, targets, heavy.numbers(), state.heavyWeights());
  }

  /** Whether the targets sum to d, up to rounding, and no row of zeros has one. */
  public boolean isFeasibleAtSight() {
    return impossible().length == 0 && sumIsRight();
  }

  /** Whether the targets sum to d, up to rounding. */
  public boolean sumIsRight() {
    return sumIsRight;
  }

  /** The first rows of zeros with a positive target. */
  public long[] impossible() {
    return sums.impossible().numbers();
  }

  /** How many these are. */
  public long impossibleCount() {
    return sums.impossible().offered();
  }

  /** d. */
  public int columns() {
    return d;
  }

  /** What the first reading found of the targets. */
  public TargetSums sums() {
    return sums;
  }

  /** The targets, moved where their sum is that of rounded numbers. */
  public RowTargets targets() {
    return targets;
  }

  /** The units in which rows are read. */
  public Units units() {
    return units;
  }

  /** The coordinates of the store, d x d row by row, or null for those of the rows. */
  public double[] coordinates() {
    return coordinates;
  }

  double[] coordinatesOrIdentity() {
    return coordinates == null ? identity() : coordinates;
  }

  private double[] identity() {
    double[] identity = new double[d * d];
    for (int j = 0; j < d; j++) {
      identity[j * d + j] = 1;
    }
    return identity;
  }

  /** How many numbers tell where a search stands. */
  public int numbers() {
    return 2 * d * d + heavy.size();
  }

  /**
   * The Gram matrix of rows A M in the coordinates of this problem, which may be others where
   * another device has found them: T^T G T with T = M^-1 coordinates.
   *
   * @param G in coordinates M, d x d row by row
   */
  double[] moved(double[] G, double[] M) {
    double[] here = coordinatesOrIdentity();
    if (Arrays.equals(M, here)) {
      return G;
    }
    double[] moved = new double[d * d];
    try (Workspace space = new Workspace(device)) {
      Matrix from = space.matrix(d, d);
      Matrix inverse = space.matrix(d, d);
      Matrix T = space.matrix(d, d);
      device.upload(M, from);
      device.invertTriangular(from, inverse);
      device.upload(here, from);
      device.multiply(inverse, false, from, false, T); // M^-1 coordinates
      device.upload(G, from);
      device.multiply(T, true, from, false, inverse);
      device.multiply(inverse, false, T, false, from); // T^T G T
      device.download(from, moved);
    }
    return moved;
  }

  /**
   * R with R^T R = A^T diag(u) A of all rows as they were read; one reading.
   *
   * @param rows this problem's, or the same ones in another store
   */
  public void factor(TargetWeights weights, RowStore rows, Matrix R) {
    Matrix light = rows.run(new FactorPass(new RootWeights(weights.ofLightRows(), 1, false), true));
    if (original.size() == 0) {
      rows.device().copy(light, R);
      return;
    }
    double[] L = new double[d * d];
    rows.device().download(light, L);
    original.factor(weights.heavyWeights(), L, R, rows.device());
  }

  RowStore store() {
    return store;
  }

  HeavyRows heavy() {
    return heavy;
  }

  WeightsState start() {
    return start;
  }

  /** Whether some rows with a target are light. */
  boolean hasLight() {
    return heavy.size() < sums.positive();
  }

  double lightSum() {
    return lightSum;
  }

  double lightSquares() {
    return lightSquares;
  }
}
