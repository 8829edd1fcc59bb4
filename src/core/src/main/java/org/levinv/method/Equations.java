package org.levinv.method;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * The rows of the sample of which sigma_i(x) = target_i is asked: x has only d unknowns, so some
 * multiple of d of them will do.
 */
final class Equations {
  private final SampleProblem sample;
  private final Device device;
  private final int[] positions;
  private final double[] counts;
  private final TallMatrix E;
  private final Vector countVector;
  private final Vector target;
  private final Vector b;
  private final Vector rowLength;
  private final Vector w;
  private final Vector sigma;
  private final Vector excess;
  private final Mismatch mismatch;

  /**
   * @param chosen rows of the sample by their positions, and how often each counts
   */
  Equations(SampleProblem sample, Sample chosen, Workspace space) {
    this.sample = sample;
    device = sample.device();
    positions = chosen.rows();
    counts = chosen.counts();
    E = sample.A().rows(positions, space);
    countVector = space.upload(counts);
    target = space.upload(Arrays.stream(positions).mapToDouble(k -> sample.target()[k]).toArray());
    excess =
        space.upload(Arrays.stream(positions).mapToDouble(k -> sample.counts()[k] - 1).toArray());
    b = space.vector(size());
    rowLength = space.vector(size());
    device.gather(sample.b(), positions, b);
    device.gather(sample.rowLength(), positions, rowLength);
    w = space.vector(size());
    sigma = space.vector(size());
    mismatch = new Mismatch(target, countVector, space);
  }

  int size() {
    return positions.length;
  }

  /** Whether these are all rows with a positive target. */
  boolean areAll() {
    return sample.isWhole() && size() == sample.size();
  }

  /** Relaxed rows ask no equation. */
  void leaveOut(RelaxedRows relaxed) {
    double[] live = counts.clone();
    for (int k = 0; k < live.length; k++) {
      live[k] = relaxed.contains(positions[k]) ? 0 : live[k];
    }
    device.upload(live, countVector);
    mismatch.countsChanged();
  }

  /**
   * The scores at the point of the Gram matrix of all rows, and how far they are from their
   * targets.
   */
  double evaluate(PointGram gram) {
    double[] slacks = gram.slacks();
    device.upload(Arrays.stream(positions).mapToDouble(k -> slacks[k]).toArray(), w);
    device.map(Formula.RECIPROCAL, 0, w, null, null, w); // w = 1 / s
    gram.factor().scores(E, w, sigma);
    return mismatch.of(sigma);
  }

  /** What rounding does to that, ||x|| being in the original coordinates. */
  double floor(double lengthOfX) {
    return mismatch.rounding(sigma, w, rowLength, b, lengthOfX);
  }

  /** E, the rows. */
  TallMatrix rows() {
    return E;
  }

  /** Weights at the point of {@link #evaluate}. */
  Vector w() {
    return w;
  }

  /** Scores there. */
  Vector sigma() {
    return sigma;
  }

  /** f = (logit(target) - logit(sigma)) / 2 there. */
  Vector step() {
    return mismatch.step();
  }

  /** D = counts sigma (1 - sigma) there. */
  Vector degrees() {
    return mismatch.degrees();
  }

  /** How often the sample counts each of these rows beyond once. */
  Vector excess() {
    return excess;
  }
}
