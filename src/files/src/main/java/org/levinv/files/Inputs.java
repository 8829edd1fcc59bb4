package org.levinv.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/** Opens matrices and vectors; the extension of the file's name says how they are stored. */
public final class Inputs {
  private Inputs() {}

  /** A matrix of finite numbers; a number that is not finite is reported when its row is read. */
  public static RowSource matrix(Path file) {
    return switch (format(file)) {
      case NPY -> Npy.matrix(file);
      case CSV -> Csv.matrix(file);
    };
  }

  /** A vector of finite numbers. */
  public static double[] vector(Path file) {
    return switch (format(file)) {
      case NPY -> Npy.vector(file);
      case CSV -> Csv.vector(file);
    };
  }

  private enum Format {
    NPY,
    CSV
  }

  private static Format format(Path file) {
    checkFile(file);
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".npy")) {
      return Format.NPY;
    }
    if (name.endsWith(".csv")) {
      return Format.CSV;
    }
    throw new InvalidInputException(file + ": expected a name that ends in .npy or .csv");
  }

  private static void checkFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new InvalidInputException(file + ": expected a file, got a directory");
    }
    try {
      // Sizes are compared with headers and matrices are read again: a pipe offers neither.
      long size = Files.size(file);
      if (!Files.isRegularFile(file)) {
        throw new InvalidInputException(file + ": expected a regular file");
      }
      if (size == 0) {
        throw new InvalidInputException(file + ": expected numbers, got an empty file");
      }
    } catch (IOException e) {
      throw new InvalidInputException(file + ": " + Reason.of(e), e);
    }
  }
}
