package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Rows whose slack is narrower than x is known: the coupling w = 1 / s is relaxed. Their weights
 * omega come from their targets, by the logit step, whatever x says of them, and they ask no
 * equation: a wrong sign of a very narrow row cannot hold x. A row is an ordinary one again when
 * its slack agrees with omega twice running.
 */
final class RelaxedRows {

  /** | |s| omega - 1 | below which slack and omega agree. */
  private static final double NEAR = 0.03;

  private final SampleProblem sample;
  private final Device device;
  private int[] positions;
  private double[] omega;
  private boolean[] sure;
  private long[] released = {};

  /**
   * @param positions of the rows in the sample, ascending
   * @param omega of each
   */
  RelaxedRows(SampleProblem sample, int[] positions, double[] omega) {
    this.sample = sample;
    this.device = sample.device();
    this.positions = positions;
    this.omega = omega;
    sure = new boolean[positions.length];
  }

  static RelaxedRows none(SampleProblem sample) {
    return new RelaxedRows(sample, new int[0], new double[0]);
  }

  boolean isEmpty() {
    return positions.length == 0;
  }

  int count() {
    return positions.length;
  }

  /** Whether the row at this position of the sample is relaxed. */
  boolean contains(int position) {
    return Arrays.binarySearch(positions, position) >= 0;
  }

  /** Their numbers among all rows, ascending. */
  long[] numbers() {
    return Arrays.stream(positions).mapToLong(sample::number).toArray();
  }

  /**
   * The numbers of the rows that the last {@link #release} took back, ascending: the step before it
   * may have taken them across the boundary, and nothing but that step.
   */
  long[] released() {
    return released;
  }

  void clear() {
    positions = new int[0];
    omega = new double[0];
    sure = new boolean[0];
  }

  /**
   * Takes back the rows whose slack at x has agreed with their weight twice; true where there were
   * any.
   *
   * @param signs of the rows of the sample, or null where they are not known
   */
  boolean release(Vector x, double[] signs) {
    released = new long[0];
    if (isEmpty()) {
      return false;
    }
    long[] before = numbers();
    double[] slack = new double[positions.length];
    try (Workspace own = new Workspace(device)) {
      Vector s = own.vector(sample.size());
      sample.slack(x, s);
      System.arraycopy(device.pick(s, positions), 0, slack, 0, slack.length);
    }
    int kept = 0;
    for (int k = 0; k < positions.length; k++) {
      boolean near =
          Math.abs(Math.abs(slack[k]) * omega[k] - 1) < NEAR
              && (signs == null || slack[k] * signs[positions[k]] > 0);
      if (!(near && sure[k])) {
        positions[kept] = positions[k];
        omega[kept] = omega[k];
        sure[kept++] = near;
      }
    }
    if (kept == before.length) {
      return false;
    }
    positions = Arrays.copyOf(positions, kept);
    omega = Arrays.copyOf(omega, kept);
    sure = Arrays.copyOf(sure, kept);
    long[] left = numbers();
    released =
        Arrays.stream(before).filter(number -> Arrays.binarySearch(left, number) < 0).toArray();
    return true;
  }

  /** G = G + F^T diag(omega^2) F, F these rows. */
  void addTo(Matrix G) {
    if (isEmpty()) {
      return;
    }
    try (Workspace own = new Workspace(device)) {
      Vector squares = own.upload(Arrays.stream(omega).map(w -> w * w).toArray());
      Matrix part = own.matrix(G.rows(), G.columns());
      sample.A().rows(positions, own).weightedGram(squares, part);
      device.axpy(1, part, G);
    }
  }

  /** omega = omega e^f, f the logit step to the targets. */
  void updateWeights(GramFactor gram) {
    if (isEmpty()) {
      return;
    }
    try (Workspace own = new Workspace(device)) {
      TallMatrix F = sample.A().rows(positions, own);
      Vector norms = own.vector(positions.length);
      F.squaredNorms(gram.inverseR(), norms); // ||R^-T a_i||^2
      double[] q = new double[positions.length];
      device.download(norms, q);
      for (int k = 0; k < positions.length; k++) {
        double score = omega[k] * omega[k] * q[k];
        omega[k] *= Math.exp(Formula.LOGIT_STEP.apply(1, score, sample.target()[positions[k]], 0));
      }
    }
  }
}
