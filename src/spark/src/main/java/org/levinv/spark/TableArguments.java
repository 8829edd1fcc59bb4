package org.levinv.spark;

import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.SparkSession;
import org.levinv.InvalidInputException;
import picocli.CommandLine.Option;

/** Rows that come as a table. */
final class TableArguments {
  @Option(
      names = "--table",
      paramLabel = "TABLE",
      description =
          "Instead of --matrix, --offset and --scores, a path that Spark reads as a table.")
  private String table;

  @Option(
      names = "--format",
      defaultValue = "parquet",
      paramLabel = "FORMAT",
      description = "Format of the table (default: ${DEFAULT-VALUE}).")
  private String format;

  @Option(
      names = "--features",
      defaultValue = "features",
      paramLabel = "COLUMN",
      description = "Its column of vectors or arrays (default: ${DEFAULT-VALUE}).")
  private String features;

  @Option(
      names = "--offset-column",
      defaultValue = "offset",
      paramLabel = "COLUMN",
      description = "Its column of b (default: ${DEFAULT-VALUE}).")
  private String offset;

  @Option(
      names = "--leverage-column",
      defaultValue = "leverage",
      paramLabel = "COLUMN",
      description = "Its column of target scores (default: ${DEFAULT-VALUE}).")
  private String leverage;

  @Option(
      names = "--sign-column",
      paramLabel = "COLUMN",
      description = "Its column of numbers whose signs are those of Ax - b (default: none).")
  private String sign;

  @Option(
      names = "--prior-weight-column",
      paramLabel = "COLUMN",
      description = "Its column of prior weights, numbers above 0 (default: none, all are 1).")
  private String prior;

  /** Whether there is one. */
  boolean given() {
    return table != null;
  }

  /** Where it is, or null. */
  String path() {
    return table;
  }

  /** The option that names a column which there need not be, of those given; or null. */
  String named() {
    String weights = prior == null ? null : "--prior-weight-column";
    return sign == null ? weights : "--sign-column";
  }

  /**
   * Its rows.
   *
   * @throws InvalidInputException if Spark cannot read it so, or a column is not what is expected
   */
  SparkRows read(SparkSession session, int partitions) {
    try {
      return SparkRows.of(
          session.read().format(format).load(table),
          features,
          offset,
          leverage,
          sign,
          prior,
          partitions);
    } catch (Exception e) { // Spark throws checked ones that it does not declare
      if (e instanceof SparkThrowable) {
        throw new InvalidInputException("--table " + table + ": " + Main.firstLine(e), e);
      }
      throw e;
    }
  }
}
