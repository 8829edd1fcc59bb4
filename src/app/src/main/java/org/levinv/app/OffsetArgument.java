package org.levinv.app;

import java.nio.file.Path;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import picocli.CommandLine.Option;

/** The offset of the commands that have slacks. */
final class OffsetArgument {
  @Option(names = "--offset", paramLabel = "b", required = true, description = "b, n values.")
  private Path file;

  /** b, for a matrix that is tall. */
  double[] read(RowSource A) {
    Shapes.checkTall(A);
    double[] b = Inputs.vector(file);
    Shapes.checkRows(file, b, A);
    return b;
  }
}
