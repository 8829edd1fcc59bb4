package org.levinv.rows;

import java.util.EnumMap;
import java.util.Map;
import org.levinv.Model;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/** The rows of a problem with the numbers that belong to them, read in step. */
public final class ProblemRows {
  private final RowSource A;
  private final Map<Field, VectorSource> fields = new EnumMap<>(Field.class);

  private final boolean scalable;

  private ProblemRows(RowSource A, boolean scalable) {
    this.A = A;
    this.scalable = scalable;
  }

  /** The rows of A (n x d), without any field. */
  public static ProblemRows of(RowSource A) {
    return new ProblemRows(A, true);
  }

  /** Those of a model, with offset and prior weights. */
  public static ProblemRows of(Model model) {
    return new ProblemRows(model.A(), model.weights().isBarrier())
        .with(Field.OFFSET, model.b())
        .with(Field.PRIOR, Field.PRIOR.numbers(model.prior()));
  }

  /** These rows with one more field of n numbers; null leaves it out. */
  public ProblemRows with(Field field, VectorSource values) {
    ProblemRows more = new ProblemRows(A, scalable);
    more.fields.putAll(fields);
    if (values != null) {
      more.fields.put(field, values);
    }
    return more;
  }

  /** The same with the responses of a regression, numbers from 0 to 1; null leaves them out. */
  public ProblemRows withResponses(VectorSource y) {
    return with(Field.RESPONSE, Field.RESPONSE.numbers(y));
  }

  /** The matrix. */
  public RowSource A() {
    return A;
  }

  /**
   * Whether scores stay what they are where a row and its offset are multiplied by one number: with
   * weights 1 / (A x - b), and no others.
   */
  boolean isScalable() {
    return scalable;
  }

  /** n. */
  public long rows() {
    return A.rows();
  }

  /** d. */
  public int columns() {
    return A.columns();
  }

  /** Whether the rows have this field. */
  public boolean has(Field field) {
    return fields.containsKey(field);
  }

  /** The numbers of a field, or null where the rows do not have it. */
  public VectorSource field(Field field) {
    return fields.get(field);
  }
}
