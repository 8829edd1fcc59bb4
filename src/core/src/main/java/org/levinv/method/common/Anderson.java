package org.levinv.method.common;

import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/**
 * Anderson mixing of a fixed-point iteration z = z + f(z): the next point is the combination of the
 * last ones whose combined step is smallest (Walker and Ni, Anderson acceleration for fixed-point
 * iterations, 2011, doi:10.1137/10078356X).
 */
public final class Anderson {

  /** Columns that the others span but for this share say nothing new. */
  private static final double DEPENDENT = 1e-10;

  private final Device device;
  private final Workspace space;
  private final int depth;
  private final Vector[] Z;
  private final Vector[] F;
  private final Vector[] Q;
  private Vector[] measuredSteps;
  private final Vector residual;
  private final Vector difference;
  private int stored;
  private int newest = -1;

  /**
   * For points of {@code length} entries whose steps are measured as vectors of {@code measured}
   * entries.
   */
  public Anderson(int depth, long length, long measured, Workspace space) {
    this.space = space;
    device = space.device();
    this.depth = depth;
    Z = vectors(depth + 1, length, space);
    F = vectors(depth + 1, length, space);
    Q = vectors(depth, measured, space);
    residual = space.vector(measured);
    difference = space.vector(length);
  }

  private static Vector[] vectors(int count, long length, Workspace space) {
    Vector[] all = new Vector[count];
    for (int k = 0; k < count; k++) {
      all[k] = space.vector(length);
    }
    return all;
  }

  /** From now on the points before do not count. */
  public void forget() {
    stored = 0;
  }

  /**
   * next = the mixed successor of z, whose plain successor is z + f; {@code measure} maps a step to
   * the vector whose norm counts.
   */
  public void next(Vector z, Vector f, BiConsumer<Vector, Vector> measure, Vector next) {
    remember(z, f, next);
    measure.accept(f, residual);
    mix(
        k -> {
          difference(F, k, difference);
          measure.accept(difference, Q[k]);
        },
        next);
  }

  /**
   * The same where the step comes with the vector whose norm counts, which may change its measure
   * slowly from step to step.
   */
  public void next(Vector z, Vector f, Vector measured, Vector next) {
    remember(z, f, next);
    if (measuredSteps == null) {
      measuredSteps = vectors(depth + 1, measured.length(), space);
    }
    device.copy(measured, measuredSteps[newest]);
    device.copy(measured, residual);
    mix(k -> difference(measuredSteps, k, Q[k]), next);
  }

  private void remember(Vector z, Vector f, Vector next) {
    newest = (newest + 1) % (depth + 1);
    stored = Math.min(stored + 1, depth + 1);
    device.copy(z, Z[newest]);
    device.copy(f, F[newest]);
    device.copy(z, next);
    device.axpy(1, f, next); // next = z + f
  }

  /** {@code measure} puts the measured difference of the steps k and k + 1 ago into Q[k]. */
  private void mix(IntConsumer measure, Vector next) {
    int columns = stored - 1;
    double[][] T = new double[columns][columns];
    double[] length = new double[columns];
    double[] projection = new double[columns];
    boolean[] used = new boolean[columns];
    for (int k = 0;
        k < columns;
        k++) { // Gram-Schmidt on the measured differences, the newest first
      measure.accept(k);
      length[k] = Math.sqrt(device.dot(Q[k], Q[k]));
      if (!(length[k] > 0)) {
        continue;
      }
      device.scale(1 / length[k], Q[k]);
      for (int pass = 0; pass < 2; pass++) {
        for (int l = 0; l < k; l++) {
          if (used[l]) {
            double t = device.dot(Q[l], Q[k]);
            device.axpy(-t, Q[l], Q[k]);
            T[l][k] += t;
          }
        }
      }
      T[k][k] = Math.sqrt(device.dot(Q[k], Q[k]));
      if (T[k][k] > DEPENDENT) {
        used[k] = true;
        device.scale(1 / T[k][k], Q[k]);
        projection[k] = device.dot(Q[k], residual);
        device.axpy(-projection[k], Q[k], residual);
      }
    }
    for (int k = columns - 1;
        k >= 0;
        k--) { // gamma = T^-1 projection, next = next - (dZ + dF) gamma
      if (used[k]) {
        double gamma = projection[k] / T[k][k];
        for (int l = 0; l < k; l++) {
          projection[l] -= T[l][k] * gamma;
        }
        difference(Z, k, difference);
        device.axpy(-gamma / length[k], difference, next);
        difference(F, k, difference);
        device.axpy(-gamma / length[k], difference, next);
      }
    }
  }

  /** to = V(newest - k) - V(newest - k - 1). */
  private void difference(Vector[] V, int k, Vector to) {
    int size = depth + 1;
    device.copy(V[Math.floorMod(newest - k, size)], to);
    device.axpy(-1, V[Math.floorMod(newest - k - 1, size)], to);
  }
}
