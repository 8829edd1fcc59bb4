package org.levinv.solve;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.method.Rank;
import org.levinv.model.GramFactor;
import org.levinv.pass.StartPass;
import org.levinv.pass.StartSums;
import org.levinv.pass.SurveyPass;
import org.levinv.rows.RowStore;

/**
 * The coordinates of a local solve around a point x0: rows come as A R^-1 and x as R x, where R^T R
 * is nearly A(x0)^T A(x0), so that A(x0) has nearly orthonormal columns. Scores and slacks stay
 * what they are, lengths become relative changes of the slacks, and cond(A) does not count.
 *
 * <p>R comes from Gram matrices alone, one reading each: by Cholesky where that loses nothing, else
 * from a Gram matrix with a little added to its diagonal, whose R makes the columns of A R^-1 so
 * much less dependent that the next one does better (Takeshi Fukaya, Ramaseshan Kannan, Yuji
 * Nakatsukasa, Yusaku Yamamoto and Yuka Yanagisawa, "Shifted Cholesky QR for Computing the QR
 * Factorization of Ill-Conditioned Matrices", 2020).
 */
final class LocalSetup {

  /**
   * cond(R) up to which A R^-1 has orthonormal columns to eps cond(R)^2 = 1e-4. A larger one saves
   * readings of ill-conditioned problems and leaves them worse coordinates.
   */
  private static final double ENOUGH = 1e6;

  /** Relative addition to the diagonal: far above rounding of the Gram matrix, 1 / ENOUGH^2. */
  private static final double SHIFT = 1e-12;

  /** Readings at most: each takes a factor of 1e6 off cond(A); one more is for units. */
  private static final int ROUNDS = 4;

  /**
   * Squared sizes of the columns of A(x0) up to which, and down to whose inverse, sums of squares
   * are exact enough; a larger range comes nearer to where doubles end.
   */
  private static final double RANGE = 1e250;

  /**
   * The largest of these sizes over the smallest up to which columns keep their units. A larger one
   * saves a reading and costs one to a better Gram matrix, beyond 1e36 the solve.
   */
  private static final double UNLIKE = ENOUGH * ENOUGH;

  /** cond(R) beyond which the rank of A is looked at. */
  private static final double SUSPICIOUS = 1e10;

  private final LocalTask task;
  private final RowStore store;
  private final Device device;
  private final int d;
  private final Matrix R;
  private final Matrix inverseR;
  private final double[] hostR;
  private final double[] hostInverse;
  private StartSums first;

  /**
   * Around the start point of the task; one reading, or up to three where A(x0) is ill-conditioned.
   * From then on the store has these coordinates.
   *
   * @param earlier the setup whose coordinates the store has by now, or null for those of the rows
   * @throws InvalidInputException if a slack there is 0 or has not the sign that is said, or the
   *     columns of A depend on each other
   */
  LocalSetup(LocalTask task, RowStore store, LocalSetup earlier, Workspace space) {
    this.task = task;
    this.store = store;
    device = space.device();
    d = store.columns();
    R = space.matrix(d, d);
    inverseR = space.matrix(d, d);
    if (earlier == null) {
      device.addDiagonal(1, null, R);
      device.addDiagonal(1, null, inverseR);
    } else {
      device.copy(earlier.R, R);
      device.copy(earlier.inverseR, inverseR);
    }
    hostR = new double[d * d];
    hostInverse = new double[d * d];
    try (Workspace own = new Workspace(device)) {
      factor(own);
    }
  }

  private void factor(Workspace own) {
    GramFactor factor = new GramFactor(d, own);
    Matrix shifted = own.matrix(d, d);
    Matrix work = own.matrix(d, d);
    double[] x = fromUser(task.options().start());
    boolean enough = false;
    boolean regular = true;
    // Reads of all rows in a round: 1.
    for (int round = 0; round < ROUNDS && regular && !enough; round++) {
      StartSums sums = store.run(new StartPass(x, task.signs()).with(task.weights()));
      if (round == 0) {
        if (task.weights().hasWalls()) {
          Checks.start(sums, task.A(), task.b(), task.options().start());
        }
        first = sums;
      }
      if (round == 0 && !areAlike(sums.G())) {
        x = chooseUnits();
        continue;
      }
      enough = factor.of(sums.G()) && factor.condition() <= ENOUGH;
      if (!enough) {
        device.copy(sums.G(), shifted);
        device.addDiagonal(SHIFT, sums.G(), shifted);
        regular = factor.of(shifted);
      }
      if (regular) {
        device.multiply(factor.R(), false, R, false, work); // R = R_round R
        device.copy(work, R);
        device.multiply(inverseR, false, factor.inverseR(), false, work);
        device.copy(work, inverseR);
        store.changeCoordinates(factor.inverseR(), true);
        x = fromUser(task.options().start());
      }
    }
    device.download(R, hostR);
    device.download(inverseR, hostInverse);
    double condition = device.norm(R) * device.norm(inverseR) / d;
    if (!regular || !(condition <= SUSPICIOUS)) {
      Rank rank = Rank.ofTriangle(hostR, d);
      if (rank.rank() < d || !regular) {
        throw Checks.dependentColumns(task.A(), rank, null);
      }
    }
  }

  private boolean areAlike(Matrix G) {
    double[] sizes = device.diagonal(G);
    double least = Arrays.stream(sizes).min().orElseThrow();
    double most = Arrays.stream(sizes).max().orElseThrow();
    return least >= 1 / RANGE && most <= RANGE && most <= UNLIKE * least;
  }

  /**
   * Columns in powers of two that bring them near 1, where their squares leave the range of
   * doubles; one reading. Returns the start in these coordinates.
   */
  private double[] chooseUnits() {
    double[] factors = store.run(new SurveyPass(store.rows(), d, null)).units().columns();
    double[] M = new double[d * d];
    double[] inverse = new double[d * d];
    for (int j = 0; j < d; j++) {
      M[j * d + j] = factors == null ? 1 : factors[j];
      inverse[j * d + j] = 1 / M[j * d + j];
    }
    try (Workspace own = new Workspace(device)) {
      Matrix factor = own.matrix(d, d);
      Matrix product = own.matrix(d, d);
      device.upload(inverse, factor);
      device.multiply(factor, false, R, false, product);
      device.copy(product, R);
      device.upload(M, factor);
      device.multiply(inverseR, false, factor, false, product);
      device.copy(product, inverseR);
      store.changeCoordinates(factor, true);
    }
    return fromUser(task.options().start());
  }

  /** R. */
  Matrix R() {
    return R;
  }

  /** R^-1. */
  Matrix inverseR() {
    return inverseR;
  }

  /** positive, negative or, where there are both, given: the signs of the slacks at the point. */
  String signs() {
    return first.positive() > 0 && first.negative() > 0
        ? "given"
        : first.positive() > 0 ? "positive" : "negative";
  }

  /** R x. */
  double[] fromUser(double[] x) {
    double[] y = new double[d];
    try (Workspace own = new Workspace(device)) {
      Vector to = own.vector(d);
      device.multiply(R, false, own.upload(x), to);
      device.download(to, y);
    }
    return y;
  }

  /** R^-1 of coordinates, on the host: a device that has failed is not needed. */
  double[] toUser(double[] from) {
    double[] x = new double[d];
    for (int j = 0; j < d; j++) {
      for (int k = j; k < d; k++) {
        x[j] += hostInverse[j * d + k] * from[k];
      }
    }
    return x;
  }
}
