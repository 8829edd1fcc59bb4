package org.levinv.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another OpenBLAS of the process is not taken for this one, nor this one for it. */
class OwnNameTest {
  private static final String COMMON = "libopenblas.so.0";

  /** First, since JavaCPP keeps the folder of who uses it first. */
  @BeforeAll
  static void load() {
    Blas.load();
  }

  private static boolean isLinux() {
    return Loader.getPlatform().startsWith("linux-");
  }

  /** What of the process's memory comes from files. */
  private static List<Path> loaded() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains("/"))
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          .distinct()
          .toList();
    }
  }

  @Test
  void noLibraryThatIsLoaded_hasOrNeedsTheCommonName() throws IOException {
    assumeTrue(isLinux());
    List<Path> libraries =
        loaded().stream()
            .filter(path -> path.getFileName().toString().contains("openblas"))
            .toList();
    assertTrue(
        libraries.stream().anyMatch(path -> path.endsWith("libjniopenblas.so")),
        libraries.toString());
    for (Path library : libraries) {
      List<String> names = ElfNames.of(library);
      assertFalse(names.contains(COMMON), library + " " + names);
      String file = Files.readString(library, StandardCharsets.ISO_8859_1);
      assertFalse(file.contains("\0" + COMMON + "\0"), library.toString());
      assertTrue(
          names.contains(OwnName.OWN) || names.contains("libopenblas_nolapack.so.0"),
          library + " " + names);
    }
  }

  @Test
  void aNameIsReplaced_andNothingElse(@TempDir Path folder) throws IOException {
    assumeTrue(isLinux());
    File original =
        Loader.cacheResource(
            org.bytedeco.javacpp.Pointer.class, Loader.getPlatform() + "/libjnijavacpp.so");
    Path library = Files.copy(original.toPath(), folder.resolve("library.so"));
    FileTime time = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(library, time);
    byte[] before = Files.readAllBytes(library);
    assertTrue(ElfNames.of(library).contains("libc.so.6"), ElfNames.of(library).toString());
    ElfNames.replace(library, "libc.so.6", "libd.so.6");
    assertTrue(ElfNames.of(library).contains("libd.so.6"));
    byte[] after = Files.readAllBytes(library);
    int changed = 0;
    for (int k = 0; k < before.length; k++) {
      changed += before[k] == after[k] ? 0 : 1;
    }
    assertEquals(1, changed);
    assertEquals(before.length, after.length);
    assertEquals(time, Files.getLastModifiedTime(library));
    try (Stream<Path> all = Files.list(folder)) {
      assertEquals(1, all.count());
    }
    assertThrows(
        IllegalArgumentException.class, () -> ElfNames.replace(library, "libc.so.6", "libc.so"));
  }

  @Test
  void anotherFile_hasNoNames(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "not a library".repeat(10));
    assertEquals(List.of(), ElfNames.of(text));
    ElfNames.replace(text, "not", "new");
    assertEquals("not a library".repeat(10), Files.readString(text));
  }
}
