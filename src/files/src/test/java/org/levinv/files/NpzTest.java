package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.device.RowSource;

/** What NumPy packs, of every type; the values are exact, so are the comparisons. */
class NpzTest {
  /** What make.py stored, widened as NumPy does it: 2^53 + 1 and 2^63 - 1 are rounded to even. */
  private static final Map<String, double[]> VALUES =
      Map.ofEntries(
          Map.entry("f8", new double[] {1.5, -2.25, 1e300}),
          Map.entry("f4", new double[] {1.5, -2.25, (float) 1e38}),
          Map.entry("f2", new double[] {1.5, -2.25, 65504, 0x1p-24, 0x1p-14, -0.0}),
          Map.entry("big_f8", new double[] {1.5, -2.25, 1e300}),
          Map.entry("big_f4", new double[] {1.5, -2.25, (float) 1e38}),
          Map.entry("big_f2", new double[] {1.5, -2.25, 65504}),
          Map.entry("i1", new double[] {-128, 0, 127}),
          Map.entry("i2", new double[] {-32768, 0, 32767}),
          Map.entry("i4", new double[] {-0x1p31, 0, 0x1p31 - 1}),
          Map.entry("i8", new double[] {-0x1p63, 0, 0x1p53, 0x1p63}),
          Map.entry("big_i2", new double[] {-32768, 0, 32767}),
          Map.entry("big_i8", new double[] {-0x1p63, 0, 0x1p53}),
          Map.entry("u1", new double[] {0, 255}),
          Map.entry("u2", new double[] {0, 65535}),
          Map.entry("u4", new double[] {0, 0x1p32 - 1}),
          Map.entry("u8", new double[] {0, 0x1p63, 0x1p63 + 2048, 0x1p64}),
          Map.entry("bool", new double[] {1, 0, 1}));

  /** Bytes of the directory of one member b.npy: its entry and the end record. */
  private static final int DIRECTORY = 46 + 5 + 22;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "deflated.npz"})
  void readsEveryType(String archive) {
    VALUES.forEach(
        (name, values) ->
            assertArrayEquals(values, Inputs.vector(Resources.member(archive, name)), name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "deflated.npz"})
  void readsMatrices(String archive) {
    for (String name : new String[] {"A", "A.npy", "A_fortran"}) {
      try (RowSource A = Inputs.matrix(Resources.member(archive, name))) {
        double[] all = new double[6];
        A.read(0, 3, all);
        assertArrayEquals(new double[] {1, 2, 3, 4, 5, 6}, all, name);
      }
    }
  }

  @Test
  void tellsWhatSinglePrecisionHolds() throws IOException {
    for (String type : new String[] {"<f4", ">f4", "<f2", "<i2", "|u1", "|b1"}) {
      assertTrue(ItemType.ofNumPy(type).isSingle(), type);
    }
    for (String type : new String[] {"<f8", "<i4", "<u4", "<i8"}) {
      assertEquals(false, ItemType.ofNumPy(type).isSingle(), type);
    }
  }

  @Test
  void anArchiveOfOneNeedsNoName() throws IOException {
    Path file = zip(Map.of("b.npy", array(1, 2), "read.me", new byte[3]), true);
    assertArrayEquals(new double[] {1, 2}, Inputs.vector(file));
  }

  @Test
  void namesItsArraysWhereNoneWasMeant() {
    Path file = Resources.file("stored.npz");
    assertTrue(
        refusal(file).startsWith(file + ": expected FILE:NAME with one of the arrays f8, f4, f2")
            && refusal(file).endsWith(", got no name"),
        refusal(file));
    String other = refusal(Resources.member("stored.npz", "b"));
    assertTrue(other.contains("the arrays f8, f4") && other.endsWith(", got 'b'"), other);
  }

  @Test
  void refusesWhatIsNoArchive() throws IOException {
    Path file = Files.writeString(directory.resolve("text.npz"), "no archive at all, just a text");
    assertEquals(
        file + ": expected a .npz file, that is a zip archive; it has no directory at its end",
        refusal(file));
    Path empty = zip(Map.of("read.me", new byte[3]), true);
    assertTrue(refusal(empty).endsWith("its arrays, but it has none"), refusal(empty));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesEveryTruncation(boolean stored) throws IOException {
    byte[] whole = Files.readAllBytes(zip(Map.of("b.npy", array(1, 2)), stored));
    Path file = directory.resolve("cut.npz");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      String said = refusal(file);
      assertTrue(said.startsWith(file.toString()), said);
      assertTrue(said.contains("damaged") || said.contains("expected"), said);
    }
  }

  /** A flipped byte in a deflated member is found by its checksum, or before. */
  @Test
  void noticesDamage() throws IOException {
    byte[] whole = Files.readAllBytes(zip(Map.of("b.npy", array(1, 2)), false));
    int start = 30 + "b.npy".length();
    Path file = directory.resolve("damaged.npz");
    for (int at = start; at < start + 40; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      Files.write(file, damaged);
      String said = refusal(file);
      assertTrue(said.startsWith(file.toString()), said);
      assertTrue(said.contains("damaged") || said.contains("expected"), said);
    }
  }

  /** Whatever a byte of the directory becomes, it is a message and not a bug. */
  @Test
  void survivesADamagedDirectory() throws IOException {
    byte[] whole = Files.readAllBytes(zip(Map.of("b.npy", array(1, 2)), true));
    Path file = directory.resolve("damaged.npz");
    for (int at = whole.length - DIRECTORY; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) 0xff;
      Files.write(file, damaged);
      try {
        assertArrayEquals(new double[] {1, 2}, Inputs.vector(file));
      } catch (InvalidInputException e) {
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
      }
    }
  }

  private static String refusal(Path file) {
    return assertThrows(InvalidInputException.class, () -> Inputs.vector(file)).getMessage();
  }

  private static byte[] array(double... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String shape = "(" + values.length + ",)";
    out.writeBytes(NpyFiles.header(1, NpyFiles.dict("<f8", false, shape)));
    out.writeBytes(NpyFiles.doubles(values));
    return out.toByteArray();
  }

  private Path zip(Map<String, byte[]> members, boolean stored) throws IOException {
    Path file = directory.resolve("made.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        ZipEntry entry = new ZipEntry(member.getKey());
        if (stored) {
          CRC32 sum = new CRC32();
          sum.update(member.getValue());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(member.getValue().length);
          entry.setCrc(sum.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(member.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }
}
