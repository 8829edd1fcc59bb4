package org.levinv.small;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * A sum of doubles without any rounding, in fixed point over their whole range (Ulrich Kulisch,
 * 1971), so that it does not depend on their order.
 */
public final class ExactSum implements Serializable {
  private static final int WORD = 32;

  /** The exponent of the last bit of a double. */
  private static final int LAST_BIT = -1074;

  /** From 2^-1074 to 2^1024, with three words for the carries of 2^63 numbers. */
  private static final int WORDS = (1024 - LAST_BIT) / WORD + 3;

  /** Numbers of less than 2^32 that fit into a long beside what is there; half of them. */
  private static final int MOST = 1 << 29;

  /** Decimals of a quotient: more than a double has, by far. */
  private static final MathContext DECIMALS = new MathContext(40);

  /** Bytes of one. */
  public static final long BYTES = (long) Long.BYTES * WORDS;

  private final long[] words = new long[WORDS];
  private int added;

  /** Adds a finite number. */
  public void add(double value) {
    long bits = Double.doubleToRawLongBits(value);
    int exponent = (int) (bits >>> 52) & 0x7ff;
    long mantissa = bits & 0xfffffffffffffL;
    if (exponent > 0) {
      mantissa |= 1L << 52;
      exponent--; // places above the last bit
    }
    int word = exponent / WORD;
    int shift = exponent % WORD;
    long low = (mantissa & 0xffffffffL) << shift;
    long high = (mantissa >>> WORD) << shift;
    long middle = (low >>> WORD) + (high & 0xffffffffL);
    if (bits < 0) {
      words[word] -= low & 0xffffffffL;
      words[word + 1] -= middle;
      words[word + 2] -= high >>> WORD;
    } else {
      words[word] += low & 0xffffffffL;
      words[word + 1] += middle;
      words[word + 2] += high >>> WORD;
    }
    if (++added == MOST) {
      carry();
    }
  }

  /** Adds what another one has. */
  public void add(ExactSum other) {
    other.carry();
    carry();
    for (int k = 0; k < WORDS; k++) {
      words[k] += other.words[k];
    }
    carry();
  }

  /** All words but the last are then from 0 to before 2^32. */
  private void carry() {
    for (int k = 0; k + 1 < WORDS; k++) {
      words[k + 1] += words[k] >> WORD;
      words[k] &= 0xffffffffL;
    }
    added = 0;
  }

  /** The sum over a number, rounded once. */
  public double over(long count) {
    BigInteger all = BigInteger.ZERO;
    for (int k = WORDS - 1; k >= 0; k--) {
      all = all.shiftLeft(WORD).add(BigInteger.valueOf(words[k]));
    }
    return new BigDecimal(all)
        .multiply(new BigDecimal(Double.MIN_VALUE))
        .divide(BigDecimal.valueOf(count), DECIMALS)
        .doubleValue();
  }
}
