package org.levinv.device.reference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.levinv.device.Buffer;
import org.levinv.device.DeviceException;
import org.levinv.device.HostDevice;
import org.levinv.device.Inlet;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.SingleRows;
import org.levinv.device.TallProducts;
import org.levinv.device.Vector;

/** Every primitive by its definition, in textbook loops: the oracle of tests. */
public final class ReferenceDevice extends HostDevice {

  private abstract static class Array implements Buffer {
    final double[] values;

    Array(long length) {
      if (length > Integer.MAX_VALUE - 8) {
        throw new DeviceException(
            "reference: expected at most 2147483639 numbers in a matrix, got " + length);
      }
      values = new double[(int) length];
    }

    @Override
    public void free() {}
  }

  private static final class Small extends Array implements Matrix {
    final int rows;
    final int columns;

    Small(int rows, int columns) {
      super((long) rows * columns);
      this.rows = rows;
      this.columns = columns;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public int columns() {
      return columns;
    }
  }

  private static final class Tall extends Array implements Rows {
    final int n;
    final int d;

    Tall(long count, int columns) {
      super(count * columns);
      n = (int) count;
      d = columns;
    }

    @Override
    public long count() {
      return n;
    }

    @Override
    public int columns() {
      return d;
    }
  }

  private static final class Floats implements SingleRows {
    final float[] values;
    final int n;
    final int d;

    Floats(long count, int columns) {
      n = (int) count;
      d = columns;
      values = new float[Math.multiplyExact(n, d)];
    }

    void put(double[] rows, int count, long first) {
      for (int k = 0; k < count * d; k++) {
        values[(int) first * d + k] = (float) rows[k];
      }
    }

    @Override
    public long count() {
      return n;
    }

    @Override
    public int columns() {
      return d;
    }

    @Override
    public void free() {}
  }

  /** The rows themselves: whatever is put is there. */
  private interface Open extends Inlet {
    @Override
    default void free() {}
  }

  static double[] values(Matrix M) {
    return ((Small) M).values;
  }

  static double[] values(Rows A) {
    return ((Tall) A).values;
  }

  @Override
  public String name() {
    return "reference (plain loops, 1 thread)";
  }

  @Override
  public Matrix allocateMatrix(int rows, int columns) {
    return new Small(rows, columns);
  }

  @Override
  public Rows allocateRows(long count, int columns) {
    return new Tall(count, columns);
  }

  @Override
  public SingleRows allocateSingleRows(long count, int columns) {
    return new Floats(count, columns);
  }

  @Override
  public Inlet inlet(Rows to) {
    Open inlet = (rows, count, first) -> upload(rows, count, to, first);
    return inlet;
  }

  @Override
  public Inlet inlet(SingleRows to) {
    Open inlet = ((Floats) to)::put;
    return inlet;
  }

  @Override
  public void upload(RowSource from, SingleRows to) {
    double[] rows = new double[((Floats) to).values.length];
    from.readShared(0, (int) to.count(), rows);
    ((Floats) to).put(rows, (int) to.count(), 0);
  }

  @Override
  public void widen(SingleRows A, Vector c, Rows to) {
    float[] from = ((Floats) A).values;
    for (int k = 0; k < from.length; k++) {
      values(to)[k] = c == null ? from[k] : from[k] * values(c)[k % A.columns()];
    }
  }

  @Override
  public void upload(double[] from, Matrix to) {
    System.arraycopy(from, 0, values(to), 0, from.length);
  }

  @Override
  public void download(Matrix from, double[] to) {
    System.arraycopy(values(from), 0, to, 0, to.length);
  }

  @Override
  public void upload(RowSource from, Rows to) {
    from.read(0, (int) to.count(), values(to));
  }

  @Override
  public void upload(double[] from, int count, Rows to, long first) {
    int d = to.columns();
    System.arraycopy(from, 0, values(to), (int) first * d, count * d);
  }

  @Override
  public void download(Rows from, long first, int count, double[] to) {
    int d = from.columns();
    System.arraycopy(values(from), (int) first * d, to, 0, count * d);
  }

  @Override
  public void gather(Rows A, int[] index, Rows to) {
    int d = A.columns();
    for (int k = 0; k < index.length; k++) {
      System.arraycopy(values(A), index[k] * d, values(to), k * d, d);
    }
  }

  @Override
  public void gather(Rows A, int[] index, Vector scale, Rows to) {
    int d = A.columns();
    for (int k = 0; k < index.length; k++) {
      for (int j = 0; j < d; j++) {
        values(to)[k * d + j] = values(scale)[k] * values(A)[index[k] * d + j];
      }
    }
  }

