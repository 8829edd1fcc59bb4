package org.levinv.rows;

import java.util.EnumMap;
import java.util.Map;
import org.levinv.VectorSource;
import org.levinv.device.RowSource;

/** The rows of a problem with the numbers that belong to them, read in step. */
public final class ProblemRows {
  private final RowSource A;
  private final Map<Field, VectorSource> fields = new EnumMap<>(Field.class);

  private ProblemRows(RowSource A) {
    this.A = A;
  }

  /** The rows of A (n x d), without any field. */
  public static ProblemRows of(RowSource A) {
    return new ProblemRows(A);
  }

  /** These rows with one more field of n numbers; null leaves it out. */
  public ProblemRows with(Field field, VectorSource values) {
    ProblemRows more = new ProblemRows(A);
    more.fields.putAll(fields);
    if (values != null) {
      more.fields.put(field, values);
    }
    return more;
  }

  /** The matrix. */
  public RowSource A() {
    return A;
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
