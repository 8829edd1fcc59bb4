package org.levinv.rows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongUnaryOperator;

/**
 * Reads the leaves of one pass ahead of those who work on them: a few threads fill the slots that
 * are free, and whoever works takes a slot that is filled and gives it back. Readers touch sources
 * and memory of the host only. The first failure of a reader is that of everybody who waits.
 */
final class Stage implements AutoCloseable {
  private final LeafReader reader;
  private final Partition partition;
  private final long count;
  private final LongUnaryOperator order;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Slot> free;
  private final Deque<Slot> filled = new ArrayDeque<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;
  private long begun;
  private long taken;
  private Throwable failure;

  /**
   * @param count leaves to read
   * @param order the k-th of them
   */
  Stage(
      LeafReader reader,
      Partition partition,
      int columns,
      long count,
      LongUnaryOperator order,
      Collection<Slot> slots,
      int readers) {
    this.reader = reader;
    this.partition = partition;
    this.count = count;
    this.order = order;
    free = new ArrayDeque<>(slots);
    for (int k = 0; k < readers; k++) {
      Thread thread = new Thread(() -> read(Slot.piece(columns)), "levinv-reader-" + (k + 1));
      thread.setDaemon(true);
      threads.add(thread);
    }
    try {
      threads.forEach(Thread::start);
    } catch (Error e) { // the system has no more threads
      close();
      throw e;
    }
  }

  private void read(double[] piece) {
    try {
      for (Slot slot = nextFree(); slot != null; slot = nextFree()) {
        long first = partition.first(slot.index);
        slot.fill(reader.leaf(first, partition.count(slot.index)), piece, () -> stopped);
        put(filled, slot);
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  /** A slot for the next leaf, or null where there is nothing left to read. */
  private Slot nextFree() {
    lock.lock();
    try {
      while (free.isEmpty() && begun < count && !stopped) {
        changed.awaitUninterruptibly();
      }
      if (stopped || begun == count) {
        return null;
      }
      Slot slot = free.remove();
      slot.index = order.applyAsLong(begun++);
      return slot;
    } finally {
      lock.unlock();
    }
  }

  private void put(Deque<Slot> to, Slot slot) {
    lock.lock();
    try {
      to.add(slot);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail(Throwable e) {
    lock.lock();
    try {
      failure = failure == null ? e : failure;
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A leaf that was read; where {@code wait} is false, null if there is none yet. Null after the
   * last one, and where the pass was stopped.
   *
   * @throws RuntimeException what a reader failed with
   */
  Slot next(boolean wait) {
    lock.lock();
    try {
      while (wait && filled.isEmpty() && taken < count && !stopped) {
        changed.awaitUninterruptibly();
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      if (stopped || filled.isEmpty()) {
        return null;
      }
      taken++;
      changed.signalAll();
      return filled.remove();
    } finally {
      lock.unlock();
    }
  }

  /** A slot that is not needed any more. */
  void giveBack(Slot slot) {
    put(free, slot);
  }

  /** Nobody reads or waits any longer; the first who fails calls it so that others end, too. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns when no thread is left. An interrupt ends no reader: that would close its file. */
  @Override
  public void close() {
    stop();
    threads.forEach(Stage::join);
  }

  /** Waits until a thread has ended; an interrupt is kept for later. */
  static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
