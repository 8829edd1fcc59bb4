package org.levinv.method;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Settles the signs of a sample. The right signs are W [A, -b] z for z = (x, 1) / c, so a vector of
 * signs has the residual r = (I - P) signs, P the projection on the range of W [A, b], and the
 * right one has the least. Every row is predicted by all the others, in closed form: p_i = signs_i
 * - r_i / (1 - h_i). Its leverage is h_i = target_i + g_i^2 / ||g||^2, g what A leaves of W b. To
 * flip a row with p_i signs_i < 0 makes r smaller.
 *
 * <p>Heavy rows with wrong signs bend the fit to themselves and so hide each other. All of them are
 * left out, and then decided one after another, the clearest first, each decision bearing on the
 * others: Babai's nearest plane in the order of V-BLAST (Peter Wolniansky and others, "V-BLAST: an
 * architecture for realizing very high data rates over the rich-scattering wireless channel",
 * 1998).
 *
 * <p>A row whose prediction is far from its sign in the end is in doubt: its slack is narrower than
 * x is known, so neither its sign nor its weight can come from x yet.
 */
final class Settlement {

  /** |p| may be this far from 1, and so may two standard deviations of it be. */
  private static final double DOUBT = 0.5;

  /** The leverage of a heavy row. */
  private static final double HEAVY = 0.5;

  /** Heavy rows decided together, the heaviest: their matrices stay below 130 MiB. */
  private static final int MOST_HEAVY = 2000;

  /** Of 1 - target: such a row is tied to no other, and always in doubt. */
  private static final double ALONE = 1e-12;

  /** Of 1 - target: where no more is left beside the offset, no other row says anything. */
  private static final double UNPREDICTED = 1e-6;

  /** Of 1 - h, so that rows that no other row predicts do no harm. */
  private static final double RIDGE = 1e-14;

  private final Device device;
  private final TallMatrix A;
  private final Vector b;
  private final GramFactor gram;
  private final Position position;
  private final Vector s;
  private final double[] root;
  private final double[] offset;
  private final double[] leverage;
  private final boolean[] alone;
  private double[] residual;
  private double[] prediction;
  private double misfit;
  private int[] group;
  private double[] offsetSquare;

  /** For rows A whose factor of A^T W^2 A is {@code gram}. */
  Settlement(TallMatrix A, Vector b, GramFactor gram, Position position, Workspace space) {
    device = space.device();
    this.A = A;
    this.b = b;
    this.gram = gram;
    this.position = position;
    s = space.vector(A.rows());
    int m = (int) A.rows();
    root = new double[m];
    offset = new double[m];
    leverage = new double[m];
    alone = new boolean[m];
    residual = new double[m];
    prediction = new double[m];
  }

  /**
   * Changes signs as long as the residual goes down, {@code rounds} times at most, and places x.
   * Returns the misfit, the root mean square of r, or NaN where the rows do not determine x.
   *
   * @param w e^{t - max t}, of rows that count once as in {@link Position}
   * @param target of these
   */
  double settle(
      Vector t,
      double[] w,
      double[] target,
      double[] signs,
      Vector counts,
      Vector x,
      int rounds,
      Vector signVector) {
    double least = predict(t, w, target, signs, counts, x, signVector);
    if (Double.isNaN(least)) {
      return least;
    }
    boolean changed = false;
    boolean decided = false;
    for (int round = 0; round < rounds; round++) {
      double[] trial = signs.clone();
      decided = !decided && doubtful(signs) && decideHeavy(w, trial);
      if (!decided && !flip(trial)) {
        break;
      }
      double[] keptResidual = residual.clone();
      double[] keptPrediction = prediction.clone();
      device.upload(trial, signVector);
      double found = residual(position.reduce(t, signVector, counts), trial);
      if (found < least) {
        least = found;
        System.arraycopy(trial, 0, signs, 0, trial.length);
        changed = true;
      } else {
        residual = keptResidual;
        prediction = keptPrediction;
        if (!decided) {
          break;
        }
      }
    }
    misfit = least;
    if (changed) {
      device.upload(signs, signVector);
      position.place(t, signVector, counts, x);
    }
    return least;
  }

  /** Places x with the signs as they are and predicts them; returns the misfit, or NaN. */
  double predict(
      Vector t,
      double[] w,
      double[] target,
      double[] signs,
      Vector counts,
      Vector x,
      Vector signVector) {
    device.upload(signs, signVector);
    device.download(counts, root);
    Arrays.setAll(root, i -> Math.sqrt(root[i]));
    Vector reduced = position.reduce(t, signVector, counts);
    if (Double.isNaN(position.place(x))) {
      return Double.NaN;
    }
    A.times(x, s);
    device.axpy(-1, b, s); // s = A x - b
    double[] slack = new double[signs.length];
    double[] e = new double[signs.length];
    device.download(s, slack);
    device.download(reduced, e);
    double[] c = scale();
    group = position.groups();
    offsetSquare = new double[group == null ? 1 : 1 + Arrays.stream(group).max().orElse(0)];
    for (int i = 0; i < signs.length; i++) { // W s = P (c signs + W b) - W b = c (signs - e) - g
      offset[i] = signs[i] * c[i] * (root[i] - e[i]) - w[i] * slack[i];
      offsetSquare[groupOf(i)] += offset[i] * offset[i];
    }
    for (int i = 0; i < signs.length; i++) {
      double rest = 1 - target[i];
      alone[i] = rest < ALONE;
      double ofOffset = offset[i] * offset[i] / nonzero(offsetSquare[groupOf(i)]);
      leverage[i] = rest - ofOffset > UNPREDICTED * rest ? target[i] + ofOffset : 0;
    }
    return residual(reduced, signs);
  }

