package org.levinv.method.groups;

/** Counts the flops of a search, and ends it at a bound or where a listener says so. */
public final class Effort {

  /** Hears how a search gets on. */
  @FunctionalInterface
  public interface Listener {

    /**
     * After each step of a stage.
     *
     * @param misfit what the stage makes small, in its own unit
     * @return false where the search shall end with the best it has
     */
    boolean goesOn(String stage, int step, double misfit);
  }

  private final double most;
  private final Listener listener;
  private double flops;
  private boolean stopped;

  /**
   * An effort of at most so many flops, nearly.
   *
   * @param most flops; infinite for no bound
   */
  public Effort(double most, Listener listener) {
    if (!(most > 0)) {
      throw new IllegalArgumentException(
          "effort: expected a positive number of flops, got " + most);
    }
    this.most = most;
    this.listener = listener;
  }

  /** No bound and no listener. */
  public static Effort unbounded() {
    return new Effort(Double.POSITIVE_INFINITY, (stage, step, misfit) -> true);
  }

  void spend(double count) {
    flops += count;
  }

  /** Reports a step; false where the search shall end. */
  boolean step(String stage, int step, double misfit) {
    stopped |= isOver() || !listener.goesOn(stage, step, misfit);
    return !stopped;
  }

  boolean isOver() {
    return stopped || flops >= most;
  }

  /** Flops so far, by the counts of the operations. */
  public double flops() {
    return flops;
  }
}
