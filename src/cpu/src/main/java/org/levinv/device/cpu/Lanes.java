package org.levinv.device.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed number of lanes that run side by side; the first is the calling thread.
 *
 * <p>Calls come in close succession, and waking a thread costs as much as a small operation: who
 * waits looks again for a moment before it sleeps.
 */
final class Lanes implements AutoCloseable {

  /** What a lane does; {@code lane} counts from 0. */
  @FunctionalInterface
  interface Work {
    void run(int lane);
  }

  /** Looks before a waiting thread offers its core to others: some 50 microseconds. */
  private static final int LOOKS = 1000;

  /** Offers before it sleeps: about a millisecond, longer than most serial steps. */
  private static final int OFFERS = 2000;

  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Lane[] others;
  private final AtomicInteger pending = new AtomicInteger();
  private volatile Thread caller;
  private Work work;

  Lanes(int count) {
    others = new Lane[count - 1];
    for (int k = 0; k < others.length; k++) {
      others[k] = new Lane(k + 1);
      others[k].start();
    }
  }

  int count() {
    return others.length + 1;
  }

  /** A thread that waits for its turn. */
  private final class Lane extends Thread {
    private final int index;
    private volatile boolean turn;
    private volatile boolean closed;
    private Throwable failure;

    Lane(int index) {
      super("levinv-cpu-" + NUMBER.incrementAndGet());
      this.index = index;
      setDaemon(true);
    }

    void begin() {
      failure = null;
      turn = true; // publishes the work
      LockSupport.unpark(this);
    }

    void end() {
      closed = true;
      LockSupport.unpark(this);
    }

    @Override
    public void run() {
      while (true) {
        for (int look = 0; !turn && !closed; look++) {
          pause(look);
        }
        if (closed) {
          return;
        }
        turn = false;
        try {
          work.run(index);
        } catch (Throwable e) {
          failure = e;
        }
        Thread waiting = caller;
        if (pending.decrementAndGet() == 0) {
          LockSupport.unpark(waiting);
        }
      }
    }
  }

  /**
   * Runs {@code parts} parts of some work, part k by lane k modulo the number of lanes, and waits
   * for all of them, since they use memory of the caller; the first failure is thrown again.
   */
  void run(int parts, Work part) {
    int lanes = Math.min(parts, count());
    Work what =
        lanes == parts
            ? part
            : lane -> {
              for (int k = lane; k < parts; k += lanes) {
                part.run(k);
              }
            };
    if (lanes == 1) {
      what.run(0);
      return;
    }
    work = what;
    caller = Thread.currentThread();
    pending.set(lanes - 1);
    for (int k = 0; k < lanes - 1; k++) {
      others[k].begin();
    }
    Throwable failure = null;
    try {
      what.run(0);
    } catch (Throwable e) {
      failure = e;
    }
    awaitOthers();
    work = null;
    for (int k = 0; k < lanes - 1 && failure == null; k++) {
      failure = others[k].failure;
    }
    if (failure instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }

  private void pause(int look) {
    if (look < LOOKS) {
      Thread.onSpinWait();
    } else if (look < LOOKS + OFFERS) {
      Thread.yield();
    } else {
      LockSupport.park(this);
    }
  }

  private void awaitOthers() {
    boolean interrupted = false;
    for (int look = 0; pending.get() > 0; look++) {
      pause(look);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    for (Lane lane : others) {
      lane.end();
    }
  }
}