  private int groupOf(int i) {
    return group == null ? 0 : group[i];
  }

  private static double nonzero(double value) {
    return Math.max(value, Double.MIN_NORMAL);
  }

  /** r = e - g (g . e) / (g . g) from e = (I - P_A) signs, and the predictions; the misfit. */
  private double residual(Vector reduced, double[] signs) {
    double[] e = new double[signs.length];
    device.download(reduced, e);
    double[] along = new double[offsetSquare.length];
    for (int i = 0; i < e.length; i++) {
      e[i] *= signs[i];
      along[groupOf(i)] += offset[i] * e[i];
    }
    double sum = 0;
    for (int i = 0; i < e.length; i++) {
      int k = groupOf(i);
      residual[i] = (e[i] - offset[i] * along[k] / nonzero(offsetSquare[k])) / root[i];
      prediction[i] = alone[i] ? 0 : signs[i] - residual[i] / (1 - leverage[i]);
      sum += residual[i] * residual[i];
    }
    misfit = Math.sqrt(sum / e.length);
    return misfit;
  }

  private boolean doubtful(double[] signs) {
    return IntStream.range(0, signs.length).anyMatch(i -> inDoubt(i, signs[i]));
  }

  /** Flips every row whose prediction has the other sign; false where there is none. */
  private boolean flip(double[] signs) {
    boolean any = false;
    for (int i = 0; i < signs.length; i++) {
      if (prediction[i] * signs[i] < 0) {
        signs[i] = -signs[i];
        any = true;
      }
    }
    return any;
  }

  /** Decides the signs of the heavy rows by those of the others; false where that changes none. */
  private boolean decideHeavy(double[] w, double[] signs) {
    int[] heavy =
        IntStream.range(0, signs.length)
            .filter(i -> leverage[i] > HEAVY && root[i] == 1)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -leverage[i]))
            .mapToInt(i -> i)
            .limit(MOST_HEAVY)
            .toArray();
    int h = heavy.length;
    double[] C = h == 0 ? null : covariance(heavy, w);
    if (C == null) {
      return false;
    }
    double[] p = new double[h];
    for (int k = 0; k < h; k++) { // p = signs - C r: every heavy row left out
      p[k] = signs[heavy[k]];
      for (int l = 0; l < h; l++) {
        p[k] -= C[k * h + l] * residual[heavy[l]];
      }
    }
    int[] open = IntStream.range(0, h).toArray();
    boolean changed = false;
    for (int left = h; left > 0; left--) {
      int at = 0;
      for (int j = 1; j < left; j++) {
        at = clarity(p, C, open[j]) > clarity(p, C, open[at]) ? j : at;
      }
      int k = open[at];
      open[at] = open[left - 1];
      double sign = p[k] < 0 ? -1 : 1;
      changed |= sign != signs[heavy[k]];
      signs[heavy[k]] = sign;
      for (int j = 0; j < left - 1; j++) { // what this one says of the others
        int l = open[j];
        double share = C[l * h + k] / C[k * h + k];
        p[l] += share * (sign - p[k]);
        for (int i = 0; i < left - 1; i++) {
          C[l * h + open[i]] -= share * C[k * h + open[i]];
        }
      }
    }
    return changed;
  }

  /** The log likelihood ratio of the two signs, up to a factor. */
  private static double clarity(double[] p, double[] C, int k) {
    int h = p.length;
    return Math.abs(p[k]) / C[k * h + k];
  }

  /** (I - P)_HH^-1, row by row; null where it is singular. */
  private double[] covariance(int[] heavy, double[] w) {
    int h = heavy.length;
    try (Workspace own = new Workspace(device)) {
      TallMatrix X = A.rows(heavy, own);
      X.scaledTriangular(
          own.upload(Arrays.stream(heavy).mapToDouble(i -> w[i]).toArray()),
          gram.inverseR(),
          X); // X = W A R^-1, so that X X^T = P_A
      Matrix S = own.matrix(h, h);
      Matrix C = own.matrix(h, h);
      X.rowGram(S);
      double[] entries = new double[h * h];
      device.download(S, entries);
      for (int k = 0; k < h; k++) {
        for (int l = 0; l < h; l++) {
          int i = heavy[k];
          int j = heavy[l];
          double ofOffset =
              groupOf(i) == groupOf(j)
                  ? offset[i] * offset[j] / nonzero(offsetSquare[groupOf(i)])
                  : 0;
          entries[k * h + l] = (k == l ? 1 + RIDGE : 0) - entries[k * h + l] - ofOffset;
        }
      }
      device.upload(entries, S);
      if (device.cholesky(S, C) != 0) {
        return null;
      }
      Matrix inverse = own.matrix(h, h);
      device.invertTriangular(C, inverse);
      device.multiply(inverse, false, inverse, true, C);
      A.meter().spend(h, 0, 3.0 * h * h); // 2 h^3 of these three, h^3 of the decisions
      device.download(C, entries);
      return entries;
    }
  }

  /** c of each row in the last placement. */
  double[] scale() {
    double[] c = new double[root.length];
    device.download(position.scale(), c);
    return c;
  }

  /** True where row i's prediction is far from its sign. */
  boolean inDoubt(int i, double sign) {
    return Math.abs(prediction[i] - sign) > DOUBT;
  }

  /** The misfit at which no row among these would be uncertain. */
  double wanted() {
    double most = 0;
    for (double h : leverage) {
      most = Math.max(most, h);
    }
    return 0.5 * DOUBT * Math.sqrt(1 - most);
  }

  double misfit() {
    return misfit;
  }

  /** True where it is, or could be as well. */
  boolean isUncertain(int i, double sign) {
    return inDoubt(i, sign) || 2 * misfit / Math.sqrt(1 - leverage[i]) > DOUBT;
  }
}
