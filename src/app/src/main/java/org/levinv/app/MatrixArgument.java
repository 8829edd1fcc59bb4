package org.levinv.app;

import java.nio.file.Path;
import org.levinv.device.RowSource;
import org.levinv.files.Inputs;
import picocli.CommandLine.Option;

/** The matrix of every command that computes. */
final class MatrixArgument {
  @Option(
      names = "--matrix",
      paramLabel = "A",
      required = true,
      description = "A, n x d with n > d.")
  private Path file;

  Path file() {
    return file;
  }

  /** A, to be closed. */
  RowSource open(StatusLine line) {
    return Inputs.matrix(file, line.doing("reading " + file.getFileName()));
  }
}
