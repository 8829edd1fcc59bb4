package org.levinv.method.groups;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Rows of a matrix that fall apart into groups which are problems of their own, whatever their
 * weights: those of a group are C y, with unknowns y that no other group has, and x is the sum of
 * what each group adds.
 */
public final class Decoupling {

  private Decoupling() {}

  /**
   * A group.
   *
   * @param rows of A, ascending
   * @param C their coordinates, row by row, as many columns as {@code back} has
   * @param back takes y to what it adds to x, d x columns
   */
  public record Group(int[] rows, double[] C, HostMatrix back) {
    /** Unknowns. */
    public int columns() {
      return back.columns();
    }
  }

  /**
   * The groups of A, m x d, in the order of their first unknown; none where all rows are one, or
   * the rank is below d. Some 2 m d^2 flops, less with many zeros.
   */
  public static List<Group> of(HostMatrix A, long seed, Effort effort) {
    double[] unit = A.columnLengths();
    for (int j = 0; j < unit.length; j++) {
      unit[j] = 1 / unit[j];
    }
    HostMatrix scaled = A.scaledColumns(unit);
    int d = A.columns();
    if (ConnectedComponents.isOne(scaled, new SplittableRandom(seed), effort)) {
      return List.of();
    }
    ConnectedComponents parts = ConnectedComponents.of(scaled, effort);
    if (parts == null) {
      return List.of();
    }
    HostMatrix back = parts.inverse().scaledRows(unit);
    List<Group> groups = new ArrayList<>();
    for (ConnectedComponents.Group part : parts.groups()) {
      groups.add(
          new Group(
              part.rows(),
              parts.C().part(part.rows(), part.columns()).entries(),
              back.part(ConnectedComponents.range(d), part.columns())));
    }
    return groups;
  }
}
