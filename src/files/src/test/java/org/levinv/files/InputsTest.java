package org.levinv.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.InvalidInputException;
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
    Path text = Files.writeString(directory.resolve("A.txt"), "1 2\n");
    assertEquals(text + ": expected a name that ends in .npy or .csv", refusal(text));
    Path beyond = text.resolve("A.npy");
    String refusal =
        refusal(beyond); // in the words of the runtime: Java 25 has others than Java 17
    assertTrue(
        refusal.equals(beyond + ": Not a directory")
            || refusal.equals(beyond + ": no such file or directory"),
        refusal);
  }

  private static String refusal(Path file) {
    String message =
        assertThrows(InvalidInputException.class, () -> Inputs.matrix(file)).getMessage();
    assertEquals(
        message, assertThrows(InvalidInputException.class, () -> Inputs.vector(file)).getMessage());
    return message;
  }
}
