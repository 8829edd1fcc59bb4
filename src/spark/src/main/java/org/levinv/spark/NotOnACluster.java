package org.levinv.spark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Options of {@code levinv solve} that there are none of where the rows are on a cluster. */
final class NotOnACluster {
  private static final Map<String, String> REASONS = new LinkedHashMap<>();

  static {
    say("the global method alone works on rows that are on a cluster", "--method", "--certificate");
    say(
        "it belongs to the local methods, which want all rows in one process",
        "--accuracy",
        "--regularization");
    say("sums are made in double precision", "--precision");
    say(
        "this command has the weights 1 / (Ax - b) alone; SparkInverter has others",
        "--weights",
        "--orient");
    say(
        "Spark does lost work again, and a search that ended early goes on by --start",
        "--checkpoint");
    say("--write leaves the rows as a table, from which plots can be made", "--report");
    say(
        "a task has the card that Spark gives it, by spark.executor.resource.gpu, or the processor",
        "--device");
    say("a task has the cores of spark.task.cpus", "--threads");
    say("spark.executor.memory and spark.driver.memory say it", "--memory");
  }

  private NotOnACluster() {}

  private static void say(String reason, String... options) {
    for (String option : options) {
      REASONS.put(option, reason);
    }
  }

  /** Why the first of these arguments that is such an option is none here, or null. */
  static String reason(List<String> arguments) {
    for (String argument : arguments) {
      String name = argument.replaceFirst("=.*", "");
      if (REASONS.containsKey(name)) {
        return name + ": expected no such option on Spark: " + REASONS.get(name);
      }
    }
    return null;
  }
}
