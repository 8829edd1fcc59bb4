package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/**
 * NumPy's .npy files. Read: format 1.0, 2.0 and 3.0, little-endian float64 and float32, rows or
 * columns first, of any size. Written: format 1.0, float64, rows first.
 */
public final class Npy {
  private static final int BUFFER_NUMBERS = 1 << 17;
  private static final long MOST_IN_ARRAY = Integer.MAX_VALUE - 8;

  /** NumPy pads its header so that the numbers begin at a multiple of this. */
  private static final int ALIGNMENT = 64;

  private Npy() {}

  /** A matrix that stays in its file; close it when done. */
  public static RowSource matrix(Path file) {
    return open(file, Npy::asMatrix);
  }

  /** A vector: shape (n,), (n, 1) or (1, n). */
  public static double[] vector(Path file) {
    try (NpyMatrix matrix = open(file, Npy::asVector)) {
      double[] v = new double[(int) matrix.rows()];
      matrix.read(0, v.length, v);
      return v;
    }
  }

  /** Writes a vector. */
  public static void write(WritableByteChannel out, double[] v) throws IOException {
    writeHeader(out, List.of((long) v.length));
    ByteBuffer bytes = buffer();
    for (int i = 0; i < v.length; i += BUFFER_NUMBERS) {
      writeNumbers(out, bytes, v, i, Math.min(BUFFER_NUMBERS, v.length - i));
    }
  }

  /** Writes a small matrix. */
  public static void write(WritableByteChannel out, double[][] M) throws IOException {
    writeHeader(out, List.of((long) M.length, (long) M[0].length));
    ByteBuffer bytes = buffer();
    for (double[] row : M) {
      for (int i = 0; i < row.length; i += BUFFER_NUMBERS) {
        writeNumbers(out, bytes, row, i, Math.min(BUFFER_NUMBERS, row.length - i));
      }
    }
  }

  /** Writes a matrix, some rows at a time. */
  public static void write(WritableByteChannel out, RowSource A) throws IOException {
    writeHeader(out, List.of(A.rows(), (long) A.columns()));
    int blockRows = Math.max(1, BUFFER_NUMBERS / A.columns());
    double[] block = new double[(int) Math.min(blockRows, A.rows()) * A.columns()];
    ByteBuffer bytes = buffer();
    for (long i = 0; i < A.rows(); i += blockRows) {
      int count = (int) Math.min(blockRows, A.rows() - i);
      A.read(i, count, block);
      for (int k = 0; k < count * A.columns(); k += BUFFER_NUMBERS) {
        writeNumbers(out, bytes, block, k, Math.min(BUFFER_NUMBERS, count * A.columns() - k));
      }
    }
  }

  private interface View {
    NpyMatrix of(FileChannel channel, NpyHeader header);
  }

  private static NpyMatrix open(Path file, View view) {
    FileChannel channel = null;
    NpyMatrix matrix = null;
    try {
      channel = FileChannel.open(file);
      matrix = view.of(channel, NpyHeader.read(file.toString(), channel));
      return matrix;
    } catch (IOException e) {
      throw new InvalidInputException(file + ": " + Reason.of(e), e);
    } finally {
      if (matrix == null) {
        closeQuietly(channel);
      }
    }
  }

  /** After a failure that is reported already. */
  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // the first failure says more
    }
  }

  private static NpyMatrix asMatrix(FileChannel channel, NpyHeader header) {
    List<Long> shape = header.shape();
    if (shape.size() != 2 || shape.contains(0L) || shape.get(1) > MOST_IN_ARRAY) {
      throw new InvalidInputException(
          header.name()
              + ": expected a matrix, that is shape (rows, columns), got shape "
              + NpyHeader.tuple(shape));
    }
    return new NpyMatrix(channel, header, shape.get(0), shape.get(1).intValue());
  }

  private static NpyMatrix asVector(FileChannel channel, NpyHeader header) {
    List<Long> shape = header.shape();
    boolean flat = shape.size() == 1 || shape.size() == 2 && shape.contains(1L);
    long length = shape.stream().reduce(1L, (a, b) -> a * b);
    if (!flat || length == 0 || length > MOST_IN_ARRAY) {
      throw new InvalidInputException(
          header.name()
              + ": expected a vector, that is shape (n,), (n, 1) or (1, n) with n from 1"
              + " to "
              + MOST_IN_ARRAY
              + ", got shape "
              + NpyHeader.tuple(shape));
    }
    return new NpyMatrix(channel, header, length, 1);
  }

  private static void writeHeader(WritableByteChannel out, List<Long> shape) throws IOException {
    ResultFiles.writeAll(out, header(shape));
  }

  static ByteBuffer header(List<Long> shape) {
    String dict =
        "{'descr': '<f8', 'fortran_order': False, 'shape': " + NpyHeader.tuple(shape) + ", }";
    int start = NpyHeader.MAGIC.length + 4;
    int padded = (start + dict.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    String text = dict + " ".repeat(padded - start - dict.length() - 1) + "\n";
    ByteBuffer bytes = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(NpyHeader.MAGIC).put((byte) 1).put((byte) 0).putShort((short) text.length());
    bytes.put(text.getBytes(StandardCharsets.US_ASCII)).flip();
    return bytes;
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(BUFFER_NUMBERS * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void writeNumbers(
      WritableByteChannel out, ByteBuffer bytes, double[] values, int from, int count)
      throws IOException {
    bytes.clear();
    bytes.asDoubleBuffer().put(values, from, count);
    ResultFiles.writeAll(out, bytes.limit(count * Double.BYTES));
  }
}
