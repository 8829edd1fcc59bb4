package org.levinv.files;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;

/**
 * A file that stays open when a thread is interrupted. A {@link FileChannel} closes for every
 * thread once one of its readers is interrupted; here the file is opened anew, what was interrupted
 * is done again, and the thread keeps its flag. All reads and writes name their position, so none
 * waits for another.
 */
final class SteadyFile implements Bytes {
  private final Path path;
  private final OpenOption[] again;
  private final BasicFileAttributes opened;
  private volatile FileChannel channel;
  private boolean closed;

  private SteadyFile(Path path, FileChannel channel, OpenOption... again) throws IOException {
    this.path = path;
    this.channel = channel;
    this.again = again;
    try {
      this.opened = attributes();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** A file to read. */
  static SteadyFile open(Path path) throws IOException {
    return new SteadyFile(path, FileChannel.open(path, READ), READ);
  }

  /** A file that must not be there yet, to write and to read. */
  static SteadyFile create(Path path) throws IOException {
    return new SteadyFile(path, FileChannel.open(path, CREATE_NEW, READ, WRITE), READ, WRITE);
  }

  private interface Use {
    long of(FileChannel channel) throws IOException;
  }

  @Override
  public long size() throws IOException {
    return steadily(FileChannel::size);
  }

  @Override
  public void read(long position, ByteBuffer into) throws IOException {
    int start = into.position();
    while (into.hasRemaining()) {
      long at = position + into.position() - start;
      if (steadily(c -> c.read(into, position + into.position() - start)) < 0) {
        throw new EOFException("the file ended at byte " + at);
      }
    }
  }

  /** Writes what remains of a buffer. */
  void write(long position, ByteBuffer from) throws IOException {
    int start = from.position();
    while (from.hasRemaining()) {
      steadily(c -> c.write(from, position + from.position() - start));
    }
  }

  /** Brings what was written to the disk. */
  void force() throws IOException {
    steadily(
        c -> {
          c.force(true);
          return 0;
        });
  }

  /** A file that another one has replaced is still the one that is open here, and unchanged. */
  @Override
  public void checkUnchanged() throws IOException {
    BasicFileAttributes now;
    try {
      now = attributes();
    } catch (NoSuchFileException e) {
      return;
    }
    boolean touched =
        now.size() != opened.size() || !now.lastModifiedTime().equals(opened.lastModifiedTime());
    if (touched && Objects.equals(now.fileKey(), opened.fileKey())) {
      throw new IOException("the file changed while it was read");
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }

  private BasicFileAttributes attributes() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class);
  }

  /** Positions make it harmless to do again what an interrupt cut short. */
  private long steadily(Use use) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel current = channel;
        try {
          return use.of(current);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          reopen(current, e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void reopen(FileChannel lost, ClosedChannelException e) throws IOException {
    if (closed) {
      throw e;
    }
    if (channel != lost) {
      return;
    }
    FileChannel next = FileChannel.open(path, again);
    if (!Objects.equals(attributes().fileKey(), opened.fileKey())) {
      next.close();
      throw new IOException("the file was replaced while it was read");
    }
    channel = next;
  }
}
