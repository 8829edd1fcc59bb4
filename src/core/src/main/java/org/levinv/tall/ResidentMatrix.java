package org.levinv.tall;

import java.util.Arrays;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.device.Rows;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/** All rows in the memory of one device. */
public final class ResidentMatrix implements TallMatrix {
  private final Device device;
  private final Rows A;
  private final Meter meter;

  private ResidentMatrix(Device device, Rows A, Meter meter) {
    this.device = device;
    this.A = A;
    this.meter = meter;
  }

  /** Uploads all rows of a source. */
  public static ResidentMatrix upload(RowSource source, Workspace space) {
    Rows A = space.rows(source.rows(), source.columns());
    space.device().upload(source, A);
    return new ResidentMatrix(space.device(), A, new Meter(source.rows(), source.columns()));
  }

  /** Rows that are on the device already, with the meter that counts work on them. */
  public static ResidentMatrix of(Rows A, Meter meter, Device device) {
    return new ResidentMatrix(device, A, meter);
  }

  private void spend(double flopsPerRow) {
    meter.spend(A.count(), A.columns(), flopsPerRow);
  }

  private double square() {
    return (double) A.columns() * A.columns();
  }

  @Override
  public long rows() {
    return A.count();
  }

  @Override
  public int columns() {
    return A.columns();
  }

  @Override
  public Meter meter() {
    return meter;
  }

  @Override
  public void times(Vector x, Vector y) {
    spend(2.0 * A.columns());
    device.times(A, x, y);
  }

  @Override
  public void transposeTimes(Vector y, Vector z) {
    spend(2.0 * A.columns());
    device.transposeTimes(A, y, z);
  }

  @Override
  public void weightedGram(Vector u, Matrix G) {
    spend(square());
    device.weightedGram(A, u, G);
  }

  @Override
  public void slackGram(Vector x, Vector b, Vector s, Matrix G, Precision precision) {
    spend(square() + 2 * A.columns());
    device.in(precision).slackGram(A, x, b, s, G);
  }

  @Override
  public void slackNorms(Vector x, Vector b, Matrix inverseR, Vector s, Vector q) {
    spend(square() + 2 * A.columns());
    device.slackNorms(A, x, b, inverseR, s, q);
  }

  @Override
  public void quadraticForms(Matrix N, Vector q) {
    spend(2 * square());
    device.quadraticForms(A, N, q);
  }

  @Override
  public void squaredNorms(Matrix inverseR, Vector q) {
    spend(square());
    device.squaredNorms(A, inverseR, q);
  }

  @Override
  public void triangularFactor(Vector w, Matrix R) {
    spend(2 * square());
    device.triangularFactor(A, w, R);
  }

  @Override
  public void rebase(Matrix R) {
    spend(square());
    device.timesTriangular(A, R, A);
  }

  @Override
  public void rebaseBy(Matrix M) {
    spend(2 * square());
    device.timesMatrix(A, M, A);
  }

  @Override
  public TallMatrix rows(int[] index, Workspace space) {
    Rows few = space.rows(index.length, A.columns());
    device.gather(A, index, few);
    return new ResidentMatrix(device, few, meter);
  }

  @Override
  public TallMatrix rows(int[] index, Vector scale, Workspace space) {
    Rows few = space.rows(index.length, A.columns());
    device.gather(A, index, scale, few);
    return new ResidentMatrix(device, few, meter);
  }

  @Override
  public void gather(int[] index, Vector scale, TallMatrix to) {
    device.gather(A, index, scale, data(to));
  }

  @Override
  public void squaredRowNorms(Vector q) {
    spend(2.0 * A.columns());
    device.squaredRowNorms(A, q);
  }

  @Override
  public TallMatrix withColumn(Vector c, Workspace space) {
    Rows wider = space.rows(A.count(), A.columns() + 1);
    device.appendColumn(A, c, wider);
    return new ResidentMatrix(device, wider, meter);
  }

  @Override
  public void rowTo(int i, Vector x) {
    double[] row = new double[A.columns()];
    device.download(A, i, 1, row);
    device.upload(row, x);
  }

  @Override
  public void addTo(double a, TallMatrix to) {
    device.axpy(a, A, data(to));
  }

  @Override
  public void scaledTimes(Vector factor, Matrix M, TallMatrix to) {
    if (M == null) {
      device.scaleRows(factor, A, data(to));
    } else {
      spend(2 * square());
      device.timesMatrix(A, M, data(to));
      device.scaleRows(factor, data(to), data(to));
    }
  }

  @Override
  public void scaledTriangular(Vector factor, Matrix R, TallMatrix to) {
    spend(square());
    device.timesTriangular(A, R, data(to));
    device.scaleRows(factor, data(to), data(to));
  }

  @Override
  public TallMatrix allocate(int columns, Workspace space) {
    return new ResidentMatrix(device, space.rows(A.count(), columns), meter);
  }

  @Override
  public void hadamardTimes(
      TallMatrix V,
      TallMatrix S,
      TallMatrix T,
      boolean withoutDiagonal,
      TallMatrix X,
      TallMatrix to) {
    int products = S == this && T == V ? 1 : 2;
    meter.spend(A.count(), 0, 2.0 * V.rows() * (products * A.columns() + X.columns()));
    device.hadamardTimes(A, data(V), data(S), data(T), withoutDiagonal, data(X), data(to));
  }

  @Override
  public void addScaled(Vector factor, TallMatrix B) {
    device.addScaledRows(factor, data(B), A);
  }

  @Override
  public void crossGram(TallMatrix B, Matrix C) {
    spend(2 * square());
    device.crossGram(A, data(B), C);
  }

  @Override
  public void rowGram(Matrix G) {
    int count = Math.toIntExact(A.count());
    spend(2.0 * count * A.columns());
    double[] entries = new double[Math.multiplyExact(count, A.columns())];
    device.download(A, 0, count, entries);
    try (Workspace own = new Workspace(device)) {
      Matrix M = own.matrix(count, A.columns());
      device.upload(entries, M);
      device.multiply(M, false, M, true, G);
    }
  }

  @Override
  public TallMatrix column(Vector values, Workspace space) {
    int count = Math.toIntExact(A.count());
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    Rows column = space.rows(count, 1);
    device.upload(ones, count, column, 0);
    device.scaleRows(values, column, column);
    return new ResidentMatrix(device, column, meter);
  }

  private static Rows data(TallMatrix M) {
    return ((ResidentMatrix) M).A;
  }
}
