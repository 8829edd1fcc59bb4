package org.levinv.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.pass.Draws;
import org.levinv.pass.GradientPass;
import org.levinv.pass.ScorePass;
import org.levinv.pass.ScoreSums;
import org.levinv.pass.SignRule;
import org.levinv.pass.SlackGram;
import org.levinv.pass.SlackGramPass;

/** A problem that stores hold, and all that passes answer on it, to be compared bit for bit. */
public final class StoreProblem {
  public static final int N = 500;
  public static final int D = 5;
  private final double[][] A = new double[N][D];
  private final boolean isSingle;
  private final double[] b = new double[N];
  public final double[] target = new double[N];
  private final double[] sign = new double[N];
  public final double[] x = new double[D];
  private final double[] before = new double[D];
  public final ProblemRows rows;

  /** Random rows, whose entries are floats where asked, as sources of floats have them. */
  public StoreProblem(boolean floats, boolean isSingle) {
    this.isSingle = isSingle;
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < N; i++) {
      Arrays.setAll(
          A[i],
          j -> {
            double value = random.nextDouble(-1, 1);
            return floats ? (float) value : value;
          });
      b[i] = random.nextDouble(2, 3);
      target[i] = random.nextDouble() * 2 * D / N;
      sign[i] = i % 3 == 0 ? 1 : -1;
    }
    Arrays.setAll(x, j -> random.nextDouble(-0.3, 0.3));
    Arrays.setAll(before, j -> x[j] + random.nextDouble(-0.1, 0.1));
    rows =
        ProblemRows.of(source(A))
            .with(Field.OFFSET, VectorSource.of("b", b))
            .with(Field.TARGET, VectorSource.of("target", target))
            .with(Field.SIGN, VectorSource.of("sign", sign));
  }

  private RowSource source(double[][] A) {
    return new RowSource() {
      @Override
      public String name() {
        return "A";
      }

      @Override
      public long rows() {
        return A.length;
      }

      @Override
      public int columns() {
        return A[0].length;
      }

      @Override
      public boolean isConcurrent() {
        return true;
      }

      @Override
      public boolean isSingle() {
        return isSingle;
      }

      @Override
      public void read(long first, int count, double[] into) {
        for (int i = 0; i < count; i++) {
          System.arraycopy(A[(int) first + i], 0, into, i * A[0].length, A[0].length);
        }
      }
    };
  }

  /** All that the passes answer, as numbers. */
  public double[] answers(RowStore store, boolean again) {
    List<double[]> all = new ArrayList<>();
    Device device = store.device();
    double[] inverseR;
    double[] N2;
    SlackGram gram =
        store.run(
            repeated(
                new SlackGramPass(
                    x,
                    before,
                    new long[] {3, 77, 499},
                    new long[] {0, 3, 200, 498},
                    SignRule.FIELD,
                    Precision.DOUBLE),
                again));
    all.add(download(device, gram.G()));
    all.add(new double[] {gram.shrinkage(), gram.wrongSide().size()});
    all.add(Arrays.stream(gram.wrongSide().numbers()).asDoubleStream().toArray());
    all.add(gram.slacks());
    SlackGram whole = store.run(repeated(SlackGramPass.at(x), again));
    try (Workspace space = new Workspace(device)) {
      Matrix R = space.matrix(D, D);
      Matrix inverse = space.matrix(D, D);
      assertEquals(0, device.cholesky(whole.G(), R));
      device.invertTriangular(R, inverse);
      inverseR = download(device, inverse);
      ScoreSums scores =
          store.run(
              repeated(new ScorePass(x, inverseR, 1.5, true, new Draws(4, 1, N / 10.0)), again));
      all.add(download(device, scores.Q()));
      all.add(
          new double[] {
            scores.error().mismatch(),
            scores.error().floor(),
            scores.loss(),
            scores.scoreSquare(),
            scores.largest(),
            scores.largestRow()
          });
      all.add(Arrays.stream(scores.drawn().numbers()).asDoubleStream().toArray());
      all.add(scores.drawn().keys());
      Matrix C = space.matrix(D, D);
      device.multiply(inverse, false, inverse, true, C); // G^-1
      Matrix Q = space.matrix(D, D);
      Matrix N1 = space.matrix(D, D);
      device.upload(all.get(4), Q);
      device.multiply(C, false, Q, false, N1);
      device.multiply(N1, false, C, false, Q);
      N2 = download(device, Q);
    }
    var gradient = store.run(repeated(new GradientPass(x, inverseR, N2, true, true), again));
    double[] g = new double[D];
    device.download(gradient.gradient(), g);
    all.add(g);
    all.add(download(device, gradient.diagonal()));
    all.add(download(device, gradient.metric()));
    return all.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  /** The same pass, whose work on every third leaf is thrown away and done again. */
  static <T> Pass<T> repeated(Pass<T> pass, boolean again) {
    if (!again) {
      return pass;
    }
    return new Pass<>() {
      @Override
      public SumShape shape() {
        return pass.shape();
      }

      @Override
      public double flopsPerRow(int columns) {
        return pass.flopsPerRow(columns);
      }

      @Override
      public Kernel on(Device device, Workspace space) {
        Kernel kernel = pass.on(device, space);
        return (block, sums) -> {
          kernel.of(block, sums);
          if (block.first() % 3 == 0) {
            sums.clear();
            kernel.of(block, sums);
          }
        };
      }

      @Override
      public T answer(Sums total) {
        return pass.answer(total);
      }
    };
  }

  private static double[] download(Device device, Matrix M) {
    double[] values = new double[M.rows() * M.columns()];
    device.download(M, values);
    return values;
  }

  /** The problem with another source in the place of A. */
  public ProblemRows withSource(RowSource other) {
    return ProblemRows.of(other)
        .with(Field.OFFSET, VectorSource.of("b", b))
        .with(Field.TARGET, VectorSource.of("target", target))
        .with(Field.SIGN, VectorSource.of("sign", sign));
  }

  /** A itself. */
  public RowSource source() {
    return source(A);
  }
}
