package org.levinv.method.local;

import java.util.Random;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.Objective;

/**
 * The spectrum of the Hessian at a point x and how fast it changes around it, in the coordinates R
 * dx with R^T R = A^T W^2 A at x, by Lanczos iterations with Hessian products (Cornelius Lanczos,
 * 1950; with full reorthogonalisation, exact after d steps). The smallest eigenvalue comes out from
 * above where d is larger than the number of steps.
 */
public final class LocalCurvature {
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
  private double smallest;
  private double largest;
  private double[] lowest;

  private interface Product {
    void times(Vector v, Vector to);
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
    d = (int) x.length();
    v = space.vector(d);
    y = space.vector(d);
    z = space.vector(d);
    if (at.moveTo(x) == 0) {
      lowest = new double[d];
      double[] ends = ends(at::hessianTimes, lowest);
      smallest = ends[0];
      largest = ends[1];
    } else {
      smallest = Double.NaN;
      largest = Double.NaN;
    }
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
      device.multiply(at.scores().R(), false, p, y);
      return Math.sqrt(device.dot(y, y));
    }
  }

  /**
   * ||R^-T (H(point) - H(x)) R^-1|| / ||R (point - x)||; 0 where the point is too near to tell, or
   * is none.
   */
  public double lipschitz(double[] point) {
    double distance = distance(point);
    try (Workspace own = new Workspace(device)) {
      Vector p = own.upload(point);
      Vector change = own.vector(d);
      if (!(distance > LEAST_DISTANCE) || other.moveTo(p) != 0) {
        return 0;
      }
      double[] ends =
          ends(
              (from, to) -> {
                at.hessianTimes(from, change);
                other.hessianTimes(from, to);
                device.axpy(-1, change, to);
              },
              new double[d]);
      return Math.max(Math.abs(ends[0]), Math.abs(ends[1])) / distance;
    }
  }

  /**
   * The largest {@link #lipschitz} that is found near x. For the derivative T of the Hessian, a
   * symmetric tensor, the largest ||T[v]|| over unit v is the largest |T[u, v, w]| (Stefan Banach,
   * "Ueber homogene Polynome in (L2)", 1938): w = T[u, v] / ||T[u, v]||, which replaces the older
   * of u and v, never goes down. By central differences of Hessian products, from the lowest
   * eigenvector and from random ones.
   */
  public double probedLipschitz() {
    Random random = new Random(1);
    double[] values = new double[d];
    device.download(x, values);
    double[] best = null;
    double found = 0;
    for (int start = 0; start < STARTS; start++) {
      double[] v = start == 0 ? lowest.clone() : random.doubles(d, -1, 1).toArray();
      normalize(v);
      double[] u = v;
      for (int round = 0; round < ROUNDS; round++) {
        double[] ahead = changed(values, v, PROBE, u);
        double[] behind = changed(values, v, -PROBE, u);
        if (ahead == null || behind == null) {
          break;
        }
        double[] w = new double[d];
        for (int j = 0; j < d; j++) {
          w[j] = (ahead[j] - behind[j]) / (2 * PROBE); // T[u, v]
        }
        double length = Math.sqrt(dot(w, w));
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

  /** x + length R^-1 v. */
  private double[] moved(double[] values, double[] direction, double length) {
    device.upload(direction, v);
    device.multiply(at.scores().inverseR(), false, v, y);
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
    return other.moveTo(z) != 0 ? null : times(other::hessianTimes, u);
  }

  /** The length ||R H^-1 g|| of Newton's step at x, by conjugate gradients. */
  public double newtonStep() {
    try (Workspace own = new Workspace(device)) {
      Vector g = own.vector(d);
      Vector step = own.vector(d);
      at.gradient(g);
      new KrylovModel((o, from, to) -> o.hessianTimes(from, to), d, own)
          .solve(at, g, Double.MAX_VALUE, step);
      device.multiply(at.scores().R(), false, step, y);
      return Math.sqrt(device.dot(y, y));
    }
  }

  /** The smallest and the largest eigenvalue of R^-T product R^-1, and the vector of the first. */
  private double[] ends(Product product, double[] vector) {
    int steps = Math.min(d, MOST_STEPS);
    double[][] Q = new double[steps][];
    double[][] T = new double[steps][steps];
    double[] q = new Random(2).doubles(d, -1, 1).toArray();
    normalize(q);
    int k = 0;
    while (k < steps) {
      Q[k] = q;
      double[] next = times(product, q);
      for (int round = 0; round < 2; round++) {
        for (int j = 0; j <= k; j++) {
          double overlap = dot(Q[j], next);
          if (round == 0 && j == k) {
            T[k][k] = overlap;
          }
          for (int i = 0; i < d; i++) {
            next[i] -= overlap * Q[j][i];
          }
        }
      }
      double beta = Math.sqrt(dot(next, next));
      k++;
      if (k == steps || !(beta > 1e-14 * Math.abs(T[0][0]))) {
        break;
      }
      T[k - 1][k] = beta;
      T[k][k - 1] = beta;
      for (int i = 0; i < d; i++) {
        next[i] /= beta;
      }
      q = next;
    }
    return eigenvalues(T, Q, k, vector);
  }

  private double[] eigenvalues(double[][] T, double[][] Q, int k, double[] vector) {
    try (Workspace own = new Workspace(device)) {
      double[] flat = new double[k * k];
      for (int i = 0; i < k; i++) {
        System.arraycopy(T[i], 0, flat, i * k, k);
      }
      Matrix S = own.matrix(k, k);
      Matrix V = own.matrix(k, k);
      Vector values = own.vector(k);
      device.upload(flat, S);
      device.symmetricEigen(S, V, values);
      double[] found = new double[k];
      device.download(values, found);
      device.download(V, flat);
      for (int i = 0; i < k; i++) {
        for (int j = 0; j < vector.length; j++) {
          vector[j] += flat[i * k] * Q[i][j];
        }
      }
      return new double[] {found[0], found[k - 1]};
    }
  }

  private double[] times(Product product, double[] q) {
    device.upload(q, v);
    device.multiply(at.scores().inverseR(), false, v, y);
    product.times(y, z);
    device.multiply(at.scores().inverseR(), true, z, v);
    double[] image = new double[d];
    device.download(v, image);
    return image;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void normalize(double[] v) {
    double length = Math.sqrt(dot(v, v));
    for (int i = 0; i < v.length; i++) {
      v[i] /= length;
    }
  }
}
