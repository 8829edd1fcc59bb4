package org.levinv.method.local;

import java.util.Random;
import java.util.function.UnaryOperator;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.HessianPart;
import org.levinv.model.Objective;
import org.levinv.small.Lanczos;

/**
 * The spectrum of the Hessian at a point x and how fast it changes around it, in the coordinates R
 * dx with R^T R = A^T W^2 A at x: from explicit Hessians where d is small, else by Lanczos
 * iterations with Hessian products. The smallest eigenvalue comes out from above where d is larger
 * than the number of steps.
 */
public final class LocalCurvature {

  /** Products of a Lanczos iteration, and d up to which Hessians are explicit. */
  private static final int MOST_STEPS = 60;

  /** Points nearer than this are too near for differences of Hessians. */
  private static final double LEAST_DISTANCE = 1e-5;

  /** How far probes are from x. */
  private static final double PROBE = 1e-2;

  /** Directions that the search for the largest change starts from, and its steps. */
  private static final int STARTS = 4;

  private static final int ROUNDS = 8;

  private final Device device;
  private final Objective at;
  private final Objective other;
  private final Vector x;
  private final Vector v;
  private final Vector y;
  private final Vector z;
  private final int d;
  private final Matrix H;
  private final Matrix change;
  private final Matrix work;
  private double smallest = Double.NaN;
  private double largest = Double.NaN;
  private double[] lowest;

  /** The ends of a spectrum, and the vector of the first. */
  private record Ends(double smallest, double largest, double[] lowest) {
    double size() {
      return Math.max(Math.abs(smallest), Math.abs(largest));
    }
  }

  /**
   * At x (d), where {@code at} is moved to.
   *
   * @param other another objective of the same problem
   */
  public LocalCurvature(Objective at, Objective other, Vector x, Workspace space) {
    device = space.device();
    this.at = at;
    this.other = other;
    this.x = x;
    d = at.columns();
    v = space.vector(d);
    y = space.vector(d);
    z = space.vector(d);
    H = isSmall() ? space.matrix(d, d) : null;
    change = isSmall() ? space.matrix(d, d) : null;
    work = isSmall() ? space.matrix(d, d) : null;
    if (at.moveTo(x)) {
      Ends ends;
      if (isSmall()) {
        ExplicitHessian.of(at, HessianPart.ALL, H, device);
        ends = explicitEnds(H);
      } else {
        ends = lanczosEnds(q -> times(at, q));
      }
      smallest = ends.smallest;
      largest = ends.largest;
      lowest = ends.lowest;
    }
  }

  private boolean isSmall() {
    return d <= MOST_STEPS;
  }

  /** Of R^-T H R^-1. */
  public double smallestEigenvalue() {
    return smallest;
  }

  /** Of R^-T H R^-1. */
  public double largestEigenvalue() {
    return largest;
  }

  /** ||R (point - x)|| for a point of d values. */
  public double distance(double[] point) {
    try (Workspace own = new Workspace(device)) {
      Vector p = own.upload(point);
      device.axpy(-1, x, p);
      device.multiply(at.R(), false, p, y);
      return Math.sqrt(device.dot(y, y));
    }
  }

  /**
   * ||R^-T (H(point) - H(x)) R^-1|| / ||R (point - x)||; 0 where the point is too near to tell, or
   * is none. Five readings or so where Hessians are explicit, else up to 360.
   */
  public double lipschitz(double[] point) {
    double distance = distance(point);
    device.upload(point, z);
    if (!(distance > LEAST_DISTANCE) || !other.moveTo(z)) {
      return 0;
    }
    if (isSmall()) {
      ExplicitHessian.of(other, HessianPart.ALL, change, device);
      device.axpy(-1, H, change);
      return explicitEnds(change).size() / distance;
    }
    Ends ends =
        lanczosEnds(
            q -> {
              double[] there = times(other, q);
              double[] here = times(at, q);
              for (int j = 0; j < d; j++) {
                there[j] -= here[j];
              }
              return there;
            });
    return ends.size() / distance;
  }

