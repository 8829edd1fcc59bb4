package org.levinv.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.VectorSinkException;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Precision;
import org.levinv.device.RowSource;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.HessianPart;
import org.levinv.pass.BarrierHessianPass;
import org.levinv.pass.BarrierPass;
import org.levinv.pass.Draws;
import org.levinv.pass.FactorPass;
import org.levinv.pass.FieldGramPass;
import org.levinv.pass.GradientPass;
import org.levinv.pass.HessianPass;
import org.levinv.pass.NormsPass;
import org.levinv.pass.ResidualPass;
import org.levinv.pass.ResidualSums;
import org.levinv.pass.RootWeights;
import org.levinv.pass.RowTargets;
import org.levinv.pass.ScoreChangePass;
import org.levinv.pass.ScorePass;
import org.levinv.pass.ScoreSums;
import org.levinv.pass.SignRule;
import org.levinv.pass.SlackGram;
import org.levinv.pass.SlackGramPass;
import org.levinv.pass.StartPass;
import org.levinv.pass.StartSums;
import org.levinv.pass.SubspacePass;
import org.levinv.pass.SubspaceSums;
import org.levinv.pass.TangentGramPass;
import org.levinv.pass.TargetErrorPass;
import org.levinv.pass.TargetPass;
import org.levinv.pass.TargetSums;
import org.levinv.pass.TargetWeights;
import org.levinv.pass.TermWeights;
import org.levinv.pass.UncoupledPass;
import org.levinv.pass.UnitRows;
import org.levinv.pass.VerifyFactorPass;
import org.levinv.pass.VerifyScoresPass;
import org.levinv.pass.WeightSums;
import org.levinv.pass.WeightedScores;
import org.levinv.pass.WeightsPass;

/** Every store gives the same bits as every other, and to rounding those of the reference. */
class StoreContractTest {
  private static final int N = 500;
  private static final int D = 5;
  private final double[][] A = new double[N][D];
  private final double[] b = new double[N];
  private final double[] target = new double[N];
  private final double[] sign = new double[N];
  private final double[] x = new double[D];
  private final double[] before = new double[D];
  private final ProblemRows rows;

