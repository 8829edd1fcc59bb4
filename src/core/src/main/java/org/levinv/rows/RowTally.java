package org.levinv.rows;

import java.io.Serializable;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/**
 * What is found of rows as they were read, one by one; the same whatever their order, so that
 * several may each count some of them.
 *
 * @param <T> itself
 */
public interface RowTally<T extends RowTally<T>> extends Serializable {

  /** Another one for the same question, of no row yet. */
  T empty();

  /** Bytes that it takes, about. */
  long bytes();

  /** Counts the row of d entries from entry {@code at} on, which are finite. */
  void add(double[] rows, int at);

  /** Counts what another one has counted. */
  void addAll(T other);

  /** Asks all rows of a matrix. */
  interface Teller {
    /**
     * @return what a tally finds of them
     * @throws InvalidInputException if an entry is not finite
     */
    <T extends RowTally<T>> T tally(RowSource A, T question);
  }

  /** Counts rows {@code start} to before {@code end} of a matrix. */
  static void add(RowSource A, long start, long end, RowTally<?> to) {
    int d = A.columns();
    int most = (int) Math.max(1, Math.min(end - start, (1 << 16) / d)); // 512 KiB
    double[] rows = new double[Math.multiplyExact(most, d)];
    for (long first = start; first < end; first += most) {
      int count = (int) Math.min(most, end - first);
      A.readShared(first, count, rows);
      for (int k = 0; k < count * d; k++) {
        if (!Double.isFinite(rows[k])) {
          throw new InvalidInputException(
              A.name()
                  + ", row "
                  + (first + k / d)
                  + ", column "
                  + k % d
                  + ": expected a finite number, got "
                  + rows[k]);
        }
      }
      for (int i = 0; i < count; i++) {
        to.add(rows, i * d);
      }
    }
  }
}
