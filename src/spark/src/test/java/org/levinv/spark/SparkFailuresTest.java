package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.RDDInfo;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.Options;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.device.Device;
import org.levinv.rows.Cluster;
import org.levinv.rows.LeafTask;
import org.levinv.rows.Mishap;
import org.levinv.rows.PartialSums;
import org.levinv.rows.Places;
import org.levinv.solve.GlobalSolve;

/** Processes that are lost change no bit of an answer. */
@Timeout(value = 4, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SparkFailuresTest {
  private static final Options OPTIONS = Options.defaults().withSigns(Signs.positive());

  /** What tasks call themselves. */
  private static final String GRAM = "SlackGramPass";

  private static final String DRAWS = "SurveyPass";
  private static final String SAMPLE_ROWS = "ENTRIES";
  private static final String VERIFICATION = "VerifyScoresPass";

  @TempDir static Path shared;
  private static Result expected;

  @TempDir Path folder;

  @BeforeAll
  static void write() {
    Planted problem = new Planted(Recipe.of(60_000, 20).withSeed(21)); // 15 leaves
    problem.write(shared);
    expected = problem.resident(OPTIONS);
    assertEquals(Status.CONVERGED, expected.status());
  }

  /** Spark, to which things happen in the first tasks of their names. */
  private static final class Troubled extends WatchedCluster {
    private final Map<String, Mishap> mishaps;

    Troubled(SparkCluster spark, Map<String, Mishap> mishaps) {
      super(spark);
      this.mishaps = mishaps;
    }

    private <T extends Serializable> LeafTask<T> disturbed(LeafTask<T> task) {
      LeafTask<T> disturbed = task;
      for (Map.Entry<String, Mishap> mishap : mishaps.entrySet()) {
        if (task.toString().contains(mishap.getKey())) {
          disturbed = mishap.getValue().during(disturbed);
        }
      }
      return disturbed;
    }

    @Override
    public <T extends Serializable> void run(
        LeafTask<T> task,
        Consumer<LeafTask.Answer<T>> answers,
        Runnable check,
        DoubleConsumer share) {
      spark.run(disturbed(task), answers, check, share);
    }

    @Override
    public void sum(
        LeafTask<PartialSums> task,
        long bytes,
        Consumer<LeafTask.Answer<PartialSums>> answers,
        Runnable check,
        DoubleConsumer share) {
      spark.sum(disturbed(task), bytes, answers, check, share);
    }
  }

  /** Solves on two executors of one core each. */
  private void solve(String task, Mishap.Kind kind, Map<String, String> settings) {
    try (JavaSparkContext context = Contexts.cluster(settings);
        SparkRows rows = Planted.npy(context, shared, false, 7)) {
      solve(rows, Map.of(task, kind));
    }
  }

  private void solve(SparkRows rows, Map<String, Mishap.Kind> troubles) {
    Map<String, Mishap> mishaps = new TreeMap<>();
    troubles.forEach((task, kind) -> mishaps.put(task, Mishap.in(folder.resolve(task), kind)));
    try (Device home = ExecutorDevices.open(1)) {
      Cluster cluster = new Troubled(new SparkCluster(rows), mishaps);
      Problem problem = new Problem(rows.matrix(), rows.offset(), rows.scores());
      Result found = new GlobalSolve(Places.on(cluster, home), problem, OPTIONS).run();
      mishaps.forEach((task, mishap) -> assertTrue(mishap.happened(), task));
      assertEquals(expected.message(), found.message());
      assertArrayEquals(expected.x(), found.x());
      assertEquals(expected.passes(), found.passes(), 1e-9);
    }
  }

  /** 4 MB for 10 MB of leaves, an executor killed, and a task that fails; the rest is nightly. */
  @Test
  void leavesThatDoNotFit_anExecutorKilledInAGramPass_aTaskThatFailsOnce() {
    Map<String, String> settings = new TreeMap<>(Contexts.KRYO);
    settings.put("spark.executor.memory", "480m");
    settings.put("spark.memory.fraction", "0.02");
    try (JavaSparkContext context = Contexts.cluster(settings);
        SparkRows rows = Planted.npy(context, shared, false, 7)) {
      solve(rows, Map.of(GRAM, Mishap.Kind.KILL, VERIFICATION, Mishap.Kind.THROW));
      long onDisk =
          Arrays.stream(context.sc().getRDDStorageInfo()).mapToLong(RDDInfo::diskSize).sum();
      assertTrue(onDisk > 0, "leaves were on disk");
    }
  }

  @Test
  @Tag("nightly")
  void anExecutorKilledInAGramPass() {
    solve(GRAM, Mishap.Kind.KILL, Map.of());
  }

  @Test
  @Tag("nightly")
  void anExecutorKilledWhereRowsAreDrawn() {
    solve(DRAWS, Mishap.Kind.KILL, Map.of());
  }

  @Test
  @Tag("nightly")
  void anExecutorKilledWhereTheSampleIsFetched_withKryo() {
    solve(SAMPLE_ROWS, Mishap.Kind.KILL, Contexts.KRYO);
  }

  @Test
  @Tag("nightly")
  void anExecutorKilledInTheVerification() {
    solve(VERIFICATION, Mishap.Kind.KILL, Map.of());
  }

  /** The driver misses its heartbeat, and gives it up. */
  @Test
  @Tag("nightly")
  void anExecutorStoppedInAGramPass() throws IOException {
    Map<String, String> impatient = new TreeMap<>();
    impatient.put("spark.network.timeout", "20s");
    impatient.put("spark.network.timeoutInterval", "5s");
    impatient.put("spark.executor.heartbeatInterval", "4s");
    try {
      solve(GRAM, Mishap.Kind.STOP, impatient);
    } finally {
      Path pid = folder.resolve(GRAM).resolve("armed.pid");
      if (Files.exists(pid)) {
        ProcessHandle.of(Long.parseLong(Files.readString(pid)))
            .ifPresent(ProcessHandle::destroyForcibly);
      }
    }
  }
}
