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
import org.levinv.model.ScoreUncertainty;
import org.levinv.pass.Bounds;
import org.levinv.pass.BoundsPass;
import org.levinv.pass.Distances;
import org.levinv.pass.Draws;
import org.levinv.pass.FactorPass;
import org.levinv.pass.GradientPass;
import org.levinv.pass.LocationPass;
import org.levinv.pass.LocationSums;
import org.levinv.pass.LossPass;
import org.levinv.pass.LossSums;
import org.levinv.pass.MetricPass;
import org.levinv.pass.NormsPass;
import org.levinv.pass.ResidualPass;
import org.levinv.pass.ResidualSums;
import org.levinv.pass.RootWeights;
import org.levinv.pass.RowTargets;
import org.levinv.pass.ScorePass;
import org.levinv.pass.ScoreSums;
import org.levinv.pass.SharedRounding;
import org.levinv.pass.SignRule;
import org.levinv.pass.SlackGram;
import org.levinv.pass.SlackGramPass;
import org.levinv.pass.SubspacePass;
import org.levinv.pass.SubspaceSums;
import org.levinv.pass.TargetErrorPass;
import org.levinv.pass.TargetPass;
import org.levinv.pass.TargetSums;
import org.levinv.pass.TargetWeights;
import org.levinv.pass.TermWeights;
import org.levinv.pass.UnitRows;
import org.levinv.pass.VerifyFactorPass;
import org.levinv.pass.VerifyScoresPass;
import org.levinv.pass.WeightSums;
import org.levinv.pass.WeightedScores;
import org.levinv.pass.WeightsPass;

