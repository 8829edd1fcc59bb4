package org.levinv.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.PlantedModel;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.Weights;

/**
 * Planted generalised linear models: what {@code ci/glm} runs. Each family for several shapes, with
 * and without an offset: how many coefficients are recovered, up to what scores cannot tell, and
 * the work. Fails where a converged answer is not the planted one, or where fewer are recovered
 * than is due.
 *
 * <p>Arguments: seeds=5 small=false reach=4; reach is the largest |eta|.
 */
public final class ModelTable {
  private static final List<String> FAMILIES =
      List.of(
          "logistic", "probit", "cloglog", "cauchy", "student:4", "poisson", "inverse-gaussian");

  private static final int[] COLUMNS = {2, 5, 20, 40, 60, 200};
  private static final int[] RATIOS = {3, 4, 6, 10, 20, 100, 500, 1000};
  private static final int[] FEW_COLUMNS = {2, 5, 20, 60};
  private static final int[] FEW_RATIOS = {3, 4, 6, 20, 1000};

  /** Multiplications, n d^2, of the largest problem. */
  private static final double LARGEST = 1e8;

  private static final double RECOVERED = 1e-6;

  /** Recovered at least of n >= 4 d; of cloglog, whose two branches are harder, this much. */
  private static final double DUE = 0.98;

  private ModelTable() {}

  public static void main(String[] args) {
    int seeds = argument(args, "seeds", 5);
    boolean small = Arrays.asList(args).contains("small=true");
    int reach = argument(args, "reach", 4);
    int due = 0;
    int found = 0;
    int wrong = 0;
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      for (String family : FAMILIES) {
        for (int d : small ? FEW_COLUMNS : COLUMNS) {
          for (int ratio : small ? FEW_RATIOS : RATIOS) {
            double size = (double) ratio * d * d * d;
            if (size > (small ? 1e6 : LARGEST) || ratio * d < d + 2) {
              continue;
            }
            Cell cell = cell(inverter, Weights.of(family), ratio * d, d, reach, seeds);
            System.out.printf(
                Locale.ROOT,
                "%-17s d = %3d, n = %4d d: %2d of %2d, median %.0f evaluations, wrong %d%n",
                family,
                d,
                ratio,
                cell.found,
                cell.count,
                cell.evaluations,
                cell.wrong);
            wrong += cell.wrong;
            due += ratio >= 4 ? cell.count : 0;
            found += ratio >= 4 ? cell.found : 0;
          }
        }
      }
    }
    System.out.printf(Locale.ROOT, "n >= 4 d: %d of %d; wrong: %d%n", found, due, wrong);
    if (wrong > 0 || found < DUE * due) {
      System.exit(1);
    }
  }

  private static int argument(String[] args, String name, int otherwise) {
    for (String arg : args) {
      if (arg.startsWith(name + "=")) {
        return Integer.parseInt(arg.substring(name.length() + 1));
      }
    }
    return otherwise;
  }

  /** Of one family and shape. */
  private record Cell(int count, int found, int wrong, double evaluations) {}

  private static Cell cell(Inverter inverter, Weights weights, int n, int d, int reach, int seeds) {
    int count = 0;
    int found = 0;
    int wrong = 0;
    List<Double> work = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      for (boolean withOffset : new boolean[] {false, true}) {
        PlantedModel model = PlantedModel.of(weights, n, d, reach, withOffset, seed);
        double[] h = inverter.scores(model.model(weights), model.solution());
        Problem problem = new Problem(model.model(weights), VectorSource.of("scores", h));
        Result result = inverter.invert(problem, Options.defaults());
        double[] x = upToFree(model, result);
        boolean right = model.error(x, result.mirror()) < RECOVERED;
        count++;
        found += right ? 1 : 0;
        wrong += result.status() == Status.CONVERGED && !right ? 1 : 0;
        work.add(result.work() / 2);
      }
    }
    work.sort(null);
    return new Cell(count, found, wrong, work.get(work.size() / 2));
  }

  /** The x nearest to the planted one of the family that the result names, or its x. */
  private static double[] upToFree(PlantedModel model, Result result) {
    double[] free = result.freeDirection();
    double[] x = result.x().clone();
    if (free == null) {
      return x;
    }
    double[] base = model.predictor(new double[x.length]); // -b
    double[] along = model.predictor(free);
    double[] there = model.predictor(x);
    double[] exact = model.predictor(model.solution());
    double product = 0;
    double square = 0;
    for (int i = 0; i < along.length; i++) {
      along[i] -= base[i];
      product += along[i] * (exact[i] - there[i]);
      square += along[i] * along[i];
    }
    for (int j = 0; j < x.length; j++) {
      x[j] += product / square * free[j];
    }
    return x;
  }
}
