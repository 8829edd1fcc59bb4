package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.Options;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;

/** What executors work with. */
@Timeout(value = 9, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SparkDevicesTest {
  private final Planted problem = new Planted(Recipe.of(20_000, 10).withSeed(31));

  @TempDir Path folder;

  private Result solve(Map<String, String> settings) {
    problem.write(folder);
    try (JavaSparkContext context = Contexts.cluster(settings);
        SparkRows rows = Planted.npy(context, folder, false, 7);
        SparkInverter inverter = new SparkInverter()) {
      Result found = inverter.invert(rows, Options.defaults().withSigns(Signs.positive()));
      assertEquals(Status.CONVERGED, found.status());
      for (int j = 0; j < problem.x.length; j++) {
        assertEquals(problem.x[j], found.x()[j], 1e-9);
      }
      return found;
    }
  }

  private String script(String name, String text) throws IOException {
    Path script = Files.createDirectories(folder.resolve("bin")).resolve(name);
    Files.writeString(script, "#!/bin/sh\n" + text);
    assertTrue(script.toFile().setExecutable(true));
    return script.toString();
  }

  /** Spark gives each executor a card, here a simulated one, and tasks hold their leaves on it. */
  @Test
  @Tag("nightly")
  void aCardForEachExecutor() throws IOException {
    Path libraries =
        Path.of(System.getProperty("levinv.cuda.libraries", "../../target/simulated-cuda"))
            .toAbsolutePath();
    boolean built = Files.exists(libraries.resolve("libcuda.so.1"));
    assertTrue(built || !"true".equals(System.getenv("CI")), "expected " + libraries);
    assumeTrue(built, "the simulated CUDA libraries were not built");
    String discover = script("discover", "echo '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'\n");
    Map<String, String> settings = new TreeMap<>();
    settings.put("spark.worker.resource.gpu.amount", "1");
    settings.put("spark.worker.resource.gpu.discoveryScript", discover);
    settings.put("spark.executor.resource.gpu.amount", "1");
    settings.put("spark.executor.resource.gpu.discoveryScript", discover);
    settings.put("spark.task.resource.gpu.amount", "1");
    settings.put("spark.executorEnv.LD_LIBRARY_PATH", libraries.toString());
    String note = solve(settings).deviceNote();
    assertTrue(note.contains(" 7 partitions on cuda:0 ("), note);
  }

  /** OpenBLAS is told in one executor that its processor is an older one. */
  @Test
  @Tag("nightly")
  void differentProcessorsAreNamed() throws IOException {
    script(
        "java",
        "case \"$*\" in *'--executor-id 1 '*) export OPENBLAS_CORETYPE=Nehalem;; esac\n"
            + "exec \""
            + System.getProperty("java.home")
            + "/bin/java\" \"$@\"\n");
    String note = solve(Map.of("spark.executorEnv.JAVA_HOME", folder.toString())).deviceNote();
    assertTrue(note.contains("Nehalem"), note);
    assertTrue(note.contains("; executors are different, so bits of x depend on"), note);
  }
}
