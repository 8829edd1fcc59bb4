package org.levinv.device;

/**
 * A device whose vectors are Java arrays: the element-wise kernels, one plain loop each. Their cost
 * is n, or the few rows of a sample, beside the n d of reading A; what touches A or a d x d matrix
 * is left to the subclass.
 */
public abstract class HostDevice implements Device {

  /**
   * Sums run over blocks of this many terms, so that rounding grows with the number of blocks only;
   * within a block in four chains, which a processor adds side by side.
   */
  private static final int BLOCK = 256;

  /** Of a formula, with a logarithm perhaps. */
  private static final double MAP_OPERATIONS = 20;

  /** For devices. */
  protected HostDevice() {}

  /** The entries of a vector of such a device. */
  public static double[] values(Vector v) {
    return ((HostVector) v).values;
  }

  /** What is done to the entries from {@code from} to before {@code to}. */
  @FunctionalInterface
  protected interface RangeWork {
    void run(int from, int to);
  }

  /**
   * Splits work on {@code count} independent entries among the threads that this device may use.
   *
   * @param operations of one entry, roughly: little work is not worth splitting
   */
  protected void split(int count, double operations, RangeWork work) {
    work.run(0, count);
  }

  @Override
  public Vector allocateVector(long length) {
    if (length > Integer.MAX_VALUE - 8) {
      throw new DeviceException(
          name() + ": expected a vector of at most 2147483639 entries, got " + length);
    }
    return new HostVector((int) length);
  }

  @Override
  public void upload(double[] from, Vector to) {
    System.arraycopy(from, 0, values(to), 0, from.length);
  }

  @Override
  public void download(Vector from, double[] to) {
    System.arraycopy(values(from), 0, to, 0, to.length);
  }

  @Override
  public void fill(double a, Vector y) {
    java.util.Arrays.fill(values(y), a);
  }

  @Override
  public void copy(Vector x, Vector y) {
    upload(values(x), y);
  }

  @Override
  public void axpy(double a, Vector x, Vector y) {
    double[] X = values(x);
    double[] Y = values(y);
    for (int i = 0; i < X.length; i++) {
      Y[i] += a * X[i];
    }
  }

  @Override
  public void scale(double a, Vector x) {
    double[] X = values(x);
    for (int i = 0; i < X.length; i++) {
      X[i] *= a;
    }
  }

  @Override
  public void multiply(Vector x, Vector y, Vector z) {
    double[] X = values(x);
    double[] Y = values(y);
    double[] Z = values(z);
    for (int i = 0; i < X.length; i++) {
      Z[i] = X[i] * Y[i];
    }
  }

  @Override
  public void divide(Vector x, Vector y, Vector z) {
    double[] X = values(x);
    double[] Y = values(y);
    double[] Z = values(z);
    for (int i = 0; i < X.length; i++) {
      Z[i] = X[i] / Y[i];
    }
  }

  @Override
  public double dot(Vector x, Vector y) {
    double[] X = values(x);
    double[] Y = values(y);
    double sum = 0;
    for (int start = 0; start < X.length; start += BLOCK) {
      int end = Math.min(start + BLOCK, X.length);
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int i = start;
      for (; i + 3 < end; i += 4) {
        s0 += X[i] * Y[i];
        s1 += X[i + 1] * Y[i + 1];
        s2 += X[i + 2] * Y[i + 2];
        s3 += X[i + 3] * Y[i + 3];
      }
      for (; i < end; i++) {
        s0 += X[i] * Y[i];
      }
      sum += (s0 + s1) + (s2 + s3);
    }
    return sum;
  }

  @Override
  public double dot(Vector u, Vector x, Vector y) {
    double[] U = values(u);
    double[] X = values(x);
    double[] Y = values(y);
    double sum = 0;
    for (int start = 0; start < X.length; start += BLOCK) {
      int end = Math.min(start + BLOCK, X.length);
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int i = start;
      for (; i + 3 < end; i += 4) {
        s0 += U[i] * X[i] * Y[i];
        s1 += U[i + 1] * X[i + 1] * Y[i + 1];
        s2 += U[i + 2] * X[i + 2] * Y[i + 2];
        s3 += U[i + 3] * X[i + 3] * Y[i + 3];
      }
      for (; i < end; i++) {
        s0 += U[i] * X[i] * Y[i];
      }
      sum += (s0 + s1) + (s2 + s3);
    }
    return sum;
  }

  @Override
  public double sum(Vector x) {
    double[] X = values(x);
    double sum = 0;
    for (int start = 0; start < X.length; start += BLOCK) {
      int end = Math.min(start + BLOCK, X.length);
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int i = start;
      for (; i + 3 < end; i += 4) {
        s0 += X[i];
        s1 += X[i + 1];
        s2 += X[i + 2];
        s3 += X[i + 3];
      }
      for (; i < end; i++) {
        s0 += X[i];
      }
      sum += (s0 + s1) + (s2 + s3);
    }
    return sum;
  }

  @Override
  public double max(Vector x) {
    double[] X = values(x);
    double m0 = Double.NEGATIVE_INFINITY;
    double m1 = m0;
    double m2 = m0;
    double m3 = m0;
    int i = 0;
    for (; i + 3 < X.length; i += 4) {
      m0 = Math.max(m0, X[i]);
      m1 = Math.max(m1, X[i + 1]);
      m2 = Math.max(m2, X[i + 2]);
      m3 = Math.max(m3, X[i + 3]);
    }
    for (; i < X.length; i++) {
      m0 = Math.max(m0, X[i]);
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  @Override
  public int argmax(Vector x) {
    double[] X = values(x);
    int first = 0;
    for (int i = 1; i < X.length; i++) {
      if (X[i] > X[first]) {
        first = i;
      }
    }
    return first;
  }

  @Override
  public void gather(Vector x, int[] index, Vector y) {
    double[] X = values(x);
    double[] Y = values(y);
    for (int k = 0; k < index.length; k++) {
      Y[k] = X[index[k]];
    }
  }

  @Override
  public void map(Formula f, double a, Vector x, Vector y, Vector z, Vector to) {
    double[] X = values(x);
    double[] Y = y == null ? X : values(y);
    double[] Z = z == null ? X : values(z);
    double[] target = values(to);
    split(target.length, MAP_OPERATIONS, (from, end) -> f.apply(a, X, Y, Z, target, from, end));
  }

  @Override
  public double[] pick(Vector x, int[] index) {
    double[] few = new double[index.length];
    for (int k = 0; k < index.length; k++) {
      few[k] = values(x)[index[k]];
    }
    return few;
  }

  @Override
  public void put(double[] few, int[] index, Vector y) {
    for (int k = 0; k < index.length; k++) {
      values(y)[index[k]] = few[k];
    }
  }
}
