package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bytes from memory, from a file, and from one that was in memory before. */
class SpoolTest {
  private static final int SIZE = 3_000_000;

  @ParameterizedTest
  @ValueSource(longs = {0, 1_500_000, Long.MAX_VALUE})
  void keepsWhatWasAppended(long mostInMemory) throws IOException {
    byte[] bytes = new byte[SIZE];
    new Random(1).nextBytes(bytes);
    try (Spool spool = new Spool(mostInMemory)) {
      for (int at = 0; at < SIZE; at += 70_001) {
        spool.append(ByteBuffer.wrap(bytes, at, Math.min(70_001, SIZE - at)));
      }
      assertEquals(SIZE, spool.size());
      byte[] all = new byte[SIZE];
      spool.read(0, ByteBuffer.wrap(all));
      assertArrayEquals(bytes, all);
      byte[] some = new byte[10];
      spool.read((1 << 20) - 5, ByteBuffer.wrap(some)); // across two chunks
      assertArrayEquals(Arrays.copyOfRange(bytes, (1 << 20) - 5, (1 << 20) + 5), some);
      assertThrows(EOFException.class, () -> spool.read(SIZE - 1, ByteBuffer.wrap(new byte[2])));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE})
  void addsToZeros(long mostInMemory) throws IOException {
    try (Spool spool = new Spool(mostInMemory)) {
      spool.grow(8 * 300_000);
      spool.add(8 * 299_999, 1.5);
      spool.add(8 * 299_999, 2);
      ByteBuffer pair = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      spool.read(8 * 299_998, pair);
      assertEquals(0, pair.getDouble(0));
      assertEquals(3.5, pair.getDouble(8));
    }
  }

  @Test
  @ResourceLock(Resources.SYSTEM_PROPERTIES)
  void leavesNoFileBehind() throws IOException {
    Path folder = Files.createTempDirectory("spool");
    String before = System.setProperty("java.io.tmpdir", folder.toString());
    try {
      try (Spool spool = new Spool(0)) {
        spool.append(ByteBuffer.wrap(new byte[10]));
        assertEquals(1, files(folder).size());
      }
      assertEquals(List.of(), files(folder));
      System.setProperty("java.io.tmpdir", folder.resolve("gone").toString());
      try (Spool spool = new Spool(0)) {
        String message =
            assertThrows(OutputException.class, () -> spool.append(ByteBuffer.wrap(new byte[10])))
                .getMessage();
        String expected =
            ": cannot be written: no such file or directory; decoded numbers need at least 10 bytes in"
                + " the temporary folder, -Djava.io.tmpdir=DIR names another";
        assertEquals(expected, message.substring(message.indexOf(": ")));
      }
    } finally {
      System.setProperty("java.io.tmpdir", before);
      Files.delete(folder);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