/** A problem that stores hold, and all that passes answer on it, to be compared bit for bit. */
public final class StoreProblem {
  public static final int N = 500;
  public static final int D = 5;
  private final double[][] A = new double[N][D];
  private final boolean isSingle;
  private final double[] b = new double[N];
  public final double[] target = new double[N];
  private final double[] sign = new double[N];
  private final double[] omega = new double[N];
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
      omega[i] = 0.1 * (i % 4);
    }
    Arrays.setAll(x, j -> random.nextDouble(-0.3, 0.3));
    Arrays.setAll(before, j -> x[j] + random.nextDouble(-0.1, 0.1));
    rows =
        ProblemRows.of(source(A))
            .with(Field.OFFSET, VectorSource.of("b", b))
            .with(Field.TARGET, VectorSource.of("target", target))
            .with(Field.SIGN, VectorSource.of("sign", sign))
            .with(Field.OMEGA, VectorSource.of("omega", omega));
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
    addLossAnswers(store, inverseR, N2, again, all);
    addWeightAnswers(store, inverseR, again, all);
    addRangeAnswers(store, again, all);
    addVerification(store, inverseR, again, all);
    LocalAnswers.add(store, again, x, before, inverseR, N2, all);
    return all.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  /** What least squares asks. */
  private void addLossAnswers(
      RowStore store, double[] inverseR, double[] N2, boolean again, List<double[]> all) {
    Device device = store.device();
    var degrees =
        store.run(repeated(new GradientPass(x, inverseR, N2, true, false).withDegrees(), again));
    all.add(download(device, degrees.diagonal()));
    double[] rows = new double[D];
    device.download(degrees.degreeRows(), rows);
    all.add(rows);
    all.add(new double[] {degrees.degrees()});
    all.add(download(device, store.run(repeated(new MetricPass(x, inverseR), again))));
    SlackGram moved = store.run(repeated(SlackGramPass.moved(x, before), again));
    all.add(new double[] {moved.shrinkage(), moved.growth()});
    LossSums loss =
        store.run(repeated(new LossPass(x, inverseR, new Draws(5, 2, N / 10.0)), again));
    all.add(download(device, loss.Q()));
    all.add(
        new double[] {
          loss.residualSquare(),
          loss.targetSquare(),
          loss.scoreSquare(),
          loss.roundingSquare(),
          loss.largest()
        });
    all.add(Arrays.stream(loss.drawn().numbers()).asDoubleStream().toArray());
    all.add(loss.drawn().keys());
    double[] step = Arrays.stream(before).map(entry -> 10 * entry).toArray();
    for (double[] R : new double[][] {null, inverseR}) {
      Bounds bounds = store.run(repeated(new BoundsPass(x, R, step, 0.5, 1e-8, 1e-6, 10), again));
      assertEquals(10, bounds.beyond().size());
      all.add(new double[] {bounds.shrinkage(), bounds.row()});
      all.add(Arrays.stream(bounds.beyond().numbers()).asDoubleStream().toArray());
      all.add(bounds.beyond().keys());
    }
  }

  /** What a search for row weights asks, at weights that follow from some S = R^T R. */
  private void addWeightAnswers(
      RowStore store, double[] inverseR, boolean again, List<double[]> all) {
    Device device = store.device();
    TargetSums targets = store.run(repeated(new TargetPass(0.018, 400), again));
    all.add(download(device, targets.gram()));
    all.add(
        new double[] {
          targets.zeros(),
          targets.positive(),
          targets.sum(),
          targets.degrees(),
          targets.squares(),
          targets.largest(),
          targets.largestRow(),
          targets.smallestRow()
        });
    all.add(Arrays.stream(targets.heavy().numbers()).asDoubleStream().toArray());
    all.add(targets.heavy().keys());
    RowTargets moved = new RowTargets(Double.NaN, false, 1e-3);
    TargetWeights u =
        new TargetWeights(inverseR, moved, new long[] {0, 63, 499}, new double[] {1, 2, 3});
    WeightSums weights = store.run(repeated(new WeightsPass(u), again));
    all.add(download(device, weights.gram()));
    all.add(new double[] {weights.growth(), weights.shrinkage()});
    TargetErrorPass.Errors errors =
        store.run(repeated(new TargetErrorPass(new WeightedScores(u, inverseR), moved), again));
    all.add(new double[] {errors.given(), errors.shifted()});
    SubspaceSums subspaces =
        store.run(repeated(new SubspacePass(new double[][] {unit(1), unit(3)}, u, 9, 5), again));
    all.add(subspaces.held());
    all.add(Arrays.stream(subspaces.count()).asDoubleStream().toArray());
    all.add(Arrays.stream(subspaces.outside().numbers()).asDoubleStream().toArray());
    all.add(subspaces.outside().keys());
    all.add(Arrays.stream(subspaces.inside().numbers()).asDoubleStream().toArray());
    double[] w = new double[N];
    store.map(
        new RootWeights(u, 2, true),
        (first, count, values) -> System.arraycopy(values, 0, w, (int) first, count));
    all.add(w);
    LocationSums location = store.run(repeated(new LocationPass(inverseR), again));
    all.add(download(device, location.gram()));
    double[] sum = new double[D];
    device.download(location.sum(), sum);
    all.add(sum);
    all.add(new double[] {location.count()});
    double[] r = new double[N];
    store.map(
        new Distances(inverseR, 3),
        (first, count, values) -> System.arraycopy(values, 0, r, (int) first, count));
    all.add(r);
  }

  /** What the tests of rank and range ask. */
  private void addRangeAnswers(RowStore store, boolean again, List<double[]> all) {
    double[] norms = store.run(repeated(new NormsPass(D), again));
    all.add(norms);
    try (Workspace space = new Workspace(store.device())) {
      Matrix G = space.matrix(D, D);
      for (boolean original : new boolean[] {true, false}) {
        Matrix R = store.run(repeated(new FactorPass(new UnitRows(norms), original), again));
        store.device().multiply(R, true, R, false, G); // R is unique up to signs
        all.add(download(store.device(), G));
      }
    }
    for (RowMap weights : List.of(new UnitRows(null), new TermWeights(x, 1e-3))) {
      ResidualSums rest = store.run(repeated(new ResidualPass(before, weights), again));
      double[] g = new double[D];
      store.device().download(rest.gradient(), g);
      all.add(g);
      all.add(new double[] {rest.norm(), rest.backwardError(), rest.largestTerms()});
    }
  }

  private static double[] unit(int j) {
    double[] e = new double[D];
    e[j] = 1;
    return e;
  }

  /** What a verification asks. */
  private void addVerification(
      RowStore store, double[] inverseR, boolean again, List<double[]> all) {
    Device device = store.device();
    var factor = store.run(repeated(VerifyFactorPass.gram(x, 2), again));
    all.add(download(device, factor.G()));
    all.add(new double[] {factor.largest()});
    Matrix triangle = store.run(repeated(VerifyFactorPass.triangle(x, 2, inverseR), again)).R();
    try (Workspace space = new Workspace(device)) {
      Matrix G = space.matrix(D, D);
      device.multiply(triangle, true, triangle, false, G); // R is unique up to signs
      all.add(download(device, G));
    }
    var verified =
        store.run(
            repeated(
                new VerifyScoresPass(
                    x,
                    1,
                    inverseR,
                    null,
                    0,
                    true,
                    null,
                    ScoreUncertainty.ROUNDING,
                    SharedRounding.NONE),
                again));
    all.add(verified.gradient());
    all.add(verified.gradientTerms());
    all.add(
        new double[] {
          verified.error().mismatch(),
          verified.error().floor(),
          verified.sum(),
          verified.largest(),
          verified.largestRow(),
          verified.wrongSide(),
          verified.positive(),
          verified.slackError()
        });
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
        .with(Field.SIGN, VectorSource.of("sign", sign))
        .with(Field.OMEGA, VectorSource.of("omega", omega));
  }

  /** A itself. */
  public RowSource source() {
    return source(A);
  }

  /** The point at which passes ask. */
  public double[] x() {
    return x.clone();
  }
}
