package org.levinv.spark;

import java.io.Serializable;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.levinv.InvalidInputException;
import org.levinv.Result;
import org.levinv.files.ResultFiles;
import org.levinv.solve.RowsAt;

/**
 * What a model keeps of a solve, in memory and in its file, one row.
 *
 * @param x d entries, or null where there is none
 * @param xError d standard errors of x, or null
 * @param status how the solve ended
 * @param message one sentence with the deciding value and its bound
 * @param relativeResidual ||sigma(x) - sigma|| / ||sigma||
 * @param at what finds slacks and scores of any row at x, or null where there are none
 */
record FittedInversion(
    double[] x, double[] xError, String status, String message, double relativeResidual, RowsAt at)
    implements Serializable {
  private static final DataType NUMBERS = DataTypes.createArrayType(DataTypes.DoubleType, false);

  static final StructType SCHEMA =
      new StructType()
          .add("x", NUMBERS)
          .add("xError", NUMBERS)
          .add("status", DataTypes.StringType)
          .add("message", DataTypes.StringType)
          .add("relativeResidual", DataTypes.DoubleType)
          .add("unit", DataTypes.DoubleType)
          .add("inverseR", NUMBERS)
          .add("second", NUMBERS);

  /**
   * Of a solve, be it one that failed.
   *
   * @param at makes what finds scores at x
   */
  static FittedInversion of(Result result, Function<double[], RowsAt> at) {
    RowsAt there = null;
    if (ResultFiles.isFinite(result.x())) {
      try {
        there = at.apply(result.x());
      } catch (InvalidInputException e) {
        if (result.status().usable()) {
          throw e;
        }
      }
    }
    return new FittedInversion(
        result.x(),
        result.xError(),
        result.status().word(),
        result.message(),
        result.relativeResidual(),
        there);
  }

  Row toRow() {
    return RowFactory.create(
        x,
        xError,
        status,
        message,
        relativeResidual,
        at == null ? null : at.unit(),
        at == null ? null : at.inverseR(),
        at == null ? null : at.second());
  }

  static FittedInversion of(Row row) {
    double[] x = numbers(row, "x");
    double[] inverseR = numbers(row, "inverseR");
    return new FittedInversion(
        x,
        numbers(row, "xError"),
        row.getString(row.fieldIndex("status")),
        row.getString(row.fieldIndex("message")),
        row.getDouble(row.fieldIndex("relativeResidual")),
        inverseR == null
            ? null
            : new RowsAt(
                x, row.getDouble(row.fieldIndex("unit")), inverseR, numbers(row, "second")));
  }

  private static double[] numbers(Row row, String name) {
    int k = row.fieldIndex(name);
    return row.isNullAt(k)
        ? null
        : row.<Double>getList(k).stream().mapToDouble(Double::doubleValue).toArray();
  }
}
