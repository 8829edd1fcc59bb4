package org.levinv.method.weights;

/**
 * The state of a search for row weights: the Gram matrix of the light rows, and the logarithms of
 * the weights of the heavy ones. All other weights follow from it row by row, u_i = t_i / (a_i^T
 * S^-1 a_i) with S the Gram matrix of all rows.
 *
 * @param light S of the light rows, d x d row by row, in the coordinates of the store
 * @param logs 0.5 log u of the heavy rows
 */
record WeightsState(double[] light, double[] logs) {

  /** u of the heavy rows. */
  double[] heavyWeights() {
    double[] u = new double[logs.length];
    for (int i = 0; i < u.length; i++) {
      u[i] = Math.exp(2 * logs[i]);
    }
    return u;
  }
}
