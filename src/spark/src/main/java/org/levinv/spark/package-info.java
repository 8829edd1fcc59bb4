/**
 * The same inversion on Apache Spark: leaves of rows are elements of an RDD, the passes of the
 * method are ordinary tasks on them, which Spark may do again anywhere, and everything of the size
 * of a sample or of d x d is done by the driver.
 *
 * <p>{@link org.levinv.spark.SparkRows} reads a problem, {@link org.levinv.spark.SparkInverter}
 * solves it, and {@link org.levinv.spark.LeverageInversion} does both as a stage of spark.ml's
 * pipelines. Bits of x depend on the rows and their order alone, and on the kind of the processors.
 */
package org.levinv.spark;
