package org.levinv.rows;

import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;

/**
 * A function of the entries of a vector, each of which is looked at as it is read.
 *
 * @param numbers as the user has them
 * @param expected what an entry is, for a message
 * @param holds whether it is
 * @param function of an entry
 */
record CheckedNumbers(
    VectorSource numbers, String expected, DoublePredicate holds, DoubleUnaryOperator function)
    implements VectorSource {

  /** Half the logarithms of prior weights. */
  static VectorSource halfLogs(VectorSource prior) {
    return new CheckedNumbers(prior, "a weight above 0", v -> v > 0, v -> 0.5 * Math.log(v));
  }

  /** Responses of a binary or binomial regression. */
  static VectorSource responses(VectorSource y) {
    return new CheckedNumbers(y, "a response from 0 to 1", v -> v >= 0 && v <= 1, v -> v);
  }

  @Override
  public String name() {
    return numbers.name();
  }

  @Override
  public long length() {
    return numbers.length();
  }

  @Override
  public void read(long first, int count, double[] into, int at) {
    numbers.read(first, count, into, at);
    for (int i = 0; i < count; i++) {
      double value = into[at + i];
      if (!holds.test(value)) {
        throw new InvalidInputException(
            name() + ", row " + (first + i) + ": expected " + expected + ", got " + value);
      }
      into[at + i] = function.applyAsDouble(value);
    }
  }
}