  @Override
  public void times(Rows A, Vector x, Vector y) {
    int d = A.columns();
    for (int i = 0; i < A.count(); i++) {
      double sum = 0;
      for (int j = 0; j < d; j++) {
        sum += values(A)[i * d + j] * values(x)[j];
      }
      values(y)[i] = sum;
    }
  }

  @Override
  public void transposeTimes(Rows A, Vector y, Vector z) {
    int d = A.columns();
    fill(0, z);
    for (int i = 0; i < A.count(); i++) {
      for (int j = 0; j < d; j++) {
        values(z)[j] += values(A)[i * d + j] * values(y)[i];
      }
    }
  }

  @Override
  public TallProducts in(Precision precision) {
    return precision == Precision.SINGLE ? new SingleProducts(this) : this;
  }

  @Override
  public void weightedGram(Rows A, Vector u, Matrix G) {
    int d = A.columns();
    Arrays.fill(values(G), 0);
    for (int i = 0; i < A.count(); i++) {
      for (int j = 0; j < d; j++) {
        double ua = values(u)[i] * values(A)[i * d + j];
        for (int k = 0; k < d; k++) {
          values(G)[j * d + k] += ua * values(A)[i * d + k];
        }
      }
    }
  }

  @Override
  public void slackGram(Rows A, Vector x, Vector b, Vector s, Matrix G) {
    weightedGram(A, weights(A, x, b, s), G);
  }

  /** s = A x - b; s^-2. */
  Vector weights(Rows A, Vector x, Vector b, Vector s) {
    times(A, x, s);
    axpy(-1, b, s);
    double[] u = new double[(int) s.length()];
    Vector weights = allocateVector(u.length);
    for (int i = 0; i < u.length; i++) {
      u[i] = values(s)[i] == 0 ? 0 : 1 / (values(s)[i] * values(s)[i]);
    }
    upload(u, weights);
    return weights;
  }

