package org.levinv.files;

import java.io.IOException;

/** One way to store numbers in files; {@link Inputs} has the list. */
@FunctionalInterface
interface Format {

  /**
   * Finds the numbers of an input. What is read in place keeps the input's bytes; what has to be
   * decoded comes in a {@link Spool}.
   *
   * @throws IOException if the input cannot be read
   * @throws org.levinv.InvalidInputException if it is not in this format
   */
  StoredArray open(Input input) throws IOException;
}
