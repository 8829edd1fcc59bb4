package org.levinv.device.cpu;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A fixed number of lanes that run side by side; the first is the calling thread. */
final class Lanes implements AutoCloseable {

  /** What a lane does; {@code lane} counts from 0. */
  @FunctionalInterface
  interface Work {
    void run(int lane);
  }

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final int count;
  private final ExecutorService others;

  Lanes(int count) {
    this.count = count;
    others =
        count == 1
            ? null
            : Executors.newFixedThreadPool(
                count - 1,
                task -> {
                  Thread thread = new Thread(task, "levinv-cpu-" + NUMBER.incrementAndGet());
                  thread.setDaemon(true);
                  return thread;
                });
  }

  int count() {
    return count;
  }

  /**
   * Runs the first {@code lanes} lanes and waits for all of them; the first failure is thrown
   * again.
   */
  void run(int lanes, Work work) {
    if (lanes == 1) {
      work.run(0);
      return;
    }
    CountDownLatch done = new CountDownLatch(lanes - 1);
    Throwable[] failure = new Throwable[lanes];
    for (int lane = 1; lane < lanes; lane++) {
      int own = lane;
      others.execute(
          () -> {
            try {
              work.run(own);
            } catch (Throwable e) {
              failure[own] = e;
            } finally {
              done.countDown();
            }
          });
    }
    try {
      work.run(0);
    } catch (Throwable e) {
      failure[0] = e;
    }
    awaitUninterruptibly(done);
    for (Throwable e : failure) {
      if (e instanceof RuntimeException runtime) {
        throw runtime;
      }
      if (e instanceof Error error) {
        throw error;
      }
    }
  }

  /** The lanes use memory of the caller, so it must not leave before they are done. */
  private static void awaitUninterruptibly(CountDownLatch done) {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (others != null) {
      others.shutdown();
    }
  }
}
