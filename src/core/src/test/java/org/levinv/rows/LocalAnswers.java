package org.levinv.rows;

import static org.levinv.rows.StoreProblem.D;
import static org.levinv.rows.StoreProblem.N;
import static org.levinv.rows.StoreProblem.repeated;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.model.HessianPart;
import org.levinv.pass.BarrierHessianPass;
import org.levinv.pass.BarrierPass;
import org.levinv.pass.Draws;
import org.levinv.pass.FieldGramPass;
import org.levinv.pass.HessianPass;
import org.levinv.pass.ScoreChangePass;
import org.levinv.pass.ScorePass;
import org.levinv.pass.SignRule;
import org.levinv.pass.StartPass;
import org.levinv.pass.StartSums;
import org.levinv.pass.TangentGramPass;
import org.levinv.pass.UncoupledPass;

/** What the local methods ask of all rows: the start, the regulariser, both Hessians. */
final class LocalAnswers {
  private final RowStore store;
  private final Device device;
  private final boolean again;
  private final List<double[]> all;

  private LocalAnswers(RowStore store, boolean again, List<double[]> all) {
    this.store = store;
    device = store.device();
    this.again = again;
    this.all = all;
  }

  /**
   * Adds the answers at x to those of other passes.
   *
   * @param before another point, which serves as a direction
   * @param inverseR R^-1 at x
   * @param N2 a symmetric d x d matrix
   */
  static void add(
      RowStore store,
      boolean again,
      double[] x,
      double[] before,
      double[] inverseR,
      double[] N2,
      List<double[]> all) {
    LocalAnswers answers = new LocalAnswers(store, again, all);
    double[][] forms = {N2, inverseR.clone()};
    for (int i = 0; i < D; i++) {
      for (int j = 0; j < i; j++) {
        forms[1][i * D + j] = forms[1][j * D + i]; // symmetric
      }
    }
    answers.addStart(x, inverseR);
    answers.addHessian(x, before, inverseR, forms);
    answers.addBarrier(x, before, inverseR, forms);
  }

  private <T> T run(Pass<T> pass) {
    return store.run(repeated(pass, again));
  }

  private void addStart(double[] x, double[] inverseR) {
    StartSums start = run(new StartPass(x, SignRule.FIELD));
    add(start.G());
    all.add(new double[] {start.positive(), start.negative(), start.noSlack(), start.wrongSide()});
    add(run(new FieldGramPass(Field.OMEGA)));
    add(run(new FieldGramPass(null)));
    add(run(new UncoupledPass(x, inverseR, 0.1)));
  }

  private void addHessian(double[] x, double[] before, double[] inverseR, double[][] forms) {
    double[][] v = {before, x};
    run(new TangentGramPass(x, v, before)).forEach(this::add);
    for (Set<HessianPart> parts : List.of(HessianPart.ALL, HessianPart.SEMIDEFINITE)) {
      run(new ScoreChangePass(x, inverseR, v, forms, parts)).forEach(this::add);
      run(new HessianPass(x, inverseR, forms[0], v, forms, forms, parts)).forEach(this::add);
    }
    addRows(run(ScorePass.withDraws(x, inverseR, false, draws())).draws());
  }

  private void addBarrier(double[] x, double[] before, double[] inverseR, double[][] forms) {
    BarrierPass.Gradient barrier = run(new BarrierPass(x, inverseR, draws()));
    add(barrier.g());
    addRows(barrier.draws());
    var curvature = new BarrierHessianPass.Curvature(before, forms[0], forms);
    double[][] v = {before, x};
    var products = run(new BarrierHessianPass(x, inverseR, v, forms, curvature, true));
    products.barrier().forEach(this::add);
    products.curvature().forEach(this::add);
    products.diagonals().forEach(this::add);
  }

  private static List<Draws> draws() {
    return List.of(new Draws(4, 2, N / 20.0), new Draws(4, 3, N / 20.0));
  }

  private void addRows(List<RowList> lists) {
    lists.forEach(list -> all.add(Arrays.stream(list.numbers()).asDoubleStream().toArray()));
  }

  private void add(Matrix M) {
    double[] values = new double[M.rows() * M.columns()];
    device.download(M, values);
    all.add(values);
  }

  private void add(Vector v) {
    double[] values = new double[(int) v.length()];
    device.download(v, values);
    all.add(values);
  }
}
