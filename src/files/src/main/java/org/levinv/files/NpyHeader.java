package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.levinv.InvalidInputException;

/**
 * What a .npy file says of its numbers, checked against the size of the file.
 *
 * @param name the file, for messages
 * @param dataOffset where the numbers begin, from the start of the file
 * @param type of a number
 * @param fortranOrder columns one after the other, not rows
 * @param shape nonnegative extents
 */
record NpyHeader(
    String name, long dataOffset, ItemType type, boolean fortranOrder, List<Long> shape) {

  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_LENGTH = 1 << 16;

  /**
   * Reads the header of a file that may lie within another one.
   *
   * @param base where the .npy file begins
   * @param size its bytes
   */
  static NpyHeader read(String name, Bytes bytes, long base, long size) throws IOException {
    Start start = new Start(name, bytes, base, size);
    int major = start.version();
    int begin = major == 1 ? 10 : 12;
    long length = start.headerLength(major);
    if (length > MAX_LENGTH) {
      throw new InvalidInputException(
          name + ", byte 8: expected a header of at most " + MAX_LENGTH + " bytes, got " + length);
    }
    byte[] header = start.bytes(begin, (int) length);
    String text =
        new String(header, major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    NpyHeader read = of(name, begin + length, PythonDict.parse(name, text, begin));
    read.checkSize(size);
    return read;
  }

  /** The bytes before the numbers. */
  private record Start(String name, Bytes content, long base, long size) {

    int version() throws IOException {
      byte[] start = bytes(0, (int) Math.min(size, 8));
      for (int i = 0; i < MAGIC.length; i++) {
        if (i >= start.length || start[i] != MAGIC[i]) {
          throw new InvalidInputException(
              name
                  + ", byte "
                  + i
                  + ": expected the start of a .npy file (\\x93NUMPY), got "
                  + (i >= start.length ? "the end of the file" : "other content"));
        }
      }
      if (start.length < 8) {
        throw truncated(name, 6, 2, start.length - 6);
      }
      int major = start[6] & 0xff;
      int minor = start[7] & 0xff;
      if (major < 1 || major > 3 || minor != 0) {
        throw new InvalidInputException(
            name + ", byte 6: expected format version 1.0, 2.0 or 3.0, got " + major + "." + minor);
      }
      return major;
    }

    long headerLength(int major) throws IOException {
      ByteBuffer length =
          ByteBuffer.wrap(bytes(8, major == 1 ? 2 : 4)).order(ByteOrder.LITTLE_ENDIAN);
      return major == 1 ? length.getShort() & 0xffff : length.getInt() & 0xffffffffL;
    }

    byte[] bytes(int position, int count) throws IOException {
      if (size - position < count) {
        throw truncated(name, position, count, (int) Math.max(0, size - position));
      }
      ByteBuffer buffer = ByteBuffer.allocate(count);
      content.read(base + position, buffer);
      return buffer.array();
    }
  }

  private static InvalidInputException truncated(String name, int at, int expected, int got) {
    return new InvalidInputException(
        name
            + ", byte "
            + at
            + ": expected "
            + expected
            + " bytes of the header, got "
            + got
            + ": the file is truncated");
  }

  private static NpyHeader of(String name, long dataOffset, Map<String, Object> entries) {
    if (!entries.keySet().equals(Set.of("descr", "fortran_order", "shape"))) {
      throw new InvalidInputException(
          name
              + ", header: expected the keys descr, fortran_order and shape, got "
              + Quoted.of(String.join(", ", entries.keySet())));
    }
    if (!(entries.get("fortran_order") instanceof Boolean fortranOrder)) {
      throw new InvalidInputException(
          name
              + ", header: expected True or False for fortran_order, got "
              + Quoted.of(entries.get("fortran_order").toString()));
    }
    return new NpyHeader(
        name,
        dataOffset,
        type(name, entries.get("descr")),
        fortranOrder,
        shape(name, entries.get("shape")));
  }

  private static ItemType type(String name, Object descr) {
    ItemType type = ItemType.ofNumPy(descr.toString());
    if (type == null) {
      throw new InvalidInputException(
          name
              + ", header: expected real numbers of at most 64 bits, got type '"
              + Quoted.of(descr.toString())
              + "'; numpy.save(file, array.astype('f8')) writes such");
    }
    return type;
  }

  private static List<Long> shape(String name, Object value) {
    if (!(value instanceof List<?> tuple)) {
      throw new InvalidInputException(
          name + ", header: expected a tuple as shape, got " + Quoted.of(value.toString()));
    }
    List<Long> shape = tuple.stream().map(Long.class::cast).toList();
    if (shape.stream().anyMatch(extent -> extent < 0)) {
      throw new InvalidInputException(
          name + ", header: expected a shape without negative numbers, got " + shown(shape));
    }
    return shape;
  }

  private void checkSize(long size) {
    long expected = dataOffset;
    try {
      long bytes = type.size();
      for (long extent : shape) {
        bytes = Math.multiplyExact(bytes, extent);
      }
      expected = Math.addExact(expected, bytes);
    } catch (ArithmeticException e) {
      throw new InvalidInputException(
          name + ", header: expected a shape that a file can hold, got " + shown(shape), e);
    }
    if (size != expected) {
      throw new InvalidInputException(
          name
              + ": expected "
              + expected
              + " bytes for shape "
              + shown(shape)
              + ", got "
              + size
              + (size < expected
                  ? ": the file is truncated"
                  : ": the file has data after its end"));
    }
  }

  private static String shown(List<Long> shape) {
    return Quoted.of(StoredArray.tuple(shape));
  }
}