  /**
   * The largest {@link #lipschitz} that is found near x. For the derivative T of the Hessian, a
   * symmetric tensor, the largest ||T[v]|| over unit v is the largest |T[u, v, w]| (Stefan Banach,
   * "Ueber homogene Polynome in (L2)", 1938): w = T[u, v] / ||T[u, v]||, which replaces the older
   * of u and v, never goes down. By central differences of Hessian products, from the lowest
   * eigenvector and from random ones; some 320 readings.
   */
  public double probedLipschitz() {
    if (lowest == null) {
      return Double.NaN;
    }
    Random random = new Random(1);
    double[] values = new double[d];
    device.download(x, values);
    double[] best = null;
    double found = 0;
    for (int start = 0; start < STARTS; start++) {
      double[] v = start == 0 ? lowest.clone() : random.doubles(d, -1, 1).toArray();
      normalize(v);
      double[] u = v;
      // Reads of all rows in a round: two points, 2 each, and a product at each.
      for (int round = 0; round < ROUNDS; round++) {
        double[] w = derivative(values, v, u);
        if (w == null) {
          break;
        }
        double length = norm(w);
        if (length > found) {
          found = length;
          best = v;
        }
        if (!(length > 0)) {
          break;
        }
        normalize(w);
        u = v;
        v = w;
      }
    }
    if (best == null) {
      return found;
    }
    found = Math.max(found, lipschitz(moved(values, best, PROBE)));
    return Math.max(found, lipschitz(moved(values, best, -PROBE)));
  }

  /** T[u, v], or null where the probes are no points. */
  private double[] derivative(double[] values, double[] v, double[] u) {
    double[] ahead = changed(values, v, PROBE, u);
    double[] behind = changed(values, v, -PROBE, u);
    if (ahead == null || behind == null) {
      return null;
    }
    double[] w = new double[d];
    for (int j = 0; j < d; j++) {
      w[j] = (ahead[j] - behind[j]) / (2 * PROBE);
    }
    return w;
  }

  /** x + length R^-1 v. */
  private double[] moved(double[] values, double[] direction, double length) {
    device.upload(direction, v);
    device.multiply(at.inverseR(), false, v, y);
    double[] point = new double[d];
    device.download(y, point);
    for (int j = 0; j < d; j++) {
      point[j] = values[j] + length * point[j];
    }
    return point;
  }

  /** R^-T H R^-1 u at x + length R^-1 v; null where that is no point. */
  private double[] changed(double[] values, double[] v, double length, double[] u) {
    device.upload(moved(values, v, length), z);
    return other.moveTo(z) ? times(other, u) : null;
  }

  /** The length ||R H^-1 g|| of Newton's step at x, by conjugate gradients. */
  public double newtonStep() {
    try (Workspace own = new Workspace(device)) {
      Vector g = own.vector(d);
      Vector step = own.vector(d);
      at.gradient(g);
      new KrylovModel(HessianPart.ALL, "", d, own).solve(at, g, Double.MAX_VALUE, step);
      device.multiply(at.R(), false, step, y);
      return Math.sqrt(device.dot(y, y));
    }
  }

  /** Of R^-T M R^-1. */
  private Ends explicitEnds(Matrix M) {
    try (Workspace own = new Workspace(device)) {
      Matrix local = own.matrix(d, d);
      ExplicitModel.toLocal(at, M, local, work, device);
      Symmetric.symmetrize(local, device);
      return eigenvalues(local, own);
    }
  }

  private Ends lanczosEnds(UnaryOperator<double[]> operator) {
    double[] start = new Random(2).doubles(d, -1, 1).toArray();
    Lanczos lanczos = Lanczos.of(operator, start, MOST_STEPS);
    int k = lanczos.basis().length;
    try (Workspace own = new Workspace(device)) {
      Matrix S = own.matrix(k, k);
      device.upload(lanczos.T(), S);
      Ends small = eigenvalues(S, own);
      return new Ends(small.smallest, small.largest, lanczos.combine(small.lowest));
    }
  }

  private Ends eigenvalues(Matrix S, Workspace own) {
    int k = S.columns();
    Matrix V = own.matrix(k, k);
    Vector values = own.vector(k);
    device.symmetricEigen(S, V, values);
    double[] found = new double[k];
    double[] vectors = new double[k * k];
    device.download(values, found);
    device.download(V, vectors);
    double[] first = new double[k];
    for (int i = 0; i < k; i++) {
      first[i] = vectors[i * k];
    }
    return new Ends(found[0], found[k - 1], first);
  }

  /** R^-T H R^-1 q with the Hessian at the point of an objective and R at x. */
  private double[] times(Objective where, double[] q) {
    device.upload(q, v);
    device.multiply(at.inverseR(), false, v, y);
    double[] from = new double[d];
    device.download(y, from);
    device.upload(where.hessianTimes(HessianPart.ALL, new double[][] {from})[0], y);
    device.multiply(at.inverseR(), true, y, v);
    double[] image = new double[d];
    device.download(v, image);
    return image;
  }

  private static double norm(double[] v) {
    double square = 0;
    for (double value : v) {
      square += value * value;
    }
    return Math.sqrt(square);
  }

  private static void normalize(double[] v) {
    double length = norm(v);
    for (int i = 0; i < v.length; i++) {
      v[i] /= length;
    }
  }
}
