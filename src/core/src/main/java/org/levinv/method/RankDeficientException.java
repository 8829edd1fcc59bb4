package org.levinv.method;

/** The columns of A are dependent, so that x is not unique for any scores. */
public final class RankDeficientException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Rank rank;

  /** With the rank found. */
  public RankDeficientException(Rank rank) {
    super("rank " + rank.rank());
    this.rank = rank;
  }

  /** The rank found. */
  public Rank rank() {
    return rank;
  }
}
