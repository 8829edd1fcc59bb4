package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.mllib.linalg.distributed.RowMatrix;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.PlantedProblem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.VectorSource;
import org.levinv.Weights;
import org.levinv.device.Device;
import org.levinv.device.RowSource;
import org.levinv.device.Workspace;
import org.levinv.files.Inputs;
import org.levinv.files.ResultFiles;
import org.levinv.pass.SlackGramPass;
import org.levinv.rows.ClusterStore;
import org.levinv.rows.Field;
import org.levinv.rows.LeafArrays;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

/**
 * A table of times, by hand: a Gram pass on two executors beside the same rows in memory, Spark's
 * own Gram matrix and an empty job, in turn; then whole solves. Asserts no time. Rows and columns
 * by {@code speed.rows} and {@code speed.columns}.
 */
@Tag("speed")
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SparkSpeedTest {
  private static final int ROUNDS = 9;

  private final int n = Integer.getInteger("speed.rows", 2_000_000);
  private final int d = Integer.getInteger("speed.columns", 50);

  @TempDir Path folder;

  /** Seconds of some kinds of work, which take turns. */
  private static final class Times {
    /** By the clock, and of the processors, which counts where other work goes on beside. */
    private record Taken(double seconds, double processor) {}

    private final Map<String, List<Taken>> all = new TreeMap<>();

    void take(String what, Runnable work) {
      long start = System.nanoTime();
      double before = processor();
      work.run();
      double seconds = (System.nanoTime() - start) * 1e-9;
      all.computeIfAbsent(what, k -> new ArrayList<>())
          .add(new Taken(seconds, processor() - before));
    }

    /** Of this process and its executors, in steps of 10 ms. */
    private static double processor() {
      return Stream.concat(
              Stream.of(ProcessHandle.current()), ProcessHandle.current().descendants())
          .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
          .mapToDouble(time -> time.toNanos() * 1e-9)
          .sum();
    }

    double median(String what) {
      return median(what, Taken::seconds);
    }

    double median(String what, ToDoubleFunction<Taken> time) {
      return middle(all.get(what).stream().mapToDouble(time));
    }

    /** The median of what one takes for each second of another in the same round. */
    double ratio(String what, String to, ToDoubleFunction<Taken> time) {
      List<Taken> above = all.get(what);
      List<Taken> below = all.get(to);
      return middle(
          IntStream.range(0, above.size())
              .mapToDouble(
                  k -> time.applyAsDouble(above.get(k)) / time.applyAsDouble(below.get(k))));
    }

    private static double middle(DoubleStream values) {
      double[] sorted = values.sorted().toArray();
      return sorted[sorted.length / 2];
    }

    void say(String from, String to) {
      all.keySet()
          .forEach(
              what ->
                  SparkSpeedTest.say(
                      "  %-15s %.3f, processors %.3f",
                      what, median(what), median(what, Taken::processor)));
      SparkSpeedTest.say(
          "%s / %s pass %.2f, processors %.2f",
          from, to, ratio(from, to, Taken::seconds), ratio(from, to, Taken::processor));
    }
  }

  private static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }

  private double[] write() {
    PlantedProblem planted = PlantedProblem.of(PlantedProblem.Recipe.of(n, d).withSeed(1));
    try (ResultFiles files = ResultFiles.in(folder);
        Inverter inverter = Inverter.open("cpu", 0)) {
      files.stage("A.npy", planted.matrix());
      files.stage("b.npy", planted.offset());
      Model model = new Model(planted.matrix(), planted.offset(), Weights.BARRIER);
      files.stage("sigma.npy", inverter.scores(model, planted.solution()));
      files.commit();
    }
    return planted.solution();
  }

  @Test
  void gramPassAndSolves() {
    double[] x = write();
    Map<String, String> settings = new TreeMap<>();
    settings.put("spark.executor.memory", "2g");
    settings.put("spark.memory.offHeap.enabled", "true");
    settings.put("spark.memory.offHeap.size", "2g");
    try (JavaSparkContext context = Contexts.cluster(settings)) {
      passes(context, x);
      solve("from .npy", context, Planted.npy(context, folder, false, 0), x);
      String parquet = folder.resolve("table.parquet").toString();
      writeTable(context, parquet);
      Dataset<Row> table = Planted.session(context).read().parquet(parquet);
      long start = System.nanoTime();
      SparkRows rows = SparkRows.of(table, "features", "offset", "leverage", null, 0);
      say("a table becomes leaves: %.1f s", (System.nanoTime() - start) * 1e-9);
      solve("from Parquet", context, rows, x);
    }
  }

  private void passes(JavaSparkContext context, double[] x) {
    double[] M = new double[d * d];
    for (int j = 0; j < d; j++) {
      for (int k = j; k < d; k++) {
        M[j * d + k] = j == k ? 1 : 0.01 / d;
      }
    }
    Times times = new Times();
    RowSource A = Inputs.matrix(folder.resolve("A.npy"));
    VectorSource b = VectorSource.of("b", Inputs.vector(folder.resolve("b.npy")));
    ProblemRows all = ProblemRows.of(A).with(Field.OFFSET, b);
    try (Device device = ExecutorDevices.open(0);
        Workspace space = new Workspace(device);
        SparkRows rows = Planted.npy(context, folder, false, 0);
        RowStore resident = LeafStore.resident(all, device);
        RowStore held = new ClusterStore(all, new SparkCluster(rows), device);
        RowStore passing = new ClusterStore(all, new SparkCluster(rows), device, false);
        RowStore moved = new ClusterStore(all, new SparkCluster(rows), device)) {
      org.levinv.device.Matrix T = space.matrix(d, d);
      device.upload(M, T);
      moved.changeCoordinates(T, true);
      SlackGramPass pass = SlackGramPass.at(x);
      JavaRDD<Vector> vectors =
          rows.leaves().flatMap(new Rows(d)).persist(StorageLevel.MEMORY_AND_DISK());
      RowMatrix spark = new RowMatrix(vectors.rdd(), n, d);
      double[][] gram = new double[2][];
      for (int round = -2; round < ROUNDS; round++) { // two to warm up
        Times taken = round < 0 ? new Times() : times;
        taken.take("resident", () -> gram[0] = gram(resident, pass));
        taken.take("held", () -> gram[1] = gram(held, pass));
        assertArrayEquals(gram[0], gram[1]);
        taken.take("passing", () -> gram[1] = gram(passing, pass));
        assertArrayEquals(gram[0], gram[1]);
        taken.take("held, re-based", () -> gram(moved, pass));
        taken.take("RowMatrix", () -> spark.computeGramianMatrix());
        taken.take("empty job", () -> rows.leaves().foreachPartition(leaves -> {}));
      }
      vectors.unpersist(true);
    }
    say("%d x %d, medians of %d rounds in turn, seconds:", n, d, ROUNDS);
    times.say("RowMatrix", "held");
    double bound = 1.5 * times.median("resident") + times.median("empty job");
    say("held pass %.3f, 1.5 resident + empty job %.3f", times.median("held"), bound);
  }

  private double[] gram(RowStore store, SlackGramPass pass) {
    double[] G = new double[d * d];
    store.device().download(store.run(pass).G(), G);
    return G;
  }

  /** Spark's own vectors. */
  private record Rows(int d)
      implements org.apache.spark.api.java.function.FlatMapFunction<LeafArrays, Vector> {
    @Override
    public java.util.Iterator<Vector> call(LeafArrays leaf) {
      List<Vector> rows = new ArrayList<>();
      for (int i = 0; i < leaf.count(d); i++) {
        double[] a = new double[d];
        leaf.copyRows(i, 1, d, a, 0);
        rows.add(Vectors.dense(a));
      }
      return rows.iterator();
    }
  }

  private void writeTable(JavaSparkContext context, String path) {
    int width = d;
    try (SparkRows rows = Planted.npy(context, folder, false, 8)) {
      StructType schema =
          new StructType()
              .add("features", DataTypes.createArrayType(DataTypes.DoubleType))
              .add("offset", DataTypes.DoubleType)
              .add("leverage", DataTypes.DoubleType);
      JavaRDD<Row> table =
          rows.leaves()
              .flatMap(
                  leaf -> {
                    List<Row> some = new ArrayList<>();
                    double[] b = new double[1];
                    double[] sigma = new double[1];
                    for (int i = 0; i < leaf.count(width); i++) {
                      double[] a = new double[width];
                      leaf.copyRows(i, 1, width, a, 0);
                      leaf.copy(Field.OFFSET, i, 1, b, 0);
                      leaf.copy(Field.TARGET, i, 1, sigma, 0);
                      some.add(RowFactory.create(a, b[0], sigma[0]));
                    }
                    return some.iterator();
                  });
      SparkSession session = Planted.session(context);
      session.createDataFrame(table, schema).write().parquet(path);
    }
  }

  private static void solve(String what, JavaSparkContext context, SparkRows rows, double[] x) {
    Options options = Options.defaults().withSigns(Signs.positive());
    AtomicReference<Result> found = new AtomicReference<>();
    Times times = new Times();
    try (rows;
        SparkInverter inverter = new SparkInverter()) {
      int jobs =
          Contexts.jobs(
              context, () -> times.take(what, () -> found.set(inverter.invert(rows, options))));
      Result result = found.get();
      assertEquals(Status.CONVERGED, result.status());
      double error = 0;
      double size = 0;
      for (int j = 0; j < x.length; j++) {
        error = Math.max(error, Math.abs(result.x()[j] - x[j]));
        size = Math.max(size, Math.abs(x[j]));
      }
      assertEquals(0, error / size, 1e-10);
      say(
          "%s: %.1f s, error of x %.1e, %.1f passes, work %.1f, %d jobs",
          what, times.median(what), error / size, result.passes(), result.work(), jobs);
    }
  }
}
