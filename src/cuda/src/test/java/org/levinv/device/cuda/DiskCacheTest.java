package org.levinv.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskCacheTest {
  private static final byte[] ONE = {1, 2, 3};
  private static final byte[] OTHER = {4, 5};
  private static final String KEY = DiskCache.key("what", "it", "depends on");

  @TempDir private Path home;

  private Path folder() {
    return home.resolve("caches/levinv");
  }

  private static long files(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.count();
    }
  }

  @Test
  void keepsWhatWasWritten() throws IOException {
    DiskCache cache = new DiskCache(folder());
    assertNull(cache.read(KEY));
    cache.write(KEY, ONE);
    cache.write(KEY, OTHER);
    assertArrayEquals(OTHER, new DiskCache(folder()).read(KEY));
    assertEquals(1, files(folder()), "temporary files are left");
    cache.forget(KEY);
    assertNull(cache.read(KEY));
  }

  @Test
  void writeOnce_keepsTheFirst() throws IOException {
    DiskCache cache = new DiskCache(folder());
    cache.writeOnce(KEY, ONE);
    cache.writeOnce(KEY, OTHER);
    assertArrayEquals(ONE, cache.read(KEY));
    assertEquals(1, files(folder()), "temporary files are left");
  }

  /** Archives have none. */
  @Test
  void withoutHardLinks_theFirstIsKeptToo() throws IOException {
    try (FileSystem archive =
        FileSystems.newFileSystem(
            home.resolve("caches.zip"),
            Map.of("create", "true", "enablePosixFileAttributes", "true"))) {
      DiskCache cache = new DiskCache(archive.getPath("/caches/levinv"));
      assertTrue(cache.isUsable());
      cache.writeOnce(KEY, ONE);
      cache.writeOnce(KEY, OTHER);
      assertArrayEquals(ONE, cache.read(KEY));
      assertEquals(1, files(archive.getPath("/caches/levinv")), "temporary files are left");
    }
  }

  @Test
  void aFileThatIsNotWhole_countsAsMissing() throws IOException {
    DiskCache cache = new DiskCache(folder());
    cache.write(KEY, ONE);
    byte[] all = Files.readAllBytes(folder().resolve(KEY));
    for (int length = 0; length < all.length; length++) {
      Files.write(folder().resolve(KEY), Arrays.copyOf(all, length));
      assertNull(cache.read(KEY), "of " + length + " bytes");
    }
    all[all.length - 1] ^= 1;
    Files.write(folder().resolve(KEY), all);
    assertNull(cache.read(KEY));
    cache.writeOnce(KEY, OTHER);
    assertArrayEquals(OTHER, cache.read(KEY));
  }

  @Test
  void aFolderThatOthersCanWrite_isNotUsed() throws IOException {
    Files.createDirectories(folder());
    Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertUnused(new DiskCache(folder()));
    assertEquals(0, files(folder()));
  }

  @Test
  void whereNoFolderCanBe_nothingIsKept() throws IOException {
    Files.createFile(home.resolve("file"));
    assertUnused(new DiskCache(home.resolve("file")));
    assertUnused(new DiskCache(home.resolve("file/below")));
    assertUnused(new DiskCache(null));
  }

  private static void assertUnused(DiskCache cache) {
    assertFalse(cache.isUsable());
    cache.write(KEY, ONE);
    cache.writeOnce(KEY, ONE);
    cache.forget(KEY);
    assertNull(cache.read(KEY));
  }

  @Test
  void key_changesWithEveryPart() {
    assertEquals(KEY, DiskCache.key("what", "it", "depends on"));
    assertNotEquals(KEY, DiskCache.key("what", "itdepends on", ""));
    assertNotEquals(KEY, DiskCache.key("what", "it", "depends on", ""));
    assertTrue(KEY.matches("[0-9a-f]{64}"), "a name that every file system takes");
  }
}
