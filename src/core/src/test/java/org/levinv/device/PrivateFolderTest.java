package org.levinv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(OS.WINDOWS) // no such permissions
class PrivateFolderTest {
  @TempDir private Path home;

  @Test
  void oneThatIsMadeIsForItsUserAlone() throws IOException {
    Path folder = home.resolve("caches/levinv");
    assertEquals(folder, PrivateFolder.open(folder));
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    assertEquals(folder, PrivateFolder.open(folder));
    assertEquals(0, folder.toFile().list().length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwx---rwx"})
  void oneThatOthersCanWriteIsNone(String permissions) throws IOException {
    Path folder = Files.createDirectory(home.resolve("shared"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    assertNull(PrivateFolder.open(folder));
  }

  @Test
  void whatCannotBeAFolderIsNone() throws IOException {
    Path file = Files.createFile(home.resolve("file"));
    assertNull(PrivateFolder.open(file));
    assertNull(PrivateFolder.open(file.resolve("below")));
    assertNull(PrivateFolder.open(null));
  }
}
