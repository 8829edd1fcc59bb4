package org.levinv.device;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Reads pieces ahead of those who work on them: a few threads fill the places that are free, and
 * whoever works takes a place that is filled and gives it back. Readers touch sources and memory of
 * the host only. The failure of a reader is that of everybody who waits; of several, that of the
 * first piece, since those before it have been read.
 *
 * @param <S> a place for a piece
 */
public final class ReadAhead<S> implements AutoCloseable {

  /** Fills places, for one thread. */
  @FunctionalInterface
  public interface Filler<S> {

    /**
     * @param place that is free
     * @param number of the piece, from 0
     * @param stopped whether nobody waits for it any longer
     */
    void fill(S place, long number, BooleanSupplier stopped);
  }

  private final long count;
  private final Supplier<Filler<S>> fillers;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<S> free;
  private final Deque<S> filled = new ArrayDeque<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;
  private long begun;
  private long taken;
  private Throwable failure;
  private long failedAt = Long.MAX_VALUE;

  /**
   * Begins to read.
   *
   * @param name of the threads, to which their numbers are added
   * @param readers threads
   * @param count pieces to read
   * @param places that are free
   * @param fillers one for each thread, which asks for it
   */
  public ReadAhead(
      String name, int readers, long count, Collection<S> places, Supplier<Filler<S>> fillers) {
    this.count = count;
    this.fillers = fillers;
    free = new ArrayDeque<>(places);
    for (int k = 0; k < readers; k++) {
      Thread thread = new Thread(this::read, name + "-" + (k + 1));
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

  /** A free place and the piece for it. */
  private record Task<S>(S place, long number) {}

  private void read() {
    long number = -1;
    try {
      Filler<S> filler = fillers.get();
      for (Task<S> task = begin(); task != null; task = begin()) {
        number = task.number;
        filler.fill(task.place, number, () -> stopped);
        put(filled, task.place);
      }
    } catch (RuntimeException | Error e) {
      fail(number, e);
    }
  }

  /** The next piece, once a place is free; null where there is nothing left to read. */
  private Task<S> begin() {
    lock.lock();
    try {
      while (free.isEmpty() && begun < count && !stopped) {
        changed.awaitUninterruptibly();
      }
      return stopped || begun == count ? null : new Task<>(free.remove(), begun++);
    } finally {
      lock.unlock();
    }
  }

  private void put(Deque<S> to, S place) {
    lock.lock();
    try {
      to.add(place);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail(long number, Throwable e) {
    lock.lock();
    try {
      if (number < failedAt) {
        failedAt = number;
        failure = e;
      }
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A piece that was read; where {@code wait} is false, null if there is none yet. Null after the
   * last one, and where reading was stopped.
   *
   * @throws RuntimeException what a reader failed with
   */
  public S next(boolean wait) {
    lock.lock();
    try {
      while (wait && filled.isEmpty() && taken < count && !stopped) {
        changed.awaitUninterruptibly();
      }
      if (!stopped && !filled.isEmpty()) {
        taken++;
        changed.signalAll();
        return filled.remove();
      }
      if (failure == null) {
        return null;
      }
    } finally {
      lock.unlock();
    }
    close(); // a piece that is still being read may be an earlier one that fails
    if (failure instanceof Error e) {
      throw e;
    }
    throw (RuntimeException) failure;
  }

  /** A place that is not needed any more. */
  public void giveBack(S place) {
    put(free, place);
  }

  /** Nobody reads or waits any longer; the first who fails calls it so that others end, too. */
  public void stop() {
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
    threads.forEach(ReadAhead::join);
  }

  /** Waits until a thread has ended; an interrupt is kept for later. */
  public static void join(Thread thread) {
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
