package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.levinv.rows.StoreProblem.N;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.InvalidInputException;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.Signs;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.files.Inputs;
import org.levinv.files.ResultFiles;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.ClusterStore;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.LeafTask;
import org.levinv.rows.PartialSums;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.rows.StoreProblem;

/** Leaves in an RDD give the bits of leaves in memory. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SparkStoreTest {
  private final StoreProblem problem = new StoreProblem(false, false);
  private final Partition partition = new Partition(N, 16);

  @TempDir Path folder;

  private double[] resident() {
    try (Device device = ExecutorDevices.open(1);
        RowStore store = new LeafStore(problem.rows, device, partition, Long.MAX_VALUE)) {
      return problem.answers(store, false);
    }
  }

  private double[] onSpark(JavaSparkContext context, int shards) {
    try (Device home = ExecutorDevices.open(1);
        SparkRows rows = Contexts.rows(context, problem.rows, partition, shards);
        RowStore store = new ClusterStore(problem.rows, new SparkCluster(rows), home)) {
      return problem.answers(store, false);
    }
  }

  @Test
  void sameBitsAsResident_inAnyNumberOfPartitions() {
    double[] expected = resident();
    try (JavaSparkContext context = Contexts.local()) {
      for (int shards : new int[] {4, 7, 13, 25}) { // of 32 leaves
        assertArrayEquals(expected, onSpark(context, shards), shards + " partitions");
      }
    }
  }

  /** Spark, with sums that seem so large that only a few may come to the driver. */
  private static final class Large extends WatchedCluster {
    Large(SparkCluster spark) {
      super(spark);
    }

    @Override
    public void sum(
        LeafTask<PartialSums> task,
        long bytes,
        Consumer<LeafTask.Answer<PartialSums>> answers,
        Runnable check,
        DoubleConsumer share) {
      AtomicInteger heard = new AtomicInteger();
      spark.sum(
          task,
          spark.mostAnswers() / 12, // of 16 nodes; 10 of groups of three
          answer -> {
            heard.incrementAndGet();
            answers.accept(answer);
          },
          check,
          share);
      assertEquals(3, heard.get(), "seven shards in groups of three");
    }
  }

  @Test
  void sameBitsWhereSumsAreAddedByExecutors() {
    try (JavaSparkContext context = Contexts.local();
        Device home = ExecutorDevices.open(1);
        SparkRows rows = Contexts.rows(context, problem.rows, partition, 7);
        RowStore store = new ClusterStore(problem.rows, new Large(new SparkCluster(rows)), home)) {
      assertArrayEquals(resident(), problem.answers(store, false));
    }
  }

  @Test
  void sameBitsInProcessesOfTheirOwn_withKryo() {
    try (JavaSparkContext context = Contexts.cluster(Contexts.KRYO)) {
      assertArrayEquals(resident(), onSpark(context, 7));
      Planted problem = new Planted(PlantedProblem.Recipe.of(20_000, 10).withSeed(8));
      problem.write(folder);
      Options options = Options.defaults().withSigns(Signs.positive());
      try (SparkRows rows = Planted.npy(context, folder, false, 4);
          SparkInverter inverter = new SparkInverter()) {
        assertArrayEquals(problem.resident(options).x(), inverter.invert(rows, options).x());
      }
    }
  }

  @Test
  @Tag("nightly")
  void sameBitsInProcessesOfTheirOwn_inAnyNumberOfPartitions() {
    inAnyNumberOfPartitions(Map.of());
  }

  @Test
  @Tag("nightly")
  void sameBitsInProcessesOfTheirOwn_inAnyNumberOfPartitions_withKryo() {
    inAnyNumberOfPartitions(Contexts.KRYO);
  }

  private void inAnyNumberOfPartitions(Map<String, String> serialiser) {
    double[] expected = resident();
    try (JavaSparkContext context = Contexts.cluster(serialiser)) {
      for (int shards : new int[] {4, 7, 13, 25}) {
        assertArrayEquals(expected, onSpark(context, shards), shards + " partitions");
      }
    }
  }

  /** 32 MB a sum: some come to the driver, the others are added where they are. */
  @Test
  @Tag("nightly")
  @Timeout(value = 9, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void sumsOfTwoThousandColumns_atDefaultSettings() {
    int n = 9_000;
    int d = 2_000;
    double[] x = new double[d];
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    try (ResultFiles files = ResultFiles.in(folder)) {
      files.stage("A.npy", PlantedProblem.of(PlantedProblem.Recipe.of(n, d).withSeed(4)).matrix());
      files.stage("b.npy", ones);
      files.stage("sigma.npy", ones);
      files.commit();
    }
    ProblemRows all =
        ProblemRows.of(Inputs.matrix(folder.resolve("A.npy")))
            .with(Field.OFFSET, VectorSource.of("b", ones));
    double[] expected = new double[d * d];
    double[] found = new double[d * d];
    long[] numbers = LongStream.range(0, 6_000).map(k -> 3 * k / 2).toArray();
    Map<String, String> settings = Map.of("spark.executor.memory", "1g");
    try (JavaSparkContext context = Contexts.cluster(settings);
        Device home = ExecutorDevices.open(1);
        Workspace space = new Workspace(home);
        SparkRows rows = Planted.npy(context, folder, false, 20);
        RowStore store = new ClusterStore(all, new SparkCluster(rows), home);
        RowStore resident = LeafStore.resident(all, home)) {
      home.download(resident.run(SlackGramPass.at(x)).G(), expected);
      home.download(store.run(SlackGramPass.at(x)).G(), found);
      assertArrayEquals(expected, found);
      assertEquals(6_000, store.gather(numbers, space).rows()); // 96 MB, by several jobs
    }
  }

  @Test
  void resultsThatAreTooLargeForTheDriver_areBadInputThatNamesTheSetting() {
    Map<String, String> tiny = Map.of("spark.driver.maxResultSize", "100");
    try (JavaSparkContext context = Contexts.open("local[2]", tiny)) {
      InvalidInputException e =
          assertThrows(InvalidInputException.class, () -> onSpark(context, 7));
      assertTrue(e.getMessage().startsWith("spark.driver.maxResultSize"), e.getMessage());
    }
  }

  @Test
  void aCheckThatThrowsEndsTheJob_andTheStoreIsUsable() {
    try (JavaSparkContext context = Contexts.local();
        Device home = ExecutorDevices.open(1);
        SparkRows rows = Contexts.rows(context, problem.rows, partition, 4);
        RowStore store = new ClusterStore(problem.rows, new SparkCluster(rows), home)) {
      AtomicInteger asked = new AtomicInteger();
      store.setCheck(
          () -> {
            if (asked.incrementAndGet() > 0) {
              throw new CancellationException("stop");
            }
          });
      assertThrows(CancellationException.class, () -> store.run(SlackGramPass.at(problem.x)));
      assertEquals(1, asked.get());
      store.setCheck(() -> {});
      assertArrayEquals(resident(), problem.answers(store, false));
    }
  }
}
