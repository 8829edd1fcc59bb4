package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/** Files that are interrupted, changed, cut and replaced while they are read. */
class SteadyFileTest {
  private static final int ROWS = 20_000;
  private static final int COLUMNS = 5;

  @TempDir Path directory;

  @Test
  void anInterruptedThreadReadsOnAndStaysInterrupted() {
    try (RowSource A = Inputs.matrix(write("A.npy", false))) {
      double[] row = new double[COLUMNS];
      for (int i = 0; i < 3; i++) {
        Thread.currentThread().interrupt();
        A.read(i, 1, row);
        assertTrue(Thread.interrupted(), "the flag is kept");
        assertEquals(COLUMNS * i, row[0]);
      }
      A.read(7, 1, row);
      assertEquals(7 * COLUMNS, row[0]);
    }
  }

  /** One thread is interrupted again and again while it and two others read: all read on. */
  @Test
  void othersReadOnWhileOneIsInterrupted() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    AtomicBoolean done = new AtomicBoolean();
    try (RowSource A = Inputs.matrix(write("A.npy", false))) {
      Thread[] first = new Thread[1];
      Future<?>[] readers = new Future<?>[3];
      for (int t = 0; t < 3; t++) {
        int number = t;
        readers[t] =
            threads.submit(
                () -> {
                  if (number == 0) {
                    synchronized (first) {
                      first[0] = Thread.currentThread();
                    }
                  }
                  for (int pass = 0; pass < 30; pass++) {
                    readAll(A, 97);
                  }
                });
      }
      Thread disturber =
          new Thread(
              () -> {
                while (!done.get()) {
                  synchronized (first) {
                    if (first[0] != null) {
                      first[0].interrupt();
                    }
                  }
                  Thread.onSpinWait();
                }
              });
      disturber.start();
      try {
        for (Future<?> reader : readers) {
          reader.get();
        }
      } finally {
        done.set(true);
        disturber.join();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void severalThreadsReadTheSameNumbers() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (boolean fortran : new boolean[] {false, true}) {
        try (RowSource A = Inputs.matrix(write("A.npy", fortran));
            VectorSource v = Inputs.vectorSource(writeVector())) {
          Future<?>[] readers = new Future<?>[8];
          for (int t = 0; t < readers.length; t++) {
            int piece = 13 + 1000 * t;
            readers[t] =
                threads.submit(
                    () -> {
                      readAll(A, piece);
                      double[] some = new double[piece + 1];
                      v.read(ROWS - piece, piece, some, 1);
                      assertEquals(ROWS - piece, some[1]);
                      assertEquals(ROWS - 1, some[piece]);
                    });
          }
          for (Future<?> reader : readers) {
            reader.get();
          }
        }
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aFileThatChangesIsRefusedWithItsRow() throws IOException {
    Path file = write("A.npy", false);
    try (RowSource A = Inputs.matrix(file)) {
      A.read(3, 2, new double[2 * COLUMNS]);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[8]), 128);
      }
      Files.setLastModifiedTime(file, FileTime.fromMillis(1)); // a clock tick later, for sure
      assertEquals(
          file + ", rows 3 to 4: the file changed while it was read",
          refusal(() -> A.read(3, 2, new double[2 * COLUMNS])));
    }
  }

  @Test
  void aFileThatEndsIsRefusedWithItsRow() throws IOException {
    Path file = write("A.npy", true);
    try (RowSource A = Inputs.matrix(file)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(1000);
      }
      String message = refusal(() -> A.read(ROWS - 1, 1, new double[COLUMNS]));
      assertTrue(message.startsWith(file + ", row 19999: the file ended at byte"), message);
    }
  }

  /** As editors and downloads do it: the file that was opened is still there, unnamed. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFileThatIsReplacedIsReadToItsEnd() throws IOException {
    Path file = write("A.npy", false);
    try (RowSource A = Inputs.matrix(file)) {
      Path other = Files.writeString(directory.resolve("other"), "something else");
      Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
      readAll(A, 5000);
      Thread.currentThread().interrupt(); // then it has to be opened by its name
      String message = refusal(() -> A.read(0, 1, new double[COLUMNS]));
      assertTrue(Thread.interrupted());
      assertEquals(file + ", row 0: the file was replaced while it was read", message);
      Files.delete(file);
    }
  }

  @Test
  void whatIsClosedStaysClosed() {
    RowSource A = Inputs.matrix(write("A.npy", false));
    A.close();
    A.close();
    assertThrows(InvalidInputException.class, () -> A.read(0, 1, new double[COLUMNS]));
  }

  /** Entry k of A, counted by rows, is k. */
  private static void readAll(RowSource A, int piece) {
    double[] block = new double[piece * COLUMNS];
    for (int i = 0; i < ROWS; i += piece) {
      int count = Math.min(piece, ROWS - i);
      A.read(i, count, block);
      for (int k = 0; k < count * COLUMNS; k++) {
        if (block[k] != (double) i * COLUMNS + k) {
          throw new AssertionError("row " + (i + k / COLUMNS) + ": " + block[k]);
        }
      }
    }
  }

  private Path write(String name, boolean fortran) {
    double[] stored = new double[ROWS * COLUMNS];
    for (int k = 0; k < stored.length; k++) {
      stored[k] = fortran ? (k % ROWS) * COLUMNS + k / ROWS : k;
    }
    String dict = NpyFiles.dict("<f8", fortran, "(" + ROWS + ", " + COLUMNS + ")");
    return NpyFiles.write(
        directory.resolve(name), NpyFiles.header(1, dict), NpyFiles.doubles(stored));
  }

  private Path writeVector() {
    double[] v = new double[ROWS];
    Arrays.setAll(v, i -> i);
    return NpyFiles.write(directory.resolve("v.npy"), "(" + ROWS + ",)", v);
  }

  private static String refusal(Runnable action) {
    return assertThrows(InvalidInputException.class, action::run).getMessage();
  }

  @Test
  void writesAreDoneAgain() throws IOException {
    Path path = directory.resolve("written");
    try (SteadyFile file = SteadyFile.create(path)) {
      Thread.currentThread().interrupt();
      file.write(2, ByteBuffer.wrap(new byte[] {3, 4}));
      assertTrue(Thread.interrupted());
      file.write(0, ByteBuffer.wrap(new byte[] {1, 2}));
    }
    assertArrayEquals(new byte[] {1, 2, 3, 4}, Files.readAllBytes(path));
  }
}
