package org.levinv.spark;

import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.levinv.device.DeviceException;

/** One job, which a check can end, and which tells how far it is. */
final class SparkJob {

  /** Milliseconds between two checks: what a user who says stop does not notice. */
  private static final long TICK = 100;

  /** How long a job waits without a single executor before it is given up. */
  private static final String PATIENCE = "spark.levinv.executorTimeout";

  private static final String USUAL_PATIENCE = "300s";

  /** Milliseconds that tasks of a job that was ended have to stop: each asks between leaves. */
  private static final long LAST_WORDS = 30_000;

  private SparkJob() {}

  /**
   * Runs a job in a thread of its own.
   *
   * @param check what it throws ends the job
   * @throws DeviceException if Spark gave up
   */
  static <T> T run(
      JavaSparkContext context, Supplier<T> job, Runnable check, DoubleConsumer share) {
    String group = "levinv-" + UUID.randomUUID();
    CompletableFuture<T> answer = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                context.setJobGroup(group, "levinv", false);
                answer.complete(job.get());
              } catch (Throwable e) { // handed to who waits
                answer.completeExceptionally(e);
              }
            },
            "levinv-spark-job");
    thread.setDaemon(true);
    long patience = context.getConf().getTimeAsSeconds(PATIENCE, USUAL_PATIENCE);
    check.run();
    share.accept(0);
    thread.start();
    boolean interrupted = false;
    long lastExecutor = System.nanoTime();
    try {
      while (true) {
        try {
          return answer.get(TICK, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          share.accept(done(context, group));
          lastExecutor = hasExecutors(context) ? System.nanoTime() : lastExecutor;
          requireExecutor(context, lastExecutor, patience);
        } catch (InterruptedException e) {
          interrupted = true;
        }
        if (interrupted) {
          Thread.currentThread().interrupt(); // which the check may look at
        }
        check.run();
        interrupted |= Thread.interrupted();
      }
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (RuntimeException | Error e) {
      context.cancelJobGroup(group);
      interrupted |= Thread.interrupted();
      interrupted |= !end(thread);
      throw e;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Spark counts the driver, which works itself where the master is local. */
  private static boolean hasExecutors(JavaSparkContext context) {
    return context.isLocal() || context.statusTracker().getExecutorInfos().length > 1;
  }

  /** Spark itself waits for ever for a worker that is large enough. */
  private static void requireExecutor(JavaSparkContext context, long last, long patience) {
    if (System.nanoTime() - last > TimeUnit.SECONDS.toNanos(patience)) {
      SparkConf conf = context.getConf();
      throw new DeviceException(
          String.format(
              Locale.ROOT,
              "Spark: no executor in %d s: expected workers with room for spark.executor.memory (%s)"
                  + " and spark.executor.cores (%s); %s waits longer",
              patience,
              conf.get("spark.executor.memory", "1g"),
              conf.get("spark.executor.cores", "1, or all"),
              PATIENCE));
    }
  }

  /** Waits for a job that was cancelled; false where this thread was interrupted meanwhile. */
  private static boolean end(Thread thread) {
    try {
      thread.join(LAST_WORDS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static double done(JavaSparkContext context, String group) {
    double tasks = 0;
    double completed = 0;
    for (int id : context.statusTracker().getJobIdsForGroup(group)) {
      SparkJobInfo job = context.statusTracker().getJobInfo(id);
      for (int stage : job == null ? new int[0] : job.stageIds()) {
        SparkStageInfo info = context.statusTracker().getStageInfo(stage);
        tasks += info == null ? 0 : info.numTasks();
        completed += info == null ? 0 : info.numCompletedTasks();
      }
    }
    return tasks == 0 ? 0 : completed / tasks;
  }

  private static RuntimeException failure(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    String message = String.valueOf(e.getMessage());
    return new DeviceException("Spark: " + message.lines().findFirst().orElse(message), e);
  }
}
