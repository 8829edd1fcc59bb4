package org.levinv.app;

import java.nio.file.Path;
import org.levinv.VectorSource;
import org.levinv.files.Inputs;

/** Vectors of n numbers in files. */
final class Vectors {
  private Vectors() {}

  /** A vector, to be closed, that messages call by its file. */
  static VectorSource open(Path file) {
    return VectorSource.of(file.toString(), Inputs.vector(file));
  }
}
