package org.levinv.method;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.tall.TallMatrix;

/**
 * x from log weights t that are known up to a constant, t = log f(A x - b) + c, on a sample: a
 * {@link LinkFit} from one of {@link LinkStarts} after the other, until one is right.
 */
final class LinkPlacement {

  /**
   * The constant of a start leaves the largest weight this many spreads of t below the peak of f;
   * the order of the eta is that of the weights whatever it is.
   */
  private static final double[] GUESSES = {0.1, 1, 0.02, 0.4, 3, 0.1, 1, 0.4};

  /** Starts from here on are kicked away from the spectral estimate. */
  private static final int KICKED = 5;

  private static final double KICK = 0.5;

  /** Within this factor, misfits of two starts are the same. */
  private static final double SAME = 1.001;

  private final Device device;
  private final Workspace space;
  private final Weights weights;
  private final int rows;
  private final int columns;
  private final LinkFit fit;
  private final LinkStarts starts;
  private boolean again;

  /**
   * @param t log weights, m, each row once
   * @param scores of the rows, counted, m
   * @param homogeneous whether b is 0
   */
  LinkPlacement(
      TallMatrix A,
      Vector b,
      double[] t,
      Vector scores,
      Weights weights,
      boolean homogeneous,
      Workspace space) {
    this.weights = weights;
    this.space = space;
    device = space.device();
    rows = t.length;
    columns = A.columns();
    fit = new LinkFit(A, b, t, scores, weights, space);
    starts = new LinkStarts(fit, A, b, t, weights, homogeneous, space);
  }

  /** The root mean square of t around its mean, weighted by D: what a misfit is measured by. */
  double spread() {
    return fit.spread();
  }

  /**
   * Fits from one start after the other.
   *
   * @param above on which branch each row is, positive above the peak, m; null where that is not
   *     known
   * @param again whether starts as they come were tried before: all are kicked
   * @param good a misfit up to which the fit is right
   * @param fair one up to which it is where two starts find it
   * @return the least misfit; infinite where no start came to anything. x is there
   */
  double find(
      Vector above, SplittableRandom random, boolean again, double good, double fair, Vector x) {
    this.again = again;
    Vector start = space.vector(columns);
    double least = Double.POSITIVE_INFINITY;
    boolean isMonotone = !weights.leavesSigns();
    boolean isOnce = isMonotone || (isReciprocal() && above != null);
    int count = isOnce ? 1 : above != null ? 2 : GUESSES.length;
    for (int k = 0; k < count; k++) {
      for (int way = 0; way < ways(isMonotone, above, k); way++) {
        boolean placed =
            isMonotone ? starts.linear(null, start) : start(above, k, way, random, start);
        double misfit = placed ? fit.misfit(fit.marquardt(start)) : Double.NaN;
        boolean twice = misfit <= SAME * least && least <= SAME * misfit && misfit <= fair;
        if (misfit < least) {
          least = misfit;
          device.copy(start, x);
        }
        if (least <= good || twice) {
          return least;
        }
      }
    }
    return least;
  }

  /** Starts of one guess: a peaked f is retrieved without and with flow, or lies on one branch. */
  private int ways(boolean isMonotone, Vector above, int k) {
    boolean peaked = weights.shape() == Weights.Shape.PEAKED && above == null;
    return isMonotone || !peaked ? 1 : k < 2 ? 4 : 2;
  }

  private boolean start(Vector above, int k, int way, SplittableRandom random, Vector x) {
    double q = GUESSES[k];
    if (isReciprocal()) {
      return reciprocal(above, k, random, x);
    }
    if (above != null) {
      double[] known = new double[rows];
      device.download(above, known);
      return starts.place(known, new double[] {0.1, 1}[k], x);
    }
    if (way >= 2) {
      double[] one = new double[rows];
      Arrays.fill(one, way == 2 ? -1 : 1);
      return starts.place(one, q, x);
    }
    boolean flow = weights.shape() == Weights.Shape.EVEN || way == 1;
    return starts.retrieve(q, again || k >= KICKED ? KICK : 0, flow, random, x);
  }

  private boolean isReciprocal() {
    return weights.shape() == Weights.Shape.RECIPROCAL;
  }

  /**
   * A start for 1 / |A x - b|: no constant is to be guessed. Where signs are not known all are
   * positive first, then negative, then those of a retrieval.
   */
  private boolean reciprocal(Vector above, int k, SplittableRandom random, Vector x) {
    double[] signs = new double[rows];
    if (above != null) {
      device.download(above, signs);
    } else if (k < 2) {
      Arrays.fill(signs, k == 0 ? 1 : -1);
    } else {
      if (!starts.retrieve(0, again || k >= KICKED ? KICK : 0, true, random, x)) {
        return false;
      }
      fit.at(x);
      signs = fit.eta();
    }
    return starts.linear(signs, x);
  }
}
