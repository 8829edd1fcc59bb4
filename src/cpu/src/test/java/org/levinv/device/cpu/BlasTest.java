package org.levinv.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A call of a function that is not there ends the process. */
class BlasTest {
  private static final Path SOURCES = Path.of("src/main/java/org/levinv/device/cpu");
  private static final Pattern CALL = Pattern.compile("\\b(cblas|LAPACKE)_\\w+(?=\\()");

  @Test
  void everyFunctionThatIsCalled_isLookedUpBefore() throws IOException {
    TreeSet<String> called = new TreeSet<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        Matcher calls = CALL.matcher(Files.readString(file));
        while (calls.find()) {
          called.add(calls.group());
        }
      }
    }
    assertEquals(called, new TreeSet<>(Blas.FUNCTIONS));
  }

  @Test
  void theLibraryThatComesAlong_isNamedWithItsKernels() {
    Blas blas = Blas.load();
    assertEquals("OpenBLAS 0.3.31", blas.library());
    assertFalse(blas.kernels().isEmpty());
  }
}
