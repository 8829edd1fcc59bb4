package org.levinv.rows;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Something that happens once to the process that works on a task, after the work and before the
 * answer.
 *
 * @param armed a file that is there until it happens
 * @param kind what
 */
public record Mishap(String armed, Kind kind) implements Serializable {
  /** What may happen. */
  public enum Kind {
    /** The process is killed. */
    KILL,
    /** The process is stopped, and stays so. */
    STOP,
    /** The task throws. */
    THROW
  }

  /** One that is to happen, by a file in some folder. */
  public static Mishap in(Path folder, Kind kind) {
    try {
      Path armed = Files.createDirectories(folder).resolve("armed");
      Files.createFile(armed);
      return new Mishap(armed.toString(), kind);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it happened. */
  public boolean happened() {
    return !Files.exists(Path.of(armed));
  }

  /** The task during which it happens, on some shard. */
  public <T extends Serializable> LeafTask<T> during(LeafTask<T> task) {
    return task.asking(new Disturbed<>(task.question(), this));
  }

  private record Disturbed<T extends Serializable>(LeafQuestion<T> question, Mishap mishap)
      implements LeafQuestion<T> {
    @Override
    public boolean concerns(Partition partition, long from, long to) {
      return question.concerns(partition, from, to);
    }

    @Override
    public T ask(LeafStore leaves, Partition partition, long from, long to) {
      T answer = question.ask(leaves, partition, from, to);
      mishap.happen();
      return answer;
    }
  }

  private void happen() {
    try {
      if (!Files.deleteIfExists(Path.of(armed))) {
        return;
      }
      if (kind == Kind.THROW) {
        throw new IllegalStateException("lost");
      }
      String pid = Long.toString(ProcessHandle.current().pid());
      Files.writeString(Path.of(armed + ".pid"), pid);
      new ProcessBuilder("kill", kind == Kind.KILL ? "-KILL" : "-STOP", pid).start();
      Thread.sleep(60_000); // the signal comes at once
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
