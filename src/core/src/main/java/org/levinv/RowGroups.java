package org.levinv;

import java.util.List;

/**
 * Groups of rows that are problems of their own.
 *
 * @param count of groups; 1 where all rows were solved as one problem
 * @param failed what did not end well, a sentence for each such group
 */
public record RowGroups(int count, List<String> failed) {

  /** All rows as one problem. */
  public static final RowGroups ONE = new RowGroups(1, List.of());

  public RowGroups {
    failed = List.copyOf(failed);
  }
}
