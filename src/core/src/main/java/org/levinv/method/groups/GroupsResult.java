package org.levinv.method.groups;

import java.util.List;

/**
 * The answers of all groups, joined.
 *
 * @param x d numbers; a group without any answer has no share in it
 * @param misfit root mean square over all rows of (score - target) / uncertainty, where the
 *     uncertainty holds the rounding of the evaluation at x
 * @param groups what became of each
 */
public record GroupsResult(double[] x, double misfit, List<Group> groups) {

  /**
   * A group.
   *
   * @param rows its rows of A
   * @param subspace directions of x that only these rows see, d x its columns
   * @param status what became of it
   * @param misfit root mean square of its rows' residuals in units of their uncertainties
   * @param other what is to be added to x for the second answer, d numbers, or null
   */
  public record Group(
      int[] rows, HostMatrix subspace, Status status, double misfit, double[] other) {}

  /** The status that decides for all: the worst of them. */
  public Status verdict() {
    Status worst = Status.SOLVED;
    for (Group group : groups) {
      worst = group.status().compareTo(worst) > 0 ? group.status() : worst;
    }
    return worst;
  }

  /** The groups with that status. */
  public long count(Status status) {
    return groups.stream().filter(group -> group.status() == status).count();
  }
}
