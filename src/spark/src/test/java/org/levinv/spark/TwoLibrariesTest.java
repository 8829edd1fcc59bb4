package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.Options;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Signs;
import org.levinv.Status;

/**
 * Spark's own linear algebra, which calls the system's BLAS, and levinv's OpenBLAS in one process:
 * neither disturbs the other, whichever is loaded first.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TwoLibrariesTest {
  private static final String LEVINV = "levinv";
  private static final String SPARK = "RowMatrix";

  private static final String BOTH = "both are loaded";

  /** That of Debian and Ubuntu, which netlib opens by its name. */
  private static final Path SYSTEM = Path.of("/usr/lib/x86_64-linux-gnu/libblas.so.3");

  @TempDir Path folder;

  /** In a process of its own, which a clash would end. */
  @ParameterizedTest
  @CsvSource({LEVINV + "," + SPARK, SPARK + "," + LEVINV})
  void whicheverIsFirst(String first, String second) throws IOException, InterruptedException {
    boolean isOpenBlas =
        Files.exists(SYSTEM) && SYSTEM.toRealPath().toString().contains("openblas");
    assumeTrue(isOpenBlas, "expected an OpenBLAS at " + SYSTEM);
    new Planted(Recipe.of(2_000, 30).withSeed(5)).write(folder);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Contexts.opens());
    command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-cp", Contexts.classPath()));
    command.addAll(List.of(TwoLibrariesTest.class.getName(), first, second));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(3, TimeUnit.MINUTES));
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(output);
    assertEquals(0, process.exitValue(), said);
    assertTrue(said.contains(BOTH), said);
  }

  /** Each works twice, so that each is used after the other was loaded. */
  public static void main(String[] order) throws IOException {
    try (JavaSparkContext context = Contexts.open("local[1]", Map.of())) {
      for (int round = 0; round < 2; round++) {
        for (String library : order) {
          if (library.equals(LEVINV)) {
            invert(context);
          } else {
            gram(context);
          }
        }
      }
    }
    String loaded = Files.readString(Path.of("/proc/self/maps"));
    if (loaded.contains("libjniopenblas.so") && loaded.contains("/openblas-pthread/libblas.so")) {
      System.out.println(BOTH);
    }
  }

  private static void invert(JavaSparkContext context) {
    try (SparkRows rows = Planted.npy(context, Path.of(""), false, 2);
        SparkInverter inverter = new SparkInverter()) {
      Options options = Options.defaults().withSigns(Signs.positive());
      assertEquals(Status.CONVERGED, inverter.invert(rows, options).status());
    }
  }

  /** Of rows (1, i, i^2, ...) mod 7. */
  private static void gram(JavaSparkContext context) {
    int n = 200;
    int d = 60;
    double[][] A = new double[n][d];
    double[] expected = new double[d * d];
    List<Vector> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        A[i][j] = j == 0 ? 1 : A[i][j - 1] * i % 7;
      }
      rows.add(Vectors.dense(A[i]));
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          expected[j * d + k] += A[i][j] * A[i][k];
        }
      }
    }
    RowMatrix matrix = new RowMatrix(context.parallelize(rows, 2).rdd(), n, d);
    assertArrayEquals(expected, matrix.computeGramianMatrix().toArray()); // integers: exact
  }
}
