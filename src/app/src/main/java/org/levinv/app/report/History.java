package org.levinv.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.levinv.Progress;
import org.levinv.Standing;

/**
 * Keeps the steps of a solve for its report and hands them on. However many they are, it keeps a
 * few thousand: once that many are there, every other one goes, and of those to come too.
 */
public final class History implements Progress {
  private static final int MOST = 4096;

  /**
   * A search that began.
   *
   * @param number of the attempt
   * @param rows that it began with
   * @param step that came next, of those that are kept
   */
  record Attempt(int number, long rows, int step) {}

  private final Progress next;
  private final List<Attempt> attempts = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private int every = 1;
  private int heard;

  /**
   * @param next hears of all that this hears of
   */
  public History(Progress next) {
    this.next = next;
  }

  @Override
  public void step(Step step) {
    if (heard++ % every == 0) {
      steps.add(step);
    }
    if (steps.size() >= MOST) {
      for (int k = steps.size() / 2; k > 0; k--) {
        steps.remove(2 * k - 1);
      }
      attempts.replaceAll(a -> new Attempt(a.number(), a.rows(), (a.step() + 1) / 2));
      every *= 2;
    }
    next.step(step);
  }

  @Override
  public void attempt(int number, long rows) {
    attempts.add(new Attempt(number, rows, steps.size()));
    next.attempt(number, rows);
  }

  @Override
  public void standing(Supplier<Standing> now) {
    next.standing(now);
  }

  @Override
  public void reading(double share) {
    next.reading(share);
  }

  @Override
  public boolean stop() {
    return next.stop();
  }

  /** In their order. */
  List<Attempt> attempts() {
    return attempts;
  }

  /** In their order. */
  List<Step> steps() {
    return steps;
  }
}
