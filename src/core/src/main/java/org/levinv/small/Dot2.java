package org.levinv.small;

/** Dot products in twice the working precision, so that the result alone is rounded. */
public final class Dot2 {
  private Dot2() {}

  /** a.x - c (Ogita, Rump and Oishi, Accurate sum and dot product, 2005, doi:10.1137/030601818). */
  public static double minus(double[] a, double[] x, double c) {
    return minus(a, 0, x, c);
  }

  /** The same for the row a that starts at entry {@code start}. */
  public static double minus(double[] a, int start, double[] x, double c) {
    return minus(a, start, x, c, new double[1], 0);
  }

  /**
   * The same, with |a|.|x| + |c| to {@code terms[i]}; in four sums, which a processor adds side by
   * side.
   */
  public static double minus(double[] a, int start, double[] x, double c, double[] terms, int i) {
    double s0 = -c;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double e0 = 0;
    double e1 = 0;
    double e2 = 0;
    double e3 = 0;
    double m0 = Math.abs(c);
    double m1 = 0;
    double m2 = 0;
    double m3 = 0;
    int d = x.length;
    int j = 0;
    for (; j + 3 < d; j += 4) {
      int k = start + j;
      double p0 = a[k] * x[j];
      double p1 = a[k + 1] * x[j + 1];
      double p2 = a[k + 2] * x[j + 2];
      double p3 = a[k + 3] * x[j + 3];
      double t0 = s0 + p0;
      double t1 = s1 + p1;
      double t2 = s2 + p2;
      double t3 = s3 + p3;
      e0 += sumError(s0, p0, t0) + Math.fma(a[k], x[j], -p0);
      e1 += sumError(s1, p1, t1) + Math.fma(a[k + 1], x[j + 1], -p1);
      e2 += sumError(s2, p2, t2) + Math.fma(a[k + 2], x[j + 2], -p2);
      e3 += sumError(s3, p3, t3) + Math.fma(a[k + 3], x[j + 3], -p3);
      m0 += Math.abs(p0);
      m1 += Math.abs(p1);
      m2 += Math.abs(p2);
      m3 += Math.abs(p3);
      s0 = t0;
      s1 = t1;
      s2 = t2;
      s3 = t3;
    }
    for (; j < d; j++) {
      double p = a[start + j] * x[j];
      double t = s0 + p;
      e0 += sumError(s0, p, t) + Math.fma(a[start + j], x[j], -p);
      m0 += Math.abs(p);
      s0 = t;
    }
    terms[i] = (m0 + m1) + (m2 + m3);
    double left = s0 + s1;
    double right = s2 + s3;
    double sum = left + right;
    double error = sumError(s0, s1, left) + sumError(s2, s3, right) + sumError(left, right, sum);
    return sum + (error + ((e0 + e1) + (e2 + e3)));
  }

  /** What rounding took from u + v = sum. */
  private static double sumError(double u, double v, double sum) {
    double back = sum - u;
    return (u - (sum - back)) + (v - back);
  }
}
