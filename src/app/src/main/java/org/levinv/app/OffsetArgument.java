package org.levinv.app;

import java.nio.file.Path;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;
import picocli.CommandLine.Option;

/** The offset of the commands that have slacks. */
final class OffsetArgument {
  @Option(names = "--offset", paramLabel = "b", required = true, description = "b, n values.")
  private Path file;

  Path file() {
    return file;
  }

  /** b, to be closed, for a matrix that is tall. */
  VectorSource open(RowSource A, StatusLine line) {
    Shapes.checkTall(A);
    return Shapes.openRows(file, A, line);
  }
}
