package org.levinv.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes .npy files byte by byte, wrong ones as well. */
final class NpyFiles {
  private NpyFiles() {}

  static String dict(String descr, boolean fortran, String shape) {
    return "{'descr': '"
        + descr
        + "', 'fortran_order': "
        + (fortran ? "True" : "False")
        + ", 'shape': "
        + shape
        + ", }";
  }

  /** The file up to its numbers, padded as NumPy does. */
  static byte[] header(int version, String dict) {
    int start = version == 1 ? 10 : 12;
    int padded = (start + dict.length() + 1 + 63) / 64 * 64;
    String text = dict + " ".repeat(padded - start - dict.length() - 1) + "\n";
    ByteBuffer bytes = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1));
    bytes.put((byte) version).put((byte) 0);
    if (version == 1) {
      bytes.putShort((short) text.length());
    } else {
      bytes.putInt(text.length());
    }
    return bytes.put(text.getBytes(StandardCharsets.UTF_8)).array();
  }

  static byte[] doubles(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return bytes.array();
  }

  static byte[] floats(double... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      bytes.putFloat((float) value);
    }
    return bytes.array();
  }

  static Path write(Path file, byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    try {
      return Files.write(file, all.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A small file of format 1.0 and float64. */
  static Path write(Path file, String shape, double... values) {
    return write(file, header(1, dict("<f8", false, shape)), doubles(values));
  }
}
