package org.levinv.pass;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/** The state of passes: several vectors or matrices at once. */
final class Copies {
  private Copies() {}

  static double[][] of(double[][] values) {
    return Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
  }

  /** Vectors of a device. */
  static List<Vector> upload(double[][] values, Workspace space) {
    List<Vector> all = new ArrayList<>();
    for (double[] value : values) {
      all.add(space.upload(value));
    }
    return all;
  }

  /** d x d matrices of a device, from their rows one after the other. */
  static List<Matrix> upload(double[][] values, int d, Workspace space) {
    List<Matrix> all = new ArrayList<>();
    for (double[] value : values) {
      Matrix M = space.matrix(d, d);
      space.device().upload(value, M);
      all.add(M);
    }
    return all;
  }
}
