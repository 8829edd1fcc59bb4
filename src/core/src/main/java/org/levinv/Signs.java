package org.levinv;

import java.util.Locale;

/** What is known of the signs of Ax - b. */
public final class Signs {

  /** The kinds of knowledge. */
  public enum Kind {
    /** Nothing is said: all positive is tried, then all negative, then unknown. */
    AUTO,
    /** x lies strictly inside {@code {x : Ax > b}}. */
    POSITIVE,
    /** x lies strictly inside {@code {x : Ax < b}}. */
    NEGATIVE,
    /** Any signs: they are retrieved with x. */
    UNKNOWN,
    /** One sign for each row. */
    GIVEN
  }

  private final Kind kind;
  private final VectorSource values;

  private Signs(Kind kind, VectorSource values) {
    this.kind = kind;
    this.values = values;
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

  /**
   * One nonzero number for each row of A; only its sign counts. Numbers are checked where they are
   * read.
   */
  public static Signs given(VectorSource values) {
    return new Signs(Kind.GIVEN, new SignSource(values));
  }

  /** The same from an array, which is copied and checked here. */
  public static Signs given(double[] values) {
    double[] signs = values.clone();
    SignSource.toSigns("signs", 0, signs, 0, signs.length);
    return given(VectorSource.of("signs", signs));
  }

  public Kind kind() {
    return kind;
  }

  /** n values +1 or -1; null unless the kind is {@code GIVEN}. */
  public VectorSource values() {
    return values;
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** The signs of the entries of another vector. */
  private record SignSource(VectorSource of) implements VectorSource {

    @Override
    public String name() {
      return of.name();
    }

    @Override
    public long length() {
      return of.length();
    }

    @Override
    public void read(long first, int count, double[] into, int at) {
      of.read(first, count, into, at);
      toSigns(name(), first, into, at, count);
    }

    static void toSigns(String name, long first, double[] values, int at, int count) {
      for (int i = at; i < at + count; i++) {
        if (!(values[i] > 0 || values[i] < 0)) {
          throw new InvalidInputException(
              name
                  + ", row "
                  + (first + i - at)
                  + ": expected a positive or a negative number, got "
                  + values[i]);
        }
        values[i] = Math.signum(values[i]);
      }
    }
  }
}
