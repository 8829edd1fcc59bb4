package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.InvalidInputException;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

class InputsTest {
  @TempDir Path directory;

  @Test
  void extensionSaysHowToRead() throws IOException {
    Path npy = NpyFiles.write(directory.resolve("v.NPY"), "(2,)", 1, 2);
    Path csv = Files.writeString(directory.resolve("v.Csv"), "1\n2\n");
    assertArrayEquals(new double[] {1, 2}, Inputs.vector(npy));
    assertArrayEquals(new double[] {1, 2}, Inputs.vector(csv));
    try (RowSource A = Inputs.matrix(csv)) {
      assertEquals(2, A.rows());
    }
    NpyFiles.write(npy, "(2, 1)", 1, 2);
    try (RowSource A = Inputs.matrix(npy)) {
      assertEquals(1, A.columns());
    }
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Path missing = directory.resolve("missing.npy");
    assertEquals(missing + ": no such file or directory", refusal(missing));
    Path folder = Files.createDirectory(directory.resolve("folder.npy"));
    assertEquals(folder + ": expected a file, got a directory", refusal(folder));
    Path empty = Files.createFile(directory.resolve("empty.csv"));
    assertEquals(empty + ": expected numbers, got an empty file", refusal(empty));
    Path text = Files.writeString(directory.resolve("A"), "1 2\n");
    assertEquals(
        text
            + ": expected a name that ends in .npy, .npz:NAME, .csv, .tsv, .txt, .mtx or .h5:/PATH",
        refusal(text));
    Path beyond = text.resolve("A.npy");
    String refusal =
        refusal(beyond); // in the words of the runtime: Java 25 has others than Java 17
    assertTrue(
        refusal.equals(beyond + ": Not a directory")
            || refusal.equals(beyond + ": no such file or directory"),
        refusal);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v.csv", "v.tsv", "v.txt", "v.CSV.gz", "v.tsv.gz", "v.txt.gz"})
  void readsText(String name) throws IOException {
    Path file = directory.resolve(name);
    byte[] text = "1.5\n2\n".getBytes(StandardCharsets.US_ASCII);
    Files.write(file, name.endsWith(".gz") ? gzip(text) : text);
    assertArrayEquals(new double[] {1.5, 2}, Inputs.vector(file));
  }

  @Test
  void unpacksWhatIsNoText() throws IOException {
    Path npy = NpyFiles.write(directory.resolve("v.npy"), "(2,)", 1.5, 2);
    Path packed = Files.write(directory.resolve("v.npy.gz"), gzip(Files.readAllBytes(npy)));
    assertArrayEquals(new double[] {1.5, 2}, Inputs.vector(packed));
    String mtx = "%%MatrixMarket matrix array real general\n2 1\n1.5\n2\n";
    Path market = directory.resolve("v.mtx.gz");
    Files.write(market, gzip(mtx.getBytes(StandardCharsets.US_ASCII)));
    assertArrayEquals(new double[] {1.5, 2}, Inputs.vector(market));
  }

  @Test
  void everyTruncatedArchiveIsAMessage() throws IOException {
    byte[] whole = gzip("1.5\n2.5\n3.5\n".getBytes(StandardCharsets.US_ASCII));
    Path file = directory.resolve("v.csv.gz");
    for (int length = 1; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      String message = refusal(file);
      assertEquals(file + ": the file is truncated: what gzip packed does not end", message);
    }
    Files.writeString(file, "1.5\n2.5\n");
    assertEquals(file + ": expected a file that gzip packed, as its name says", refusal(file));
    byte[] damaged = whole.clone();
    damaged[whole.length - 6] ^= 0x55; // the checksum
    Files.write(file, damaged);
    assertEquals(
        file + ": the file is damaged: what gzip packed cannot be unpacked", refusal(file));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "A.mat     | MATLAB: python3 -c \"import numpy, scipy.io; numpy.save('A.npy',"
            + " scipy.io.loadmat('FILE')['A'])\"",
        "A.parquet | Apache Parquet: python3 -c \"import numpy, pandas; numpy.save('A.npy',"
            + " pandas.read_parquet('FILE').to_numpy('f8'))\"",
        "A.RDS     | R: Rscript -e \"write.csv(readRDS('FILE'), 'A.csv', row.names=FALSE)\"",
        "A.csv.xz  | xz: xz -dk 'FILE'",
        "A.npz.gz  | gzip: gzip -dk 'FILE'",
      })
  void saysHowToConvertOtherFormats(String name, String expected) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "anything");
    String message = refusal(file);
    assertTrue(
        message.endsWith("; this one is " + expected.replace("FILE", file.toString())), message);
  }

  @Test
  void aNameWithAColonIsAFileWhereThereIsOne() throws IOException {
    Path file = directory.resolve("odd.npz:v.csv");
    Files.writeString(file, "1\n2\n");
    assertArrayEquals(new double[] {1, 2}, Inputs.vector(file));
    assertEquals(directory.resolve("all.npz"), Inputs.file(directory.resolve("all.npz:A")));
    assertEquals(directory.resolve("a.h5"), Inputs.file(Path.of(directory + "/a.h5:/b/c")));
  }

  /** Its length is known before, and compared by the commands, so nothing of n is held. */
  @Test
  void measuresAVectorWithoutReadingIt() throws IOException {
    long n = 3_000_000_000L;
    byte[] header = NpyFiles.header(1, NpyFiles.dict("<f8", false, "(" + n + ",)"));
    Path file = NpyFiles.write(directory.resolve("long.npy"), header);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(NpyFiles.doubles(7)), header.length + 8 * (n - 1)); // a hole
    }
    try (VectorSource v = Inputs.vectorSource(file)) {
      assertEquals(n, v.length());
      double[] end = new double[3];
      v.read(n - 2, 2, end, 1);
      assertArrayEquals(new double[] {0, 0, 7}, end);
    }
    assertEquals(
        file + ": expected at most 2147483639 entries, got 3000000000",
        assertThrows(InvalidInputException.class, () -> Inputs.vector(file)).getMessage());
  }

  @Test
  void aHostileHeaderIsQuotedInPart() {
    byte[] header = NpyFiles.header(2, NpyFiles.dict("A".repeat(30_000), false, "(2,)"));
    Path file = NpyFiles.write(directory.resolve("hostile.npy"), header);
    String message = refusal(file);
    assertTrue(message.contains("A".repeat(200) + "...'"), message);
    assertTrue(message.length() < 200 + 200 + file.toString().length(), message);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  private static String refusal(Path file) {
    String message =
        assertThrows(InvalidInputException.class, () -> Inputs.matrix(file)).getMessage();
    assertEquals(
        message, assertThrows(InvalidInputException.class, () -> Inputs.vector(file)).getMessage());
    return message;
  }
}
