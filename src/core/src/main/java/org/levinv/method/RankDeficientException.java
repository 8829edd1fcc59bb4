package org.levinv.method;

/** The columns of A are dependent, so that x is not unique for any scores. */
public final class RankDeficientException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int rank;

  /** With the rank found. */
  public RankDeficientException(int rank) {
    super("rank " + rank);
    this.rank = rank;
  }

  /** The rank found. */
  public int rank() {
    return rank;
  }
}
