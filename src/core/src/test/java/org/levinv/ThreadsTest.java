package org.levinv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadsTest {

  /** Variables as NAME=VALUE, with blanks between them, of a process that has 8 processors. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "0, -, 8, processors",
        "3, OMP_NUM_THREADS=2, 3, threads",
        "12, -, 8, processors",
        "0, OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=3 SLURM_CPUS_PER_TASK=4, 2, OMP_NUM_THREADS",
        "0, OPENBLAS_NUM_THREADS=3 SLURM_CPUS_PER_TASK=4, 3, OPENBLAS_NUM_THREADS",
        "0, SLURM_CPUS_PER_TASK=4, 4, SLURM_CPUS_PER_TASK",
        "0, MKL_NUM_THREADS=3 SLURM_CPUS_PER_TASK=4, 3, MKL_NUM_THREADS",
        "0, MKL_NUM_THREADS=3 OPENBLAS_NUM_THREADS=5, 5, OPENBLAS_NUM_THREADS",
        "0, VECLIB_MAXIMUM_THREADS=2 BLIS_NUM_THREADS=6, 6, BLIS_NUM_THREADS",
        "0, SLURM_CPUS_PER_TASK=64, 8, processors",
        "0, OMP_NUM_THREADS=all OPENBLAS_NUM_THREADS=5, 5, OPENBLAS_NUM_THREADS",
        "0, OMP_NUM_THREADS=0 SLURM_CPUS_PER_TASK=6, 6, SLURM_CPUS_PER_TASK",
      })
  void theFirstThatSaysSo_counts(int asked, String variables, int count, String source) {
    assertEquals(new Threads(count, source), Threads.of(asked, environment(variables), 8));
  }

  @Test
  void listsByNesting_giveTheFirst() {
    assertEquals(
        new Threads(4, "OMP_NUM_THREADS"), Threads.of(0, Map.of("OMP_NUM_THREADS", "4,2"), 8));
  }

  @Test
  void lessThanNone_isRefused() {
    assertThrows(InvalidInputException.class, () -> Threads.of(-1, Map.of(), 8));
  }

  private static Map<String, String> environment(String variables) {
    return variables == null
        ? Map.of()
        : Arrays.stream(variables.split(" "))
            .map(variable -> variable.split("="))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }
}
