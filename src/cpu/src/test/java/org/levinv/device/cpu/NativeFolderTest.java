package org.levinv.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.device.DeviceException;

class NativeFolderTest {
  private static final String OPTION = "org.bytedeco.javacpp.cachedir";

  @Test
  void whatFailsAtTheBottomIsSaidWithTheFolderAndTheOption() {
    UnsatisfiedLinkError bottom =
        new UnsatisfiedLinkError("libopenblas.so.0: failed to map segment");
    LinkageError top =
        new ExceptionInInitializerError(new RuntimeException("no jniopenblas", bottom));
    String message =
        assertThrows(
                DeviceException.class,
                () ->
                    NativeFolder.load(
                        "native",
                        folder -> {
                          throw top;
                        }))
            .getMessage();
    assertTrue(message.startsWith("cpu: OpenBLAS cannot be loaded from /"), message);
    assertTrue(message.contains(": libopenblas.so.0: failed to map segment; -D" + OPTION), message);
  }

  @Test
  void theFolderIsKnownWhileALibraryIsLoadedAndNotLater() {
    String before = System.getProperty(OPTION);
    NativeFolder.load("native", folder -> assertNotNull(System.getProperty(OPTION)));
    assertEquals(before, System.getProperty(OPTION));
    System.setProperty(OPTION, "/somewhere/else");
    try {
      NativeFolder.load(
          "native",
          folder -> assertEquals("/somewhere/else/levinv/native", System.getProperty(OPTION)));
      assertEquals("/somewhere/else", System.getProperty(OPTION));
    } finally {
      System.clearProperty(OPTION);
    }
    assertNull(System.getProperty(OPTION));
  }

  @Test
  void aFolderOfTheProcessGoesWithAllThatIsInIt(@TempDir Path home) throws IOException {
    Path folder = Files.createDirectories(home.resolve("a/b/c")).getParent().getParent();
    Files.writeString(folder.resolve("b/c/lib.so"), "x");
    NativeFolder.delete(folder);
    assertFalse(Files.exists(folder));
  }

  @Test
  void anOlderSystem_isNotAMatterOfTheFolder() {
    Throwable failure =
        new UnsatisfiedLinkError(
            "/cache/libopenblas.so.0: /lib64/libc.so.6: version `GLIBC_2.34' not found (required by"
                + " /cache/libopenblas.so.0)");
    String said = NativeFolder.failure(Path.of("/cache"), failure);
    assertTrue(said.contains("built for glibc 2.34 or later and this system's is older"), said);
    assertFalse(said.contains("another folder") || said.contains("another BLAS"), said);
  }
}
