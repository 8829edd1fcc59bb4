package org.levinv;

/** Dot products in twice the working precision, so that the result alone is rounded. */
final class ExactDot {
  private ExactDot() {}

  /** a.x - c (Ogita, Rump and Oishi, Accurate sum and dot product, 2005, doi:10.1137/030601818). */
  static double minus(double[] a, double[] x, double c) {
    return minus(a, 0, x, c);
  }

  /** The same for the row a that starts at entry {@code start}. */
  static double minus(double[] a, int start, double[] x, double c) {
    double sum = -c;
    double error = 0;
    for (int j = 0; j < x.length; j++) {
      double product = a[start + j] * x[j];
      double productError = Math.fma(a[start + j], x[j], -product);
      double next = sum + product;
      double back = next - sum;
      error += (sum - (next - back)) + (product - back) + productError;
      sum = next;
    }
    return sum + error;
  }
}
