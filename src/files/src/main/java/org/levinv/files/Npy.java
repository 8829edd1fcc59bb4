package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/**
 * NumPy's .npy files. Read where they lie: format 1.0, 2.0 and 3.0, real numbers of every type,
 * rows or columns first, of any size. Written: format 1.0, float64, rows first.
 */
final class Npy {
  private static final int BUFFER_NUMBERS = 1 << 17;

  /** NumPy pads its header so that the numbers begin at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private Npy() {}

  static StoredArray open(Input input) throws IOException {
    Bytes bytes = input.bytes();
    try {
      return open(input.name(), bytes, 0, bytes.size());
    } catch (IOException | RuntimeException | Error e) {
      bytes.close(); // what was decompressed belongs to nobody else
      throw e;
    }
  }

  /** A file that lies within another one. */
  static StoredArray open(String name, Bytes bytes, long base, long size) throws IOException {
    NpyHeader header = NpyHeader.read(name, bytes, base, size);
    return new StoredArray(
        name,
        bytes,
        base + header.dataOffset(),
        header.type(),
        header.fortranOrder(),
        header.shape(),
        null);
  }

  /** Writes a vector. */
  static void write(WritableByteChannel out, double[] v) throws IOException {
    ResultFiles.writeAll(out, header(List.of((long) v.length)));
    ByteBuffer bytes = buffer();
    writeNumbers(out, bytes, v, v.length);
  }

  /** Writes a vector, some numbers at a time. */
  static void write(WritableByteChannel out, VectorSource v) throws IOException {
    ResultFiles.writeAll(out, header(List.of(v.length())));
    double[] piece = new double[(int) Math.min(BUFFER_NUMBERS, v.length())];
    ByteBuffer bytes = buffer();
    for (long i = 0; i < v.length(); i += piece.length) {
      int count = (int) Math.min(piece.length, v.length() - i);
      v.read(i, count, piece, 0);
      writeNumbers(out, bytes, piece, count);
    }
  }

  /** Writes a small matrix. */
  static void write(WritableByteChannel out, double[][] M) throws IOException {
    ResultFiles.writeAll(out, header(List.of((long) M.length, (long) M[0].length)));
    ByteBuffer bytes = buffer();
    for (double[] row : M) {
      writeNumbers(out, bytes, row, row.length);
    }
  }

  /** Writes a matrix, some rows at a time. */
  static void write(WritableByteChannel out, RowSource A) throws IOException {
    ResultFiles.writeAll(out, header(List.of(A.rows(), (long) A.columns())));
    int blockRows = Math.max(1, BUFFER_NUMBERS / A.columns());
    double[] block = new double[(int) Math.min(blockRows, A.rows()) * A.columns()];
    ByteBuffer bytes = buffer();
    for (long i = 0; i < A.rows(); i += blockRows) {
      int count = (int) Math.min(blockRows, A.rows() - i);
      A.read(i, count, block);
      writeNumbers(out, bytes, block, count * A.columns());
    }
  }

  /** All of a file but its numbers. */
  static ByteBuffer header(List<Long> shape) {
    String dict =
        "{'descr': '<f8', 'fortran_order': False, 'shape': " + StoredArray.tuple(shape) + ", }";
    int start = NpyHeader.MAGIC.length + 4;
    int padded = (start + dict.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    String text = dict + " ".repeat(padded - start - dict.length() - 1) + "\n";
    ByteBuffer bytes = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(NpyHeader.MAGIC).put((byte) 1).put((byte) 0).putShort((short) text.length());
    return bytes.put(text.getBytes(StandardCharsets.US_ASCII)).flip();
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(BUFFER_NUMBERS * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void writeNumbers(
      WritableByteChannel out, ByteBuffer bytes, double[] values, int count) throws IOException {
    for (int from = 0; from < count; from += BUFFER_NUMBERS) {
      int part = Math.min(BUFFER_NUMBERS, count - from);
      bytes.clear();
      bytes.asDoubleBuffer().put(values, from, part);
      ResultFiles.writeAll(out, bytes.limit(part * Double.BYTES));
    }
  }
}
