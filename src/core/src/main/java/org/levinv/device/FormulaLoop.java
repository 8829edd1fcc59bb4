package org.levinv.device;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;

/**
 * A formula applied to a range of entries. Each formula has a copy of the loop to itself, so that
 * the compiler puts the formula into the loop instead of calling it for each entry: several times
 * faster for the short ones.
 */
interface FormulaLoop {

  /** to_i = f(a, x_i, y_i, z_i) for i from {@code from} to before {@code end}. */
  void run(
      Formula.Entry f,
      double a,
      double[] x,
      double[] y,
      double[] z,
      double[] to,
      int from,
      int end);

  /** The loop that is copied. */
  final class Plain implements FormulaLoop {
    @Override
    public void run(
        Formula.Entry f,
        double a,
        double[] x,
        double[] y,
        double[] z,
        double[] to,
        int from,
        int end) {
      for (int i = from; i < end; i++) {
        to[i] = f.apply(a, x[i], y[i], z[i]);
      }
    }
  }

  /** A loop of its own. */
  static FormulaLoop copy() {
    try (InputStream code = Plain.class.getResourceAsStream("FormulaLoop$Plain.class")) {
      return (FormulaLoop)
          MethodHandles.lookup()
              .defineHiddenClass(code.readAllBytes(), true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("FormulaLoop cannot be copied; this is a bug in levinv", e);
    }
  }
}
