package org.levinv;

/** Dot products in twice the working precision, so that the result alone is rounded. */
final class ExactDot {
  private ExactDot() {}

  /** a.x - c (Ogita, Rump and Oishi, Accurate sum and dot product, 2005, doi:10.1137/030601818). */
  static double minus(double[] a, double[] x, double c) {
    return minus(a, 0, x, c);
  }

  /**
   * The same for the row a that starts at entry {@code start}; in two sums, which a processor adds
   * side by side.
   */
  static double minus(double[] a, int start, double[] x, double c) {
    double even = -c;
    double odd = 0;
    double evenError = 0;
    double oddError = 0;
    int d = x.length;
    int j = 0;
    for (; j + 1 < d; j += 2) {
      double p = a[start + j] * x[j];
      double q = a[start + j + 1] * x[j + 1];
      double nextEven = even + p;
      double nextOdd = odd + q;
      evenError += sumError(even, p, nextEven) + Math.fma(a[start + j], x[j], -p);
      oddError += sumError(odd, q, nextOdd) + Math.fma(a[start + j + 1], x[j + 1], -q);
      even = nextEven;
      odd = nextOdd;
    }
    if (j < d) {
      double p = a[start + j] * x[j];
      double next = even + p;
      evenError += sumError(even, p, next) + Math.fma(a[start + j], x[j], -p);
      even = next;
    }
    double sum = even + odd;
    return sum + (sumError(even, odd, sum) + (evenError + oddError));
  }

  /** What rounding took from u + v = sum. */
  private static double sumError(double u, double v, double sum) {
    double back = sum - u;
    return (u - (sum - back)) + (v - back);
  }
}
