package org.levinv.small;

/** The triangular factor of two triangles, one on top of the other: how factors of rows merge. */
public final class StackedQr {
  private StackedQr() {}

  /**
   * R of the Householder QR of [R; S], both upper triangular of order d, row by row, to R; S is
   * used up. Some 2/3 d^3 flops, since row i of S has no part in the columns before i (Demmel,
   * Grigori, Hoemmen and Langou, Communication-optimal parallel and sequential QR and LU
   * factorizations, 2012, doi:10.1137/080731992).
   */
  public static void merge(double[] R, double[] S, int d) {
    double[] products = new double[d];
    for (int j = 0; j < d; j++) { // reflects column j onto R_jj: rows 0 to j of S, some 4 j (d - j)
      double norm = 0;
      for (int i = 0; i <= j; i++) {
        norm = Math.hypot(norm, S[i * d + j]);
      }
      if (norm == 0) {
        continue;
      }
      double diagonal = R[j * d + j];
      double length = Math.hypot(diagonal, norm);
      double alpha = diagonal > 0 ? -length : length;
      double v = diagonal - alpha; // the reflector is (v, S_0j, ..., S_jj) / v
      double tau = -v / alpha;
      System.arraycopy(R, j * d + j, products, j, d - j);
      for (int i = 0; i <= j; i++) {
        double u = S[i * d + j] / v;
        S[i * d + j] = u;
        for (int k = j + 1; k < d; k++) {
          products[k] += u * S[i * d + k];
        }
      }
      R[j * d + j] = alpha;
      for (int k = j + 1; k < d; k++) {
        products[k] *= tau;
        R[j * d + k] -= products[k];
      }
      for (int i = 0; i <= j; i++) {
        double u = S[i * d + j];
        for (int k = j + 1; k < d; k++) {
          S[i * d + k] -= u * products[k];
        }
      }
    }
  }
}
