package org.levinv.campaign;

import java.util.Locale;
import java.util.stream.LongStream;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/**
 * One problem with more rows than an int counts, which no memory holds: A, b and the scores are
 * made from the numbers of the rows whenever they are read. The scores are the campaign's own, from
 * the planted x and a Gram matrix that it sums itself.
 */
public final class ManyRows {
  private static final double[] X = {0.75, -1.25};

  /** Of x, relatively: what is asked of it. */
  private static final double TOLERANCE = 1e-8;

  /** Rows of one partial sum of the Gram matrix. */
  private static final long CHUNK = 1 << 20;

  private final long n;
  private final double[] inverse; // of A(x)^T A(x): its entries 00, 01 and 11

  private ManyRows(long n) {
    this.n = n;
    double[] gram =
        LongStream.range(0, (n + CHUNK - 1) / CHUNK)
            .parallel()
            .mapToObj(chunk -> gram(chunk * CHUNK, Math.min(n, (chunk + 1) * CHUNK)))
            .reduce(new double[3], (u, v) -> new double[] {u[0] + v[0], u[1] + v[1], u[2] + v[2]});
    double determinant = gram[0] * gram[2] - gram[1] * gram[1];
    inverse = new double[] {gram[2] / determinant, -gram[1] / determinant, gram[0] / determinant};
  }

  /** {@code [rows=N] [signs=known|unknown]}; exit code 1 where x is not found. */
  public static void main(String[] args) {
    long n = (1L << 31) + 1000;
    Signs signs = Signs.positive();
    for (String arg : args) {
      switch (arg.substring(0, arg.indexOf('=') + 1)) {
        case "rows=" -> n = Long.parseLong(arg.substring(5));
        case "signs=" -> signs = arg.equals("signs=known") ? Signs.positive() : Signs.unknown();
        default -> throw new IllegalArgumentException(arg);
      }
    }
    long start = System.nanoTime();
    ManyRows rows = new ManyRows(n);
    double planted = seconds(start);
    start = System.nanoTime();
    Result result;
    try (Inverter inverter = Inverter.open("cpu", 0)) {
      result = inverter.invert(rows.problem(), Options.defaults().withSigns(signs));
    }
    double error = result.x() == null ? Double.NaN : error(result.x());
    System.out.printf(
        Locale.ROOT,
        "n = %d, signs %s: %s, error of x %.1e, work %.1f, passes %.2f, %.0f s (planting %.0f s)%n",
        n,
        signs,
        result.status().word(),
        error,
        result.work(),
        result.passes(),
        seconds(start),
        planted);
    System.out.println(result.message());
    if (!(error <= TOLERANCE) || result.status() != Status.CONVERGED) {
      System.exit(1);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  private static double error(double[] x) {
    return Math.hypot(x[0] - X[0], x[1] - X[1]) / Math.hypot(X[0], X[1]);
  }

  private Problem problem() {
    return new Problem(
        new Rows(),
        VectorSource.of("offset", n, ManyRows::offset),
        VectorSource.of(
            "scores",
            n,
            i -> {
              double u = first(i);
              double v = second(i);
              double w = 1 / (u * X[0] + v * X[1] - offset(i));
              return w * w * (u * u * inverse[0] + 2 * u * v * inverse[1] + v * v * inverse[2]);
            }));
  }

  /** A(x)^T A(x) of some rows. */
  private static double[] gram(long from, long to) {
    double[] sums = new double[3];
    for (long i = from; i < to; i++) {
      double u = first(i);
      double v = second(i);
      double w = 1 / (u * X[0] + v * X[1] - offset(i));
      sums[0] += w * w * u * u;
      sums[1] += w * w * u * v;
      sums[2] += w * w * v * v;
    }
    return sums;
  }

  /** a_i0, uniform in [-1, 1). */
  private static double first(long i) {
    return (int) mix(i) * 0x1.0p-31;
  }

  /** a_i1, uniform in [-1, 1). */
  private static double second(long i) {
    return (int) (mix(i) >>> 32) * 0x1.0p-31;
  }

  /** b_i, which leaves a slack between 0.5 and 8. */
  private static double offset(long i) {
    double share = (mix(~i) >>> 11) * 0x1.0p-53;
    return first(i) * X[0] + second(i) * X[1] - 8 / (1 + 15 * share);
  }

  /** The finisher of MurmurHash3 in Stafford's variant 13. */
  private static long mix(long i) {
    long z = i * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A, n x 2. */
  private final class Rows implements RowSource {

    @Override
    public String name() {
      return "generated rows";
    }

    @Override
    public long rows() {
      return n;
    }

    @Override
    public int columns() {
      return 2;
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void read(long first, int count, double[] into) {
      for (int k = 0; k < count; k++) {
        into[2 * k] = first(first + k);
        into[2 * k + 1] = second(first + k);
      }
    }
  }
}
