package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.levinv.InvalidInputException;

/**
 * What a .npy file says of its numbers, checked against the size of the file.
 *
 * @param name the file, for messages
 * @param dataOffset where the numbers begin
 * @param itemSize bytes of a number: 8 or 4
 * @param fortranOrder columns one after the other, not rows
 * @param shape nonnegative extents
 */
record NpyHeader(
    String name, long dataOffset, int itemSize, boolean fortranOrder, List<Long> shape) {

  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_LENGTH = 1 << 16;

  static NpyHeader read(String name, FileChannel channel) throws IOException {
    int major = readVersion(name, channel);
    int start = major == 1 ? 10 : 12;
    long length = readLength(name, channel, major);
    if (length > MAX_LENGTH) {
      throw new InvalidInputException(
          name + ", byte 8: expected a header of at most " + MAX_LENGTH + " bytes, got " + length);
    }
    byte[] bytes = readBytes(name, channel, start, (int) length);
    String text =
        new String(bytes, major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    Map<String, Object> entries = PythonDict.parse(name, text, start);
    NpyHeader header = of(name, start + length, entries);
    header.checkSize(channel.size());
    return header;
  }

  private static int readVersion(String name, FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(8);
    readAt(channel, start, 0);
    for (int i = 0; i < MAGIC.length; i++) {
      if (i >= start.limit() || start.get(i) != MAGIC[i]) {
        throw new InvalidInputException(
            name
                + ", byte "
                + i
                + ": expected the start of a .npy file (\\x93NUMPY), got "
                + (i >= start.limit() ? "the end of the file" : "other content"));
      }
    }
    if (start.limit() < 8) {
      throw truncated(name, 6, 2, start.limit() - 6);
    }
    int major = start.get(6) & 0xff;
    int minor = start.get(7) & 0xff;
    if (major < 1 || major > 3 || minor != 0) {
      throw new InvalidInputException(
          name + ", byte 6: expected format version 1.0, 2.0 or 3.0, got " + major + "." + minor);
    }
    return major;
  }

  private static long readLength(String name, FileChannel channel, int major) throws IOException {
    ByteBuffer length =
        ByteBuffer.wrap(readBytes(name, channel, 8, major == 1 ? 2 : 4))
            .order(ByteOrder.LITTLE_ENDIAN);
    return major == 1 ? length.getShort() & 0xffff : length.getInt() & 0xffffffffL;
  }

  private static byte[] readBytes(String name, FileChannel channel, int position, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    readAt(channel, buffer, position);
    if (buffer.limit() < count) {
      throw truncated(name, position, count, buffer.limit());
    }
    return buffer.array();
  }

  /** Fills the buffer, or as much of it as the file has; its limit says how much. */
  private static void readAt(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {}
    buffer.flip();
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
              + String.join(", ", entries.keySet()));
    }
    if (!(entries.get("fortran_order") instanceof Boolean fortranOrder)) {
      throw new InvalidInputException(
          name
              + ", header: expected True or False for fortran_order, got "
              + entries.get("fortran_order"));
    }
    return new NpyHeader(
        name,
        dataOffset,
        itemSize(name, entries.get("descr")),
        fortranOrder,
        shape(name, entries.get("shape")));
  }

  private static int itemSize(String name, Object descr) {
    if ("<f8".equals(descr) || "f8".equals(descr)) {
      return 8;
    }
    if ("<f4".equals(descr) || "f4".equals(descr)) {
      return 4;
    }
    String got =
        descr.toString().startsWith(">") ? "big-endian '" + descr + "'" : "'" + descr + "'";
    throw new InvalidInputException(
        name + ", header: expected numbers of type '<f8' or '<f4', got " + got);
  }

  private static List<Long> shape(String name, Object value) {
    if (!(value instanceof List<?> tuple)) {
      throw new InvalidInputException(name + ", header: expected a tuple as shape, got " + value);
    }
    List<Long> shape = tuple.stream().map(Long.class::cast).toList();
    if (shape.stream().anyMatch(extent -> extent < 0)) {
      throw new InvalidInputException(
          name + ", header: expected a shape without negative numbers, got " + tuple(shape));
    }
    return shape;
  }

  private void checkSize(long size) {
    long expected = dataOffset;
    try {
      long bytes = itemSize;
      for (long extent : shape) {
        bytes = Math.multiplyExact(bytes, extent);
      }
      expected = Math.addExact(expected, bytes);
    } catch (ArithmeticException e) {
      throw new InvalidInputException(
          name + ", header: expected a shape that a file can hold, got " + tuple(shape), e);
    }
    if (size != expected) {
      throw new InvalidInputException(
          name
              + ": expected "
              + expected
              + " bytes for shape "
              + tuple(shape)
              + ", got "
              + size
              + (size < expected
                  ? ": the file is truncated"
                  : ": the file has data after its end"));
    }
  }

  /** The shape as Python writes it. */
  static String tuple(List<Long> shape) {
    return shape.stream()
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "(", shape.size() == 1 ? ",)" : ")"));
  }
}
