package org.levinv.spark;

import java.io.Serializable;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.levinv.rows.Cluster;
import org.levinv.rows.LeafTask;
import org.levinv.rows.Partition;

/** Spark as it is, but for sums, which a test looks at or changes. */
abstract class WatchedCluster implements Cluster {
  final SparkCluster spark;

  WatchedCluster(SparkCluster spark) {
    this.spark = spark;
  }

  @Override
  public Partition partition() {
    return spark.partition();
  }

  @Override
  public long[] starts() {
    return spark.starts();
  }

  @Override
  public int columns() {
    return spark.columns();
  }

  @Override
  public long mostAnswers() {
    return spark.mostAnswers();
  }

  @Override
  public String note() {
    return spark.note();
  }

  @Override
  public <T extends Serializable> void run(
      LeafTask<T> task,
      Consumer<LeafTask.Answer<T>> answers,
      Runnable check,
      DoubleConsumer share) {
    spark.run(task, answers, check, share);
  }
}
