package org.levinv;

import java.util.List;
import java.util.Map;

/**
 * How many cores the CPU may use. The first that says so counts: the caller, {@code
 * OMP_NUM_THREADS}, {@code OPENBLAS_NUM_THREADS}, the variables of other BLAS libraries ({@code
 * GOTO_NUM_THREADS}, {@code MKL_NUM_THREADS}, {@code BLIS_NUM_THREADS}, {@code
 * VECLIB_MAXIMUM_THREADS}), {@code SLURM_CPUS_PER_TASK}, and else the processors that the process
 * has, by its affinity and its control group; never more than these.
 *
 * @param count 1 or more
 * @param source {@code threads} (the caller), the name of the variable, or {@code processors}
 */
public record Threads(int count, String source) {
  /** That of OpenMP, those of BLAS libraries, that of the scheduler. */
  private static final List<String> VARIABLES =
      List.of(
          "OMP_NUM_THREADS",
          "OPENBLAS_NUM_THREADS",
          "GOTO_NUM_THREADS",
          "MKL_NUM_THREADS",
          "BLIS_NUM_THREADS",
          "VECLIB_MAXIMUM_THREADS",
          "SLURM_CPUS_PER_TASK");

  /**
   * For this process.
   *
   * @param asked by the caller, or 0
   * @throws InvalidInputException if it is below 0
   */
  public static Threads of(int asked) {
    return of(asked, System.getenv(), Runtime.getRuntime().availableProcessors());
  }

  static Threads of(int asked, Map<String, String> environment, int processors) {
    if (asked < 0) {
      throw new InvalidInputException(
          "threads: expected a number of cores, or 0 for all, got " + asked);
    }
    if (asked > 0) {
      return limited(asked, "threads", processors);
    }
    for (String variable : VARIABLES) {
      int count = number(environment.get(variable));
      if (count > 0) {
        return limited(count, variable, processors);
      }
    }
    return new Threads(processors, "processors");
  }

  private static Threads limited(int count, String source, int processors) {
    return count > processors ? new Threads(processors, "processors") : new Threads(count, source);
  }

  /** Of lists by levels of nesting, such as "4,2", the first; 0 for what is no number. */
  private static int number(String text) {
    try {
      return text == null ? 0 : Math.max(0, Integer.parseInt(text.split(",", 2)[0].strip()));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
