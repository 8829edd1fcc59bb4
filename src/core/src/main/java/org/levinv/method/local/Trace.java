package org.levinv.method.local;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Objective;
import org.levinv.tall.Meter;

/** What a local method went through: one entry for each point, and the last points themselves. */
public final class Trace {

  /** Points that are kept. */
  private static final int KEPT = 6;

  /** Roundings above which a gradient shows a rate. */
  private static final double CLEAR = 10;

  /** Ratios of gradients that show an order: at most this. */
  private static final double FAST = 0.5;

  /**
   * A point of a run.
   *
   * @param value of the objective
   * @param residual ||F||
   * @param gradient ||R^-T g||, the norm dual to ||R dx|| = ||W A dx||
   * @param rounding about the rounding error of {@code gradient}
   * @param work so far, in n d^2 flops
   */
  public record Point(
      double value, double residual, double gradient, double rounding, double work) {}

  private final Device device;
  private final Meter meter;
  private final Vector z;
  private final List<Point> points = new ArrayList<>();
  private final Deque<double[]> last = new ArrayDeque<>();

  Trace(Objective objective, Workspace space) {
    device = space.device();
    meter = objective.counter();
    z = space.vector(objective.columns());
  }

  /** Records the point that the objective is at; returns ||R^-T g||. */
  double add(Objective at, Vector x, Vector g) {
    device.multiply(at.inverseR(), true, g, z); // R^-T g
    double norm = Math.sqrt(device.dot(z, z));
    double[] values = new double[(int) x.length()];
    device.download(x, values);
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.addLast(values);
    points.add(new Point(at.value(), at.residualNorm(), norm, at.gradientRounding(), meter.work()));
    return norm;
  }

  int size() {
    return points.size();
  }

  double value(int k) {
    return points.get(k).value();
  }

  /** All points, the start first. */
  public List<Point> points() {
    return List.copyOf(points);
  }

  /** The last few x, d values each, the answer last. */
  public List<double[]> lastPoints() {
    return List.copyOf(last);
  }

  /**
   * The factor by which the gradient shrinks in a step, over the second half of the run: below 1
   * and constant for gradient descent. NaN for fewer than two steps.
   */
  public double linearRate() {
    int end = usable() - 1;
    int middle = end / 2;
    return end < 2
        ? Double.NaN
        : Math.pow(
            points.get(end).gradient() / points.get(middle).gradient(), 1.0 / (end - middle));
  }

  /**
   * The observed order of convergence log(g_{k+1} / g_k) / log(g_k / g_{k-1}) at the last three
   * gradients above rounding: about 2 for Newton, 1 for a linear method. NaN where the run was too
   * short or not yet fast enough to tell.
   */
  public double order() {
    int end = usable() - 1;
    if (end < 2) {
      return Double.NaN;
    }
    double before = points.get(end - 1).gradient() / points.get(end - 2).gradient();
    double after = points.get(end).gradient() / points.get(end - 1).gradient();
    return before < FAST && after < FAST ? Math.log(after) / Math.log(before) : Double.NaN;
  }

  /** Points before the gradient sinks into rounding. */
  private int usable() {
    int count = points.size();
    while (count > 0 && !isClear(points.get(count - 1))) {
      count--;
    }
    return count;
  }

  private static boolean isClear(Point point) {
    return point.gradient() > CLEAR * point.rounding();
  }
}
