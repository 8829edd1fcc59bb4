package org.levinv.app;

import java.nio.file.Path;
import java.util.Map;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.RowSource;
import picocli.CommandLine.Option;

/** The weights of the rows as a function of Ax - b, and the offset, which most may do without. */
final class WeightsArgument {
  @Option(
      names = "--weights",
      paramLabel = "NAME",
      defaultValue = "barrier",
      description =
          "f of the scores of diag(f(Ax - b)) A: barrier (default), 1/(Ax - b); or that of a"
              + " generalised linear model: logistic, probit, cloglog, poisson, gamma,"
              + " inverse-gaussian, cauchy[:SCALE], student:NU[:SCALE].")
  private String name;

  @Option(
      names = "--offset",
      paramLabel = "b",
      description = "b, n values; 0 where it is left out, but for the weights barrier.")
  private Path offset;

  @Option(
      names = "--prior-weights",
      paramLabel = "v",
      description =
          "Prior weights, n numbers above 0: the scores are those of diag(sqrt(v) f(Ax - b)) A, with"
              + " f(s) = 1 / s for the weights barrier.")
  private Path prior;

  /** What is read, by its name; to be added to others. */
  void addTo(Map<String, Path> inputs) {
    if (offset != null) {
      inputs.put("offset", offset);
    }
    if (prior != null) {
      inputs.put("prior-weights", prior);
    }
  }

  /** Whether there is an offset. */
  boolean hasOffset() {
    return offset != null;
  }

  /**
   * f.
   *
   * @throws InvalidInputException if there is no such name
   */
  Weights weights() {
    return Weights.of(name);
  }

  /** Whether the problem is that of plain weights 1 / (A x - b). */
  boolean isPlain() {
    return weights().isBarrier() && prior == null;
  }

  /** Asks for an offset where it must not be 0. */
  void check() {
    if (weights().isBarrier() && offset == null) {
      throw new InvalidInputException(
          "--offset: expected b, n values, for the weights barrier: with b = 0 every multiple of x"
              + " has the same scores");
    }
  }

  /** b, to be closed, for a matrix that is tall. */
  VectorSource open(RowSource A, StatusLine line) {
    Shapes.checkTall(A);
    return offset == null
        ? VectorSource.constant("offset", A.rows(), 0)
        : Shapes.openRows(offset, A, line);
  }

  /** The prior weights, to be closed; null for none. */
  VectorSource openPrior(RowSource A, StatusLine line) {
    return prior == null ? null : Shapes.openRows(prior, A, line);
  }
}
