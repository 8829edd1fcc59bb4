package org.levinv.method;

/**
 * The sizes of samples that are tried one after the other: each four times the last, at last all
 * rows, and those with finer magnitudes and other starts.
 */
final class SearchSchedule {

  /** Samples tried. */
  private static final int SAMPLES = 5;

  /** Growth from one to the next: a failed one costs little beside it. */
  private static final double GROWTH = 4;

  /** A sample of so large a part of the rows is all of them. */
  private static final double HARDLY_MORE = 1.5;

  private final double n;
  private final double most;
  private final int moreSearches;
  private double size;
  private int samples = 1;
  private int search;
  private boolean cut;

  /**
   * @param n rows
   * @param first size
   * @param most rows that fit in the memory for samples
   * @param moreSearches on all rows after a first one that failed
   */
  SearchSchedule(double n, double first, double most, int moreSearches) {
    this.n = n;
    this.most = most;
    this.moreSearches = moreSearches;
    size = upToAll(first);
  }

  private double upToAll(double wanted) {
    return n <= HARDLY_MORE * wanted ? n : wanted;
  }

  /**
   * The first size for d columns: some 40 d rows where there are many, 8 d at the least.
   *
   * @param n rows
   */
  static double firstSize(long n, int d) {
    return Math.max(8.0 * d + 50, Math.min(40.0 * d + 1000, n / 30.0));
  }

  /** Rows of the sample, or all. */
  double size() {
    return size;
  }

  /** Searches on as many rows before this one. */
  int search() {
    return search;
  }

  /** Whether larger samples were not tried for want of memory. */
  boolean isCut() {
    return cut;
  }

  /** Goes on to the next; false where there is none. */
  boolean next() {
    if (size < n) {
      double larger = upToAll(GROWTH * size);
      cut = larger > most;
      samples++;
      size = cut ? size : larger;
      return !cut && samples <= SAMPLES;
    }
    search++;
    return search <= moreSearches;
  }

  /** The searches at this size again, for another guess of the signs. */
  void again() {
    search = 0;
    samples = 1;
  }
}
