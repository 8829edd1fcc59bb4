package org.levinv.cli;

import java.nio.file.Path;
import org.levinv.device.RowSource;
import picocli.CommandLine.Option;

/** The offset of the commands that have slacks. */
final class OffsetArgument {
  @Option(names = "--offset", paramLabel = "b", required = true, description = "b, n values.")
  private Path file;

  Path file() {
    return file;
  }

  /** b, for a matrix that is tall. */
  double[] read(RowSource A) {
    Shapes.checkTall(A);
    return Shapes.rowsVector(file, A);
  }
}