  @Override
  public void quadraticForms(Rows A, Matrix N, Vector q) {
    int d = A.columns();
    for (int i = 0; i < A.count(); i++) {
      double sum = 0;
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          sum += values(A)[i * d + j] * values(N)[j * d + k] * values(A)[i * d + k];
        }
      }
      values(q)[i] = sum;
    }
  }

  @Override
  public void squaredNorms(Rows A, Matrix inverseR, Vector q) {
    int d = A.columns();
    for (int i = 0; i < A.count(); i++) {
      double sum = 0;
      for (int k = 0; k < d; k++) {
        double v = 0;
        for (int j = 0; j <= k; j++) {
          v += values(A)[i * d + j] * values(inverseR)[j * d + k];
        }
        sum += v * v;
      }
      values(q)[i] = sum;
    }
  }

  @Override
  public void timesMatrix(Rows A, Matrix M, Rows to) {
    int d = A.columns();
    double[] row = new double[d];
    for (int i = 0; i < A.count(); i++) {
      Arrays.fill(row, 0);
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          row[k] += values(A)[i * d + j] * values(M)[j * d + k];
        }
      }
      System.arraycopy(row, 0, values(to), i * d, d);
    }
  }

  @Override
  public void timesTriangular(Rows A, Matrix R, Rows to) {
    timesMatrix(A, R, to);
  }

  @Override
  public void triangularFactor(Rows A, Vector w, Matrix R) {
    int n = (int) A.count();
    int d = A.columns();
    double[] M = values(A).clone();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        M[i * d + j] *= values(w)[i];
      }
    }
    for (int k = 0; k < Math.min(n, d); k++) { // reflect column k onto its first entry
      double norm = 0;
      for (int i = k; i < n; i++) {
        norm = Math.hypot(norm, M[i * d + k]);
      }
      if (norm == 0) {
        continue;
      }
      double alpha = M[k * d + k] > 0 ? -norm : norm;
      double[] v = new double[n];
      double vv = 0;
      for (int i = k; i < n; i++) {
        v[i] = M[i * d + k] - (i == k ? alpha : 0);
        vv += v[i] * v[i];
      }
      for (int j = k; j < d; j++) { // M = M - 2 v v^T M / v^T v
        double vM = 0;
        for (int i = k; i < n; i++) {
          vM += v[i] * M[i * d + j];
        }
        for (int i = k; i < n; i++) {
          M[i * d + j] -= 2 * v[i] * vM / vv;
        }
      }
    }
    for (int j = 0; j < d; j++) {
      for (int k = 0; k < d; k++) {
        values(R)[j * d + k] = j <= k && j < n ? M[j * d + k] : 0;
      }
    }
  }

  @Override
  public void squaredRowNorms(Rows A, Vector q) {
    for (int i = 0; i < A.count(); i++) {
      values(q)[i] = rowDot(A, i, A, i);
    }
  }

  @Override
  public void appendColumn(Rows A, Vector c, Rows to) {
    int d = A.columns();
    for (int i = 0; i < A.count(); i++) {
      System.arraycopy(values(A), i * d, values(to), i * (d + 1), d);
      values(to)[i * (d + 1) + d] = values(c)[i];
    }
  }

  @Override
  public void axpy(double a, Rows A, Rows to) {
    for (int i = 0; i < values(A).length; i++) {
      values(to)[i] += a * values(A)[i];
    }
  }

  @Override
  public void scaleRows(Vector factor, Rows A, Rows to) {
    int d = A.columns();
    for (int i = 0; i < A.count() * d; i++) {
      values(to)[i] = values(factor)[i / d] * values(A)[i];
    }
  }

  @Override
  public void addScaledRows(Vector factor, Rows A, Rows to) {
    int d = A.columns();
    for (int i = 0; i < A.count() * d; i++) {
      values(to)[i] += values(factor)[i / d] * values(A)[i];
    }
  }

  @Override
  public void crossGram(Rows A, Rows B, Matrix C) {
    int d = A.columns();
    Arrays.fill(values(C), 0);
    for (int i = 0; i < A.count(); i++) {
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          values(C)[j * d + k] += values(A)[i * d + j] * values(B)[i * d + k];
        }
      }
    }
  }

  @Override
  public void hadamardTimes(
      Rows U, Rows V, Rows S, Rows T, boolean withoutDiagonal, Rows X, Rows to) {
    int columns = X.columns();
    Arrays.fill(values(to), 0);
    for (int k = 0; k < U.count(); k++) {
      for (int l = 0; l < V.count(); l++) {
        double p = withoutDiagonal && k == l ? 0 : rowDot(U, k, V, l) * rowDot(S, k, T, l);
        for (int j = 0; j < columns; j++) {
          values(to)[k * columns + j] += p * values(X)[l * columns + j];
        }
      }
    }
  }

  private static double rowDot(Rows U, int k, Rows V, int l) {
    int d = U.columns();
    double sum = 0;
    for (int j = 0; j < d; j++) {
      sum += values(U)[k * d + j] * values(V)[l * d + j];
    }
    return sum;
  }

  @Override
  public int cholesky(Matrix G, Matrix R) {
    int d = G.columns();
    double[] r = values(R);
    Arrays.fill(r, 0);
    for (int j = 0; j < d; j++) {
      for (int i = 0; i <= j; i++) {
        double sum = values(G)[i * d + j];
        for (int k = 0; k < i; k++) {
          sum -= r[k * d + i] * r[k * d + j];
        }
        if (i < j) {
          r[i * d + j] = sum / r[i * d + i];
        } else if (sum > 0) {
          r[j * d + j] = Math.sqrt(sum);
        } else {
          return j + 1;
        }
      }
    }
    return 0;
  }

  @Override
  public void invertTriangular(Matrix R, Matrix inverseR) {
    int d = R.columns();
    double[] inverse = new double[d * d];
    for (int k = 0; k < d; k++) { // R column = e_k, from the bottom up
      for (int i = k; i >= 0; i--) {
        double sum = i == k ? 1 : 0;
        for (int j = i + 1; j <= k; j++) {
          sum -= values(R)[i * d + j] * inverse[j * d + k];
        }
        inverse[i * d + k] = sum / values(R)[i * d + i];
      }
    }
    upload(inverse, inverseR);
  }

  @Override
  public void solve(Matrix R, Vector z) {
    int d = R.columns();
    double[] r = values(R);
    double[] v = values(z);
    for (int i = 0; i < d; i++) { // R^T v = z
      for (int k = 0; k < i; k++) {
        v[i] -= r[k * d + i] * v[k];
      }
      v[i] /= r[i * d + i];
    }
    for (int i = d - 1; i >= 0; i--) { // R z = v
      for (int k = i + 1; k < d; k++) {
        v[i] -= r[i * d + k] * v[k];
      }
      v[i] /= r[i * d + i];
    }
  }

  @Override
  public void multiply(Matrix A, boolean transposeA, Matrix B, boolean transposeB, Matrix C) {
    int inner = transposeA ? A.rows() : A.columns();
    for (int i = 0; i < C.rows(); i++) {
      for (int j = 0; j < C.columns(); j++) {
        double sum = 0;
        for (int k = 0; k < inner; k++) {
          double a = values(A)[transposeA ? k * A.columns() + i : i * A.columns() + k];
          double b = values(B)[transposeB ? j * B.columns() + k : k * B.columns() + j];
          sum += a * b;
        }
        values(C)[i * C.columns() + j] = sum;
      }
    }
  }

  @Override
  public void multiply(Matrix M, boolean transpose, Vector x, Vector y) {
    int inner = (int) x.length();
    for (int i = 0; i < y.length(); i++) {
      double sum = 0;
      for (int k = 0; k < inner; k++) {
        sum += values(M)[transpose ? k * M.columns() + i : i * M.columns() + k] * values(x)[k];
      }
      values(y)[i] = sum;
    }
  }

  @Override
  public void axpy(double a, Matrix A, Matrix B) {
    for (int i = 0; i < values(A).length; i++) {
      values(B)[i] += a * values(A)[i];
    }
  }

  @Override
  public void addDiagonal(double a, Matrix A, Matrix B) {
    int d = B.columns();
    for (int j = 0; j < d; j++) {
      values(B)[j * d + j] += A == null ? a : a * values(A)[j * d + j];
    }
  }

  @Override
  public double[] diagonal(Matrix M) {
    double[] diagonal = new double[M.columns()];
    for (int j = 0; j < diagonal.length; j++) {
      diagonal[j] = values(M)[j * M.columns() + j];
    }
    return diagonal;
  }

  @Override
  public double norm(Matrix M) {
    double sum = 0;
    for (double value : values(M)) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  @Override
  public void rankOne(double a, Vector x, Vector y, Matrix B) {
    int columns = B.columns();
    for (int i = 0; i < B.rows(); i++) {
      for (int j = 0; j < columns; j++) {
        values(B)[i * columns + j] += a * values(x)[i] * values(y)[j];
      }
    }
  }

  @Override
  public void copy(Matrix A, Matrix B) {
    upload(values(A), B);
  }

  @Override
  public void symmetricEigen(Matrix S, Matrix V, Vector eigenvalues) {
    int d = S.columns();
    double[] a = values(S).clone();
    double[] v = new double[d * d];
    for (int j = 0; j < d; j++) {
      v[j * d + j] = 1;
    }
    for (int sweep = 0; sweep < 60; sweep++) { // cyclic Jacobi
      double off = 0;
      double all = 0;
      for (int i = 0; i < d * d; i++) {
        all += a[i] * a[i];
        off += i / d == i % d ? 0 : a[i] * a[i];
      }
      if (off <= 1e-28 * all) {
        break;
      }
      for (int p = 0; p < d; p++) {
        for (int q = p + 1; q < d; q++) {
          rotate(a, v, d, p, q);
        }
      }
    }
    Integer[] order = IntStream.range(0, d).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(j -> a[j * d + j]));
    for (int k = 0; k < d; k++) {
      values(eigenvalues)[k] = a[order[k] * d + order[k]];
      for (int i = 0; i < d; i++) {
        values(V)[i * d + k] = v[i * d + order[k]];
      }
    }
  }

  /** One Jacobi rotation that makes a_pq zero. */
  private static void rotate(double[] a, double[] v, int d, int p, int q) {
    if (a[p * d + q] == 0) {
      return;
    }
    double theta = (a[q * d + q] - a[p * d + p]) / (2 * a[p * d + q]);
    double t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
    double c = 1 / Math.hypot(t, 1);
    double s = t * c;
    for (int k = 0; k < d; k++) {
      double akp = a[k * d + p];
      double akq = a[k * d + q];
      a[k * d + p] = c * akp - s * akq;
      a[k * d + q] = s * akp + c * akq;
      double vkp = v[k * d + p];
      double vkq = v[k * d + q];
      v[k * d + p] = c * vkp - s * vkq;
      v[k * d + q] = s * vkp + c * vkq;
    }
    for (int k = 0; k < d; k++) {
      double apk = a[p * d + k];
      double aqk = a[q * d + k];
      a[p * d + k] = c * apk - s * aqk;
      a[q * d + k] = s * apk + c * aqk;
    }
  }

  @Override
  public void close() {}
}
