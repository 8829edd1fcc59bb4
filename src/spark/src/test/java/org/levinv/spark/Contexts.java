package org.levinv.spark;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.levinv.rows.ClusterForTests;
import org.levinv.rows.LeafArrays;
import org.levinv.rows.Partition;
import org.levinv.rows.ProblemRows;
import scala.Tuple2;

/** Spark in this process, or in processes of its own that have the class path of this one. */
final class Contexts {
  static final Map<String, String> KRYO =
      Map.of("spark.serializer", "org.apache.spark.serializer.KryoSerializer");

  private Contexts() {}

  static JavaSparkContext open(String master, Map<String, String> more) {
    SparkConf conf =
        new SparkConf()
            .setMaster(master)
            .setAppName("levinv")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set("spark.executor.memory", "700m")
            .set("spark.sql.shuffle.partitions", "3");
    more.forEach(conf::set);
    return new JavaSparkContext(conf);
  }

  static JavaSparkContext local() {
    return open("local[2]", Map.of());
  }

  /** Two executors of one core each. */
  static JavaSparkContext cluster(Map<String, String> more) {
    fillHome(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return open("local-cluster[2,1,4096]", more);
  }

  /** That of this process. */
  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** What this process was told of modules and native libraries, for another of its kind. */
  static List<String> opens() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--"))
        .toList();
  }

  /** How many jobs some work is. */
  static int jobs(JavaSparkContext context, Runnable work) {
    AtomicInteger jobs = new AtomicInteger();
    SparkListener counting =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart start) {
            jobs.incrementAndGet();
          }
        };
    context.sc().addSparkListener(counting);
    try {
      work.run();
      context.sc().listenerBus().waitUntilEmpty();
      return jobs.get();
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    } finally {
      context.sc().removeSparkListener(counting);
    }
  }

  /** One jar that names all others: what executors start from. */
  private static void fillHome(Path jars) {
    String[] classPath = classPath().split(System.getProperty("path.separator"));
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            Arrays.stream(classPath)
                .filter(path -> !path.isEmpty())
                .map(path -> Path.of(path).toUri().toString())
                .collect(Collectors.joining(" ")));
    try {
      Files.createDirectories(jars);
      try (OutputStream out = Files.newOutputStream(jars.resolve("class-path.jar"))) {
        new JarOutputStream(out, manifest).close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of a problem that is in memory. */
  static SparkRows rows(
      JavaSparkContext context, ProblemRows rows, Partition partition, int shards) {
    long[] starts = new long[shards + 1];
    Arrays.setAll(starts, k -> partition.leaves() * k / shards);
    List<Tuple2<Integer, LeafArrays>> all = new ArrayList<>();
    for (int k = 0; k < shards; k++) {
      for (long leaf = starts[k]; leaf < starts[k + 1]; leaf++) {
        all.add(new Tuple2<>(k, ClusterForTests.leaf(rows, partition, leaf)));
      }
    }
    JavaRDD<LeafArrays> leaves =
        context
            .parallelizePairs(all, Math.min(2, all.size()))
            .partitionBy(new ByShard(shards))
            .mapPartitions(pairs -> sorted(pairs));
    return new SparkRows(
        context,
        leaves,
        partition,
        rows.columns(),
        starts,
        new SparkRows.Names("A", "b", "target", "sign", null));
  }

  private static Iterator<LeafArrays> sorted(Iterator<Tuple2<Integer, LeafArrays>> pairs) {
    List<LeafArrays> leaves = new ArrayList<>();
    pairs.forEachRemaining(pair -> leaves.add(pair._2()));
    leaves.sort(Comparator.comparingLong(LeafArrays::index));
    return leaves.iterator();
  }

  /** The key is the partition. */
  private static final class ByShard extends Partitioner {
    private final int shards;

    ByShard(int shards) {
      this.shards = shards;
    }

    @Override
    public int numPartitions() {
      return shards;
    }

    @Override
    public int getPartition(Object key) {
      return (Integer) key;
    }
  }
}
