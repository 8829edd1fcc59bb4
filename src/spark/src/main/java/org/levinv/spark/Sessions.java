package org.levinv.spark;

import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.levinv.InvalidInputException;

/** Where a session's jobs are started. */
final class Sessions {
  private Sessions() {}

  /**
   * The context of a session.
   *
   * @throws InvalidInputException if it has none, as with Spark Connect
   */
  static JavaSparkContext context(SparkSession session) {
    return context(session::sparkContext);
  }

  static JavaSparkContext context(Supplier<SparkContext> session) {
    try {
      return new JavaSparkContext(session.get());
    } catch (UnsupportedOperationException e) {
      throw new InvalidInputException(
          "Spark Connect: expected a session whose driver is this process (spark.api.mode classic,"
              + " no spark.remote), since a client of Spark Connect has neither RDDs nor a"
              + " SparkContext",
          e);
    }
  }
}