  StoreContractTest() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < N; i++) {
      Arrays.setAll(A[i], j -> random.nextDouble(-1, 1));
      if (i % 50 == 7) { // a line, and a plane
        Arrays.fill(A[i], 0);
        A[i][1] = 1;
        A[i][3] = i % 100 == 7 ? 0 : 2;
      }
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
            .with(Field.SIGN, VectorSource.of("sign", sign))
            .with(Field.OMEGA, VectorSource.of("omega", omegas()));
  }

  private static double[] omegas() {
    double[] omega = new double[N];
    Arrays.setAll(omega, i -> 0.1 * (i % 4));
    return omega;
  }

  private static RowSource source(double[][] A) {
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
      public void read(long first, int count, double[] into) {
        for (int i = 0; i < count; i++) {
          System.arraycopy(A[(int) first + i], 0, into, i * A[0].length, A[0].length);
        }
      }
    };
  }

  /** All that the passes answer, as numbers. */
  private double[] answers(RowStore store, boolean again) {
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
    addWeightAnswers(store, inverseR, again, all);
    addRangeAnswers(store, again, all);
    addVerification(store, inverseR, again, all);
    addOfLocalMethods(store, again, inverseR, N2, all);
    return all.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  /** What the local methods ask: the start, regulariser, both Hessians with two directions. */
  private void addOfLocalMethods(
      RowStore store, boolean again, double[] inverseR, double[] N2, List<double[]> all) {
    Device device = store.device();
    StartSums start = store.run(repeated(new StartPass(x, SignRule.FIELD), again));
    all.add(download(device, start.G()));
    all.add(new double[] {start.positive(), start.negative(), start.noSlack(), start.wrongSide()});
    all.add(download(device, store.run(repeated(new FieldGramPass(Field.OMEGA), again))));
    all.add(download(device, store.run(repeated(new FieldGramPass(null), again))));
    all.add(download(device, store.run(repeated(new UncoupledPass(x, inverseR, 0.1), again))));
    double[][] v = {before, x};
    double[][] forms = {N2, inverseR.clone()};
    for (int i = 0; i < D; i++) {
      for (int j = 0; j < i; j++) {
        forms[1][i * D + j] = forms[1][j * D + i]; // a symmetric one
      }
    }
    for (Matrix C : store.run(repeated(new TangentGramPass(x, v, before), again))) {
      all.add(download(device, C));
    }
    Set<HessianPart> parts = HessianPart.ALL;
    for (Matrix C : store.run(repeated(new ScoreChangePass(x, inverseR, v, forms, parts), again))) {
      all.add(download(device, C));
    }
    for (Vector Hv :
        store.run(repeated(new HessianPass(x, inverseR, N2, v, forms, forms, parts), again))) {
      all.add(download(device, Hv));
    }
    List<Draws> draws = List.of(new Draws(4, 2, N / 20.0), new Draws(4, 3, N / 20.0));
    BarrierPass.Gradient barrier = store.run(repeated(new BarrierPass(x, inverseR, draws), again));
    all.add(download(device, barrier.g()));
    for (RowList drawn : barrier.draws()) {
      all.add(Arrays.stream(drawn.numbers()).asDoubleStream().toArray());
    }
    var curvature = new BarrierHessianPass.Curvature(before, N2, forms);
    var products =
        store.run(repeated(new BarrierHessianPass(x, inverseR, v, forms, curvature, true), again));
    products.barrier().forEach(Bv -> all.add(download(device, Bv)));
    products.curvature().forEach(Cv -> all.add(download(device, Cv)));
    products.diagonals().forEach(M -> all.add(download(device, M)));
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
        store.run(repeated(new VerifyScoresPass(x, 1, inverseR, null, 0, true, null), again));
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
  private static <T> Pass<T> repeated(Pass<T> pass, boolean again) {
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

  private static double[] download(Device device, Vector v) {
    double[] values = new double[(int) v.length()];
    device.download(v, values);
    return values;
  }

  private static double[] download(Device device, Matrix M) {
    double[] values = new double[M.rows() * M.columns()];
    device.download(M, values);
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 4096})
  void sameBitsWhereverRowsAre(int leafRows) {
    Partition partition = new Partition(N, leafRows);
    double[] expected;
    try (Device device = new CpuDevice(1);
        RowStore store = new LeafStore(rows, device, partition, Long.MAX_VALUE)) {
      expected = answers(store, false);
      assertArrayEquals(expected, answers(store, true), "work done again");
    }
    long third = 8L * N * (D + 3) / 3;
    for (int threads : new int[] {1, 2}) {
      for (long memory : new long[] {0, third, Long.MAX_VALUE}) {
        try (Device device = new CpuDevice(threads);
            RowStore store = new LeafStore(rows, device, partition, memory)) {
          assertArrayEquals(
              expected, answers(store, false), threads + " threads, memory " + memory);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 4096})
  void cpuAgreesWithTheReference(int leafRows) {
    Partition partition = new Partition(N, leafRows);
    try (Device cpu = new CpuDevice(2);
        Device reference = new ReferenceDevice();
        RowStore one = new LeafStore(rows, cpu, partition, 0);
        RowStore other = new LeafStore(rows, reference, new Partition(N, N), Long.MAX_VALUE)) {
      double[] expected = answers(other, false);
      double[] found = answers(one, false);
      assertEquals(expected.length, found.length);
      for (int k = 0; k < found.length; k++) { // some 1e3 roundings of sums of 500 terms
        assertEquals(expected[k], found[k], 1e-11 * Math.max(1, Math.abs(expected[k])), "" + k);
      }
    }
  }

  @Test
  void coordinatesGiveTheSameBitsKeptOrNot() {
    Partition partition = new Partition(N, 64);
    double[] M = new double[D * D];
    for (int i = 0; i < D; i++) {
      for (int j = i; j < D; j++) {
        M[i * D + j] = i == j ? 1 + 0.1 * i : 0.05 * (i - j);
      }
    }
    double[][] found = new double[3][];
    long[] memories = {0, 8L * N * (D + 3) + 40_000, Long.MAX_VALUE};
    for (int k = 0; k < 3; k++) {
      try (Device device = new CpuDevice(2);
          RowStore store = new LeafStore(rows, device, partition, memories[k]);
          Workspace space = new Workspace(device)) {
        Matrix moved = space.matrix(D, D);
        device.upload(M, moved);
        store.run(SlackGramPass.at(x));
        store.changeCoordinates(moved, true);
        store.run(SlackGramPass.at(x));
        store.changeCoordinates(moved, false);
        found[k] = answers(store, false);
        long[] few = {0, 63, 64, 499};
        double[] sample = new double[few.length * D];
        var rows = store.gather(few, space);
        assertEquals(few.length, rows.rows());
        assertArrayEquals(
            new double[] {target[0], target[63], target[64], target[499]},
            store.gather(Field.TARGET, few));
      }
    }
    assertArrayEquals(found[0], found[1]);
    assertArrayEquals(found[0], found[2]);
  }

  @Test
  void aSinkThatFailsIsSaidToHaveFailed() {
    try (Device device = new CpuDevice(2);
        RowStore store = new LeafStore(rows, device, new Partition(N, 64), 0)) {
      VectorSinkException e =
          assertThrows(
              VectorSinkException.class,
              () ->
                  store.map(
                      new UnitRows(null),
                      (first, count, values) -> {
                        if (first == 128) {
                          throw new IOException("no space left");
                        }
                      }));
      assertEquals("entries 128 to 191 cannot be kept: no space left", e.getMessage());
      store.map(new UnitRows(null), (first, count, values) -> {}); // the store is still usable
    }
  }

  /**
   * A row of length 1e250 is read in another unit; its weight is for the row as the user has it.
   */
  @Test
  void weightsAreThoseOfTheUsersRows() {
    double[][] few = Arrays.stream(A).limit(9).map(double[]::clone).toArray(double[][]::new);
    for (int j = 0; j < D; j++) {
      few[4][j] *= 1e250;
    }
    try (Device device = new CpuDevice(1);
        RowStore store = LeafStore.resident(ProblemRows.of(source(few)), device)) {
      double[] identity = new double[D * D];
      for (int j = 0; j < D; j++) {
        identity[j * D + j] = 1;
      }
      TargetWeights u =
          new TargetWeights(identity, new RowTargets(0.25, false, 0), new long[0], new double[0]);
      for (boolean ofUser : new boolean[] {true, false}) {
        double[] w = new double[9];
        store.map(
            new RootWeights(u, 1, ofUser),
            (first, count, values) -> System.arraycopy(values, 0, w, (int) first, count));
        for (int i = 0; i < 9; i++) {
          double length = 0;
          for (int j = 0; j < D; j++) {
            length = Math.hypot(length, few[i][j]);
          }
          double score = w[i] * length; // a few roundings
          assertEquals(i == 4 && !ofUser, Math.abs(score - 0.5) > 1e-14, "row " + i);
        }
      }
    }
  }

  /** A row in another unit: omega_i a_i.x is what it was. */
  @Test
  void theRegularizerHasNoUnit() {
    double[][] far = new double[N][];
    double[] b2 = b.clone();
    for (int i = 0; i < N; i++) {
      double unit = i == 7 ? 0x1p300 : 1;
      far[i] = Arrays.stream(A[i]).map(a -> a * unit).toArray();
      b2[i] *= unit;
    }
    double[] omega = omegas();
    omega[7] *= 0x1p-300;
    ProblemRows same =
        ProblemRows.of(source(far))
            .with(Field.OFFSET, VectorSource.of("b", b2))
            .with(Field.OMEGA, VectorSource.of("omega", omega));
    double[][] found = new double[2][];
    for (int k = 0; k < 2; k++) {
      try (Device device = new CpuDevice(1);
          RowStore store =
              new LeafStore(k == 0 ? rows : same, device, new Partition(N, 64), Long.MAX_VALUE)) {
        found[k] = download(device, store.run(new FieldGramPass(Field.OMEGA)));
      }
    }
    assertArrayEquals(found[0], found[1], 1e-12); // a few roundings of sums of 500 terms
  }

  @Test
  void readingsAreCounted() {
    try (Device device = new CpuDevice(1);
        RowStore store = new LeafStore(rows, device, new Partition(N, 64), Long.MAX_VALUE)) {
      store.run(SlackGramPass.at(x));
      store.run(SlackGramPass.at(x));
      assertEquals(2, store.counter().passes(), 1e-12);
      double unit = (double) N * D * D;
      assertEquals(2 * N * (D * D + 2.0 * D) / unit, store.counter().work(), 1e-12);
      assertTrue(store.rows() == N && store.columns() == D);
    }
  }
}
