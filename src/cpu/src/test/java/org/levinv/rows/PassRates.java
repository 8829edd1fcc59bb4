package org.levinv.rows;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.pass.SlackGramPass;

/**
 * Seconds of a pass over rows in memory and over rows that pass by from a file in the page cache,
 * and of reading that file alone, in turn, since other work on the machine comes and goes:
 *
 * <pre>
 * PassRates MEBIBYTES ROUNDS COLUMNS ...
 * </pre>
 */
public final class PassRates {
  private static final int PIECE = 1 << 15;

  private PassRates() {}

  /** Doubles or floats that lie in a file row by row. */
  private static final class FileRows implements RowSource {
    private final FileChannel channel;
    private final long rows;
    private final int columns;
    private final boolean isSingle;
    private final ThreadLocal<ByteBuffer> buffers =
        ThreadLocal.withInitial(
            () -> ByteBuffer.allocateDirect(8 * PIECE).order(ByteOrder.LITTLE_ENDIAN));

    FileRows(Path file, long rows, int columns, boolean isSingle) throws IOException {
      channel = FileChannel.open(file, StandardOpenOption.READ);
      this.rows = rows;
      this.columns = columns;
      this.isSingle = isSingle;
    }

    @Override
    public String name() {
      return "file";
    }

    @Override
    public long rows() {
      return rows;
    }

    @Override
    public int columns() {
      return columns;
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public boolean isSingle() {
      return isSingle;
    }

    @Override
    public void read(long first, int count, double[] into) {
      int width = isSingle ? Float.BYTES : Double.BYTES;
      int numbers = count * columns;
      ByteBuffer buffer = buffers.get();
      for (int done = 0; done < numbers; ) {
        int part = Math.min(PIECE, numbers - done);
        fill(buffer.clear().limit(part * width), (first * columns + done) * width);
        if (isSingle) {
          var floats = buffer.flip().asFloatBuffer();
          for (int k = 0; k < part; k++) {
            into[done + k] = floats.get(k);
          }
        } else {
          buffer.flip().asDoubleBuffer().get(into, done, part);
        }
        done += part;
      }
    }

    private void fill(ByteBuffer buffer, long position) {
      try {
        for (long at = position; buffer.hasRemaining(); ) {
          int count = channel.read(buffer, at);
          if (count < 0) {
            throw new EOFException();
          }
          at += count;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static Path write(long numbers, boolean isSingle) throws IOException {
    Path file = Files.createTempFile("levinv", ".rows");
    file.toFile().deleteOnExit();
    SplittableRandom random = new SplittableRandom(1);
    int width = isSingle ? Float.BYTES : Double.BYTES;
    ByteBuffer buffer = ByteBuffer.allocate(width << 16).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long done = 0; done < numbers; done += 1 << 16) {
        buffer.clear();
        for (long k = done; k < Math.min(numbers, done + (1 << 16)); k++) {
          if (isSingle) {
            buffer.putFloat((float) random.nextDouble(-1, 1));
          } else {
            buffer.putDouble(random.nextDouble(-1, 1));
          }
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    }
    return file;
  }

  /** By as many threads and in pieces of the size that stores use. */
  private static void readAlone(RowSource rows) {
    int most = Math.max(1, PIECE / rows.columns());
    AtomicLong next = new AtomicLong();
    Thread[] threads = new Thread[LeafPlan.readers()];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          new Thread(
              () -> {
                double[] piece = new double[most * rows.columns()];
                for (long k = next.getAndAdd(most); k < rows.rows(); k = next.getAndAdd(most)) {
                  rows.read(k, (int) Math.min(most, rows.rows() - k), piece);
                }
              });
      threads[t].start();
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return 1e-9 * (System.nanoTime() - start);
  }

  private static void rates(int columns, long mebibytes, int rounds, boolean isSingle)
      throws IOException {
    int width = isSingle ? Float.BYTES : Double.BYTES;
    long n = (mebibytes << 20) / width / columns;
    Path file = write(n * columns, isSingle);
    double[] b = new double[(int) n];
    Arrays.fill(b, 2.0 * columns);
    RowSource source = new FileRows(file, n, columns, isSingle);
    ProblemRows rows = ProblemRows.of(source).with(Field.OFFSET, VectorSource.of("b", b));
    SlackGramPass pass = SlackGramPass.at(new double[columns]);
    try (Device device = new CpuDevice(0);
        RowStore resident = Stores.open(rows, device, 16L << 30);
        RowStore streamed = Stores.open(rows, device, (mebibytes << 20) / 3)) {
      Runnable[] works = {
        () -> readAlone(source), () -> resident.run(pass), () -> streamed.run(pass)
      };
      double[][] times = new double[works.length][rounds];
      Arrays.stream(works).forEach(Runnable::run);
      for (int k = 0; k < rounds; k++) {
        for (int w = 0; w < works.length; w++) {
          times[w][k] = seconds(works[w]);
        }
      }
      Supplier<String> passing =
          () -> String.format(Locale.ROOT, "%.0f%% pass", 100.0 * streamed.passingRows() / n);
      for (double[] each : times) {
        Arrays.sort(each);
      }
      System.out.printf(
          Locale.ROOT,
          "d = %d, %s, %d rows, %s: median (least) s: read %.3f (%.3f), resident %.3f (%.3f),"
              + " streamed %.3f (%.3f); streamed / (read + resident): %.2f (%.2f)%n",
          columns,
          isSingle ? "float32" : "float64",
          n,
          passing.get(),
          times[0][rounds / 2],
          times[0][0],
          times[1][rounds / 2],
          times[1][0],
          times[2][rounds / 2],
          times[2][0],
          times[2][rounds / 2] / (times[0][rounds / 2] + times[1][rounds / 2]),
          times[2][0] / (times[0][0] + times[1][0]));
    } finally {
      Files.delete(file);
    }
  }

  public static void main(String[] arguments) throws IOException {
    for (int k = 2; k < arguments.length; k++) {
      for (boolean isSingle : new boolean[] {false, true}) {
        rates(
            Integer.parseInt(arguments[k]),
            Long.parseLong(arguments[0]),
            Integer.parseInt(arguments[1]),
            isSingle);
      }
    }
  }
}
