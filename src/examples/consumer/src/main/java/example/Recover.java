package example;

import java.nio.file.Path;
import java.util.Arrays;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;

/** Recovers the coefficients of a regression from its scores, on a device that is named. */
public final class Recover {
  private Recover() {}

  /** DEVICE FOLDER, which has A.csv, b.csv and sigma.csv. */
  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[1]);
    try (RowSource A = Inputs.matrix(folder.resolve("A.csv"));
        VectorSource b = Inputs.vectorSource(folder.resolve("b.csv"));
        VectorSource sigma = Inputs.vectorSource(folder.resolve("sigma.csv"));
        Inverter inverter = Inverter.open(arguments[0], 0)) {
      Result result = inverter.invert(new Problem(A, b, sigma), Options.defaults());
      System.out.println(result);
      System.out.println(Arrays.toString(result.x()));
      if (result.status() != Status.CONVERGED) {
        System.exit(1);
      }
    }
  }
}
