package org.levinv;

import java.util.Arrays;

/** What is known of the signs of Ax - b. */
public final class Signs {

  /** The kinds of knowledge. */
  public enum Kind {
    /** Nothing is said: all positive is tried, then all negative, then unknown. */
    AUTO,
    /** x lies strictly inside {x : Ax > b}. */
    POSITIVE,
    /** x lies strictly inside {x : Ax < b}. */
    NEGATIVE,
    /** Any signs: they are retrieved with x. */
    UNKNOWN,
    /** One sign for each row. */
    GIVEN
  }

  private final Kind kind;
  private final byte[] signs;

  private Signs(Kind kind, byte[] signs) {
    this.kind = kind;
    this.signs = signs;
  }

  public static Signs auto() {
    return new Signs(Kind.AUTO, null);
  }

  public static Signs positive() {
    return new Signs(Kind.POSITIVE, null);
  }

  public static Signs negative() {
    return new Signs(Kind.NEGATIVE, null);
  }

  public static Signs unknown() {
    return new Signs(Kind.UNKNOWN, null);
  }

  /** One nonzero number for each row of A; only its sign counts. */
  public static Signs given(double[] values) {
    byte[] signs = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] > 0 || values[i] < 0)) {
        throw new InvalidInputException(
            "signs, row " + i + ": expected a positive or a negative number, got " + values[i]);
      }
      signs[i] = (byte) (values[i] > 0 ? 1 : -1);
    }
    return new Signs(Kind.GIVEN, signs);
  }

  public Kind kind() {
    return kind;
  }

  /** n values +1 or -1; only where the kind is {@code GIVEN}. */
  public byte[] values() {
    return Arrays.copyOf(signs, signs.length);
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(java.util.Locale.ROOT);
  }
}
