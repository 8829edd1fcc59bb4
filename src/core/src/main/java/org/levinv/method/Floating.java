package org.levinv.method;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.tall.TallMatrix;

/**
 * Rows whose slack is narrower than x is known. Their weights omega come from their targets, by the
 * logit step, whatever x says of them, and they ask no equation: a wrong sign of a very narrow row
 * cannot hold x. A row is an ordinary one again when its slack agrees with omega twice running.
 */
final class Floating {

  /** | |s| omega - 1 | below which slack and omega agree. */
  private static final double NEAR = 0.03;

  private final Device device;
  private final TallMatrix A;
  private int[] rows;
  private double[] omega;
  private boolean[] sure;
  private Set<Integer> members;

  Floating(TallMatrix A, int[] rows, double[] omega, Device device) {
    this.device = device;
    this.A = A;
    set(rows, omega, new boolean[rows.length]);
  }

  private void set(int[] newRows, double[] newOmega, boolean[] newSure) {
    rows = newRows;
    omega = newOmega;
    sure = newSure;
    members = new HashSet<>();
    for (int row : rows) {
      members.add(row);
    }
  }

  boolean isEmpty() {
    return rows.length == 0;
  }

  Set<Integer> members() {
    return members;
  }

  void clear() {
    set(new int[0], new double[0], new boolean[0]);
  }

  /**
   * Lets go of the rows whose slack has agreed with their weight twice; true where there were any.
   * {@code signs} may be null.
   */
  boolean land(Vector s, Vector signs) {
    double[] slack = device.pick(s, rows);
    double[] sign = signs == null ? null : device.pick(signs, rows);
    int kept = 0;
    for (int k = 0; k < rows.length; k++) {
      boolean near =
          Math.abs(Math.abs(slack[k]) * omega[k] - 1) < NEAR
              && (sign == null || slack[k] * sign[k] > 0);
      if (!(near && sure[k])) {
        rows[kept] = rows[k];
        omega[kept] = omega[k];
        sure[kept++] = near;
      }
    }
    boolean landed = kept < rows.length;
    if (landed) {
      set(Arrays.copyOf(rows, kept), Arrays.copyOf(omega, kept), Arrays.copyOf(sure, kept));
    }
    return landed;
  }

  /** w_i = omega_i for these rows. */
  void putWeights(Vector w) {
    device.put(omega, rows, w);
  }

  /** v_i = 0 for these rows. */
  void putZeros(Vector v) {
    device.put(new double[rows.length], rows, v);
  }

  /** omega = omega e^f, f the logit step to the targets. */
  void follow(GramFactor gram, Vector target) {
    try (Workspace own = new Workspace(device)) {
      TallMatrix F = A.rows(rows, own);
      Vector norms = own.vector(rows.length);
      F.squaredNorms(gram.inverseR(), norms); // ||R^-T a_i||^2
      double[] q = new double[rows.length];
      device.download(norms, q);
      double[] wanted = device.pick(target, rows);
      for (int k = 0; k < rows.length; k++) {
        omega[k] *= Math.exp(Formula.LOGIT_STEP.apply(1, omega[k] * omega[k] * q[k], wanted[k], 0));
      }
    }
  }
}
