package org.levinv.device;

import java.util.function.IntConsumer;

/**
 * Devices that work side by side in one memory: what one of them allocates, all may use. Each does
 * its own work on one thread, in the same order whatever the size of the team, so that sums of many
 * parts have the same bits on one thread and on many.
 */
public interface Team {

  /** Members, 1 or more. */
  int size();

  /** Member {@code k}. */
  Device member(int k);

  /**
   * Runs {@code work} once for each of {@code count} members, side by side, and waits for all of
   * them; the first failure is thrown again.
   */
  void run(int count, IntConsumer work);

  /** A device that works alone. */
  static Team alone(Device device) {
    return new Team() {
      @Override
      public int size() {
        return 1;
      }

      @Override
      public Device member(int k) {
        return device;
      }

      @Override
      public void run(int count, IntConsumer work) {
        work.accept(0);
      }
    };
  }
}
