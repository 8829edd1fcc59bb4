package org.levinv.method.groups;

/** What became of a group. In this order, the later one decides the word for several groups. */
public enum Status {
  /** An x whose scores are the target's, as far as these are certain. */
  SOLVED,
  /** Such an x, and a second one with other signs. */
  TWO_ANSWERS,
  /** One row with score 1: x is free along the group's direction. */
  FREE,
  /** b is in the range of the rows: every scale of the slacks gives the same scores. */
  UNDETERMINED,
  /** The scores are those of x at infinity, and no finite x was found. */
  AT_INFINITY,
  /** No x was found that explains the scores. */
  NOT_FOUND,
  /** The effort ended before the group was tried. */
  NOT_TRIED
}
