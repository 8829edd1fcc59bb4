package org.levinv.files;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * How a number is stored. Every type is widened to a double; integers beyond 2^53 are rounded, as
 * NumPy's own conversion does it.
 *
 * @param kind what the bits mean
 * @param size bytes of a number
 * @param order of its bytes
 */
record ItemType(Kind kind, int size, ByteOrder order) {

  /** What the bits of a number mean. */
  enum Kind {
    FLOAT,
    SIGNED,
    UNSIGNED
  }

  static final ItemType DOUBLE = new ItemType(Kind.FLOAT, 8, ByteOrder.LITTLE_ENDIAN);

  /**
   * NumPy's name of a type, such as {@code <f4}, or null where it is not one of a real number of at
   * most 64 bits.
   */
  static ItemType ofNumPy(String descr) {
    String plain = descr.length() == 3 ? descr.substring(1) : descr;
    char first = descr.isEmpty() ? '<' : descr.charAt(0);
    if (descr.length() == 3 && "<>|=".indexOf(first) < 0) {
      return null;
    }
    ByteOrder order =
        descr.length() == 3 && first == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return switch (plain) {
      case "f8", "f4", "f2" -> new ItemType(Kind.FLOAT, plain.charAt(1) - '0', order);
      case "i8", "i4", "i2", "i1" -> new ItemType(Kind.SIGNED, plain.charAt(1) - '0', order);
      case "u8", "u4", "u2", "u1", "b1" ->
          new ItemType(Kind.UNSIGNED, plain.charAt(1) - '0', order);
      default -> null;
    };
  }

  /** Whether a single-precision number holds each value of this type. */
  boolean isSingle() {
    return kind == Kind.FLOAT ? size <= 4 : size <= 2;
  }

  /** Widens numbers of a buffer, {@code count} of them from number {@code from} on. */
  void decode(ByteBuffer bytes, int from, int count, double[] into, int at) {
    bytes.rewind().order(order);
    switch (size) {
      case 8 -> decode8(bytes, from, count, into, at);
      case 4 -> decode4(bytes, from, count, into, at);
      case 2 -> decode2(bytes, from, count, into, at);
      default -> decode1(bytes, from, count, into, at);
    }
  }

  private void decode8(ByteBuffer bytes, int from, int count, double[] into, int at) {
    if (kind == Kind.FLOAT) {
      bytes.asDoubleBuffer().get(from, into, at, count);
      return;
    }
    for (int k = 0; k < count; k++) {
      long value = bytes.getLong(8 * (from + k));
      into[at + k] = kind == Kind.UNSIGNED && value < 0 ? unsigned(value) : value;
    }
  }

  private void decode4(ByteBuffer bytes, int from, int count, double[] into, int at) {
    if (kind == Kind.FLOAT) {
      FloatBuffer floats = bytes.asFloatBuffer();
      for (int k = 0; k < count; k++) {
        into[at + k] = floats.get(from + k);
      }
      return;
    }
    for (int k = 0; k < count; k++) {
      int value = bytes.getInt(4 * (from + k));
      into[at + k] = kind == Kind.UNSIGNED ? Integer.toUnsignedLong(value) : value;
    }
  }

  private void decode2(ByteBuffer bytes, int from, int count, double[] into, int at) {
    for (int k = 0; k < count; k++) {
      short value = bytes.getShort(2 * (from + k));
      into[at + k] =
          switch (kind) {
            case FLOAT -> half(value);
            case SIGNED -> value;
            case UNSIGNED -> Short.toUnsignedInt(value);
          };
    }
  }

  private void decode1(ByteBuffer bytes, int from, int count, double[] into, int at) {
    for (int k = 0; k < count; k++) {
      byte value = bytes.get(from + k);
      into[at + k] = kind == Kind.SIGNED ? value : Byte.toUnsignedInt(value);
    }
  }

  /** 2^63 or more, rounded once: the lowest bit stays in what is doubled. */
  private static double unsigned(long value) {
    return 2.0 * (value >>> 1 | value & 1);
  }

  /** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of significand. */
  private static double half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int significand = bits & 0x3ff;
    double magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((double) significand, -24);
          case 0x1f -> significand == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
          default -> Math.scalb((double) (0x400 + significand), exponent - 25);
        };
    return bits < 0 ? -magnitude : magnitude;
  }
}
