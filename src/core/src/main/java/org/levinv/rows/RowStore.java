package org.levinv.rows;

import java.util.function.DoubleConsumer;
import org.levinv.VectorSink;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Workspace;
import org.levinv.tall.Meter;
import org.levinv.tall.TallMatrix;

/**
 * All rows of a problem, wherever they are. Runs passes over them; an answer has the same bits
 * whatever holds the rows and however many threads or cards work on them.
 */
public interface RowStore extends AutoCloseable {

  /** n. */
  long rows();

  /** d. */
  int columns();

  /** The device of the sums, where small problems are worked on. */
  Device device();

  /** Rows that every pass reads again; 0 where all are in memory. */
  long passingRows();

  /** What a user should know of where the rows are, such as a card that was lost; or null. */
  default String note() {
    return null;
  }

  /**
   * Asked before each leaf of a reading, by several threads at once: what it throws ends the
   * reading, and the store remains usable.
   */
  void setCheck(Runnable check);

  /**
   * Hears before each leaf of a reading how much of it is done, 0 to 1; by several threads at once.
   * Devices that share the rows each tell of their part.
   */
  default void setListener(DoubleConsumer share) {}

  /** Whether the rows have this field. */
  boolean has(Field field);

  /**
   * Reads all rows once.
   *
   * @throws org.levinv.InvalidInputException if a row cannot be read, or is not what it was
   */
  <T> T run(Pass<T> pass);

  /**
   * Some rows in the coordinates of the store, bit for bit as passes see them, as a small matrix of
   * the {@link #device}; its work counts with that of this store.
   */
  TallMatrix gather(long[] numbers, Workspace space);

  /** The lengths of some rows as they were read. */
  double[] lengths(long[] numbers);

  /**
   * Reads all rows once and gives a sink one number for each, leaf by leaf in any order, by several
   * threads at once.
   *
   * @throws org.levinv.VectorSinkException if the sink cannot keep them
   */
  void map(RowMap map, VectorSink to);

  /**
   * Bytes that a second copy of rows may take, for methods that need all of them in one memory;
   * never more than what this store may use and does not.
   */
  long room();

  /** A field of some rows. */
  double[] gather(Field field, long[] numbers);

  /**
   * From now on rows come in these units, and in coordinates of their own. What is in memory
   * changes its unit there, which rounds nothing and needs no reading.
   */
  void setUnits(Units units);

  /** Those in which rows come. */
  Units units();

  /**
   * From now on blocks hold a_i M where they held a_i. Changes are made one after the other, never
   * by the product of their matrices: what is well conditioned after each of them stays so, while
   * a_i times the product may cancel.
   *
   * @param triangular M (d x d) is upper triangular with zeros below
   */
  void changeCoordinates(Matrix M, boolean triangular);

  /**
   * From now on the same rows with other targets, in the units in which they were read and in
   * coordinates of their own: what is in memory stays there. Work and readings count from 0.
   *
   * @param rows the same A, and the same fields, of which the target alone may have other numbers
   */
  void restart(ProblemRows rows);

  /** Counts work and readings. */
  Meter counter();

  @Override
  void close();
}
