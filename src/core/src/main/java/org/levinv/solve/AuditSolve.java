package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import org.levinv.Audit;
import org.levinv.InvalidInputException;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.method.leastsquares.PrintedScores;
import org.levinv.method.leastsquares.RoundedFit;
import org.levinv.pass.Profile;
import org.levinv.pass.SurveyPass;
import org.levinv.rows.Field;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.Stores;
import org.levinv.rows.Units;

/** What publishing the scores of a model at x gives away. */
public final class AuditSolve {

  /** Decimals that are looked at. */
  private static final int LEAST = 2;

  private static final int MOST = 8;

  /** Rows for each column from which on signs that are not known are found. */
  private static final double ENOUGH_ROWS = 3;

  private AuditSolve() {}

  /**
   * For 2 to 8 decimals.
   *
   * @param x d entries
   * @throws InvalidInputException if the input cannot be used, or is too large for the heap
   */
  public static Audit of(List<Device> devices, Model model, double[] x, Options options) {
    if (!RoundedFit.isPossible(model.A().rows(), model.A().columns())) {
      throw new InvalidInputException(
          model.A().name()
              + ": expected no more numbers than "
              + (long) RoundedFit.MOST_ENTRIES
              + " for an audit, whose Jacobian is as large, got "
              + model.A().rows()
              + " x "
              + model.A().columns());
    }
    int n = Math.toIntExact(model.A().rows());
    double[] eta = new double[n];
    double[] scores = new double[n];
    ScoresAt.of(
        devices,
        model,
        x,
        options,
        model.weights().hasWalls(),
        (first, count, slacks, sigma) -> {
          System.arraycopy(slacks, 0, eta, (int) first, count);
          System.arraycopy(sigma, 0, scores, (int) first, count);
        });
    ProblemRows rows = ProblemRows.of(model).with(Field.TARGET, VectorSource.of("scores", scores));
    try (RowStore store = Stores.open(rows, devices, options.memory())) {
      Profile profile = store.run(new SurveyPass(n, x.length, null));
      Units own = profile.units();
      Units units = model.weights().isBarrier() ? own : new Units(own.columns(), 1);
      store.setUnits(units);
      PrintedScores printed = PrintedScores.at(units.fromUser(x), store, model.weights());
      if (printed == null) {
        throw new InvalidInputException(
            model.A().name()
                + ": expected columns that are independent with the weights at x, got nearly"
                + " dependent ones");
      }
      double size = predictorSize(model, eta);
      List<Audit.Decimals> all = new ArrayList<>();
      for (int digits = LEAST; digits <= MOST; digits++) {
        PrintedScores.Open open = printed.of(digits, options.seed());
        if (open != null) {
          all.add(decimals(digits, open, eta, size, units));
        }
      }
      Weights weights = model.weights();
      return new Audit(
          n,
          x.length,
          weights,
          weights.hasMirror() && profile.largestOffset() == 0,
          all.isEmpty(),
          !weights.leavesSigns() || n >= ENOUGH_ROWS * x.length,
          all);
    }
  }

  /** ||A x||. */
  private static double predictorSize(Model model, double[] eta) {
    double[] b = model.b().toArray();
    double square = 0;
    for (int i = 0; i < b.length; i++) {
      square += (eta[i] + b[i]) * (eta[i] + b[i]);
    }
    return Math.sqrt(square);
  }

  private static Audit.Decimals decimals(
      int digits, PrintedScores.Open open, double[] eta, double size, Units units) {
    double[] xError = RoundedFit.errors(open.errors(), units::toUser);
    double square = 0;
    int told = 0;
    double unit = units.offset();
    for (int i = 0; i < eta.length; i++) {
      double error = open.etaErrors()[i] / unit;
      square += error * error;
      told += Math.abs(eta[i]) > 2 * error ? 1 : 0;
    }
    return new Audit.Decimals(
        digits,
        xError,
        Math.sqrt(square / eta.length),
        Math.sqrt(square) / size,
        (double) told / eta.length,
        open.zeros());
  }
}
