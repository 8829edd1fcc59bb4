package org.levinv.method.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.model.GramFactor;
import org.levinv.model.HessianPart;
import org.levinv.model.Objective;
import org.levinv.model.Regularizer;
import org.levinv.pass.Draws;
import org.levinv.pass.SlackGram;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.RowList;
import org.levinv.rows.RowStore;
import org.levinv.tall.Meter;

/**
 * An objective whose rows are in a store and are read in passes: what both problems share, the
 * point, its Gram matrix, and the reduction of d x d sums over rows to its coordinates.
 */
public abstract class RowsObjective implements Objective {

  /** Numbers in the d x d sums that are held at once: 8 MiB for each thread and tree level. */
  private static final int MOST_NUMBERS = 1 << 20;

  static final double EPS = Math.ulp(1.0);

  /** Relative error of a score in units of eps, about; a larger one ends the rates earlier. */
  static final double SCORE_ROUNDING = 20;

  final RowStore store;
  final Device device;
  final int d;
  final Regularizer regularizer;
  final Weights weights;
  private final DrawPlan plan;
  private final GramFactor factor;
  private final Matrix work;
  private final Vector point;
  private final double[] x;
  private final double[] inverse;
  private boolean regular;
  private List<long[]> drawn = List.of();

  /**
   * @param plan of the rows that are drawn by their scores at each point; {@link DrawPlan#NONE} for
   *     none
   */
  RowsObjective(
      RowStore store, Weights weights, Regularizer regularizer, DrawPlan plan, Workspace space) {
    this.store = store;
    this.weights = weights;
    this.regularizer = regularizer;
    this.plan = plan;
    device = space.device();
    d = store.columns();
    factor = new GramFactor(d, space);
    work = space.matrix(d, d);
    point = space.vector(d);
    x = new double[d];
    inverse = new double[d * d];
  }

  @Override
  public int columns() {
    return d;
  }

  @Override
  public Meter counter() {
    return store.counter();
  }

  @Override
  public Matrix R() {
    return factor.R();
  }

  @Override
  public Matrix inverseR() {
    return factor.inverseR();
  }

  @Override
  public double look(Vector to, Vector before) {
    device.copy(to, point);
    device.download(to, x);
    // slacks have walls at 0 only where f has a pole there
    SlackGramPass pass =
        before == null || !weights.hasWalls()
            ? SlackGramPass.at(x)
            : SlackGramPass.moved(x, download(before));
    SlackGram gram = store.run(pass.with(weights, 0));
    regular = factor.of(gram.G()); // G = R^T R
    return gram.shrinkage();
  }

  @Override
  public boolean evaluate() {
    if (!regular) {
      return false;
    }
    device.download(factor.inverseR(), inverse);
    drawn = numbers(read(plan.next()));
    return Double.isFinite(value());
  }

  /** Reads all rows at the point for F and f. Returns the rows that were drawn. */
  abstract List<RowList> read(List<Draws> draws);

  /** Draws rows by their scores at the point: by another reading, nothing else. */
  abstract List<RowList> readForDraws(List<Draws> draws);

  /**
   * The numbers of the rows of the plan's draws at this point; those of {@link #evaluate} at first,
   * then others, by one reading each time.
   */
  final List<long[]> draws() {
    List<long[]> numbers = drawn.isEmpty() ? numbers(readForDraws(plan.next())) : drawn;
    drawn = List.of();
    return numbers;
  }

  private static List<long[]> numbers(List<RowList> lists) {
    return lists.stream().map(RowList::numbers).toList();
  }

  /** c of the plan: a row with the score sigma_i is drawn with probability min(1, c sigma_i). */
  final double rate() {
    return plan.rate();
  }

  @Override
  public final double[][] hessianTimes(Set<HessianPart> parts, double[][] vectors) {
    int atOnce = Math.max(1, Math.min(vectors.length, MOST_NUMBERS / (d * d)));
    List<double[]> images = new ArrayList<>();
    for (int from = 0; from < vectors.length; from += atOnce) { // three or four readings each
      double[][] some = Arrays.copyOfRange(vectors, from, Math.min(from + atOnce, vectors.length));
      boolean rows = parts.contains(HessianPart.GAUSS_NEWTON) || isCurved(parts);
      double[][] products = rows ? rowProducts(parts, some) : new double[some.length][d];
      if (parts.contains(HessianPart.REGULARIZER)) {
        addRegularizer(some, products);
      }
      images.addAll(Arrays.asList(products));
    }
    return images.toArray(double[][]::new);
  }

  static boolean isCurved(Set<HessianPart> parts) {
    return parts.contains(HessianPart.CURVATURE);
  }

  /** The same without the regulariser, for as many vectors as are done at once. */
  abstract double[][] rowProducts(Set<HessianPart> parts, double[][] vectors);

  private void addRegularizer(double[][] vectors, double[][] products) {
    try (Workspace own = new Workspace(device)) {
      Vector v = own.vector(d);
      Vector image = own.vector(d);
      for (int k = 0; k < vectors.length && !regularizer.isNone(); k++) {
        device.upload(vectors[k], v);
        device.upload(products[k], image);
        regularizer.addTimes(v, image);
        device.download(image, products[k]);
      }
    }
  }

  /** The point, d entries on the host; not to be written to. */
  final double[] x() {
    return x;
  }

  /** The point on the device; not to be written to. */
  final Vector point() {
    return point;
  }

  /** R^-1 on the host, row by row; not to be written to. */
  final double[] hostInverse() {
    return inverse;
  }

  /** to = R^-T C R^-1, for C = A^T diag(w^2 o u) A: then P diag(u) P = V to V^T, V = W A R^-1. */
  final void reduce(Matrix C, Matrix to) {
    device.multiply(C, false, factor.inverseR(), false, work);
    device.multiply(factor.inverseR(), true, work, false, to);
  }

  /** M = R^-1 M R^-T. */
  final void expand(Matrix M) {
    device.multiply(M, false, factor.inverseR(), true, work);
    device.multiply(factor.inverseR(), false, work, false, M);
  }

  final double[] download(Vector v) {
    double[] values = new double[(int) v.length()];
    device.download(v, values);
    return values;
  }

  final double[][] download(List<Vector> vectors) {
    return vectors.stream().map(this::download).toArray(double[][]::new);
  }

  /** Row by row. */
  final double[] download(Matrix M) {
    double[] values = new double[M.rows() * M.columns()];
    device.download(M, values);
    return values;
  }
}
