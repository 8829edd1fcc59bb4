package org.levinv.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.levinv.files.Bytes;

/** A file of any of Hadoop's file systems, read by byte ranges. */
final class HadoopBytes implements Bytes {
  private final FSDataInputStream stream;
  private final long size;

  /**
   * Which file, and what it was when it was first looked at. Executors have another working folder
   * than the driver, and perhaps another default file system: so its place is a whole one.
   *
   * @param name what the user calls it, for messages
   * @param uri where it is, with file system and all folders
   * @param size bytes
   * @param modified milliseconds
   */
  record Seen(String name, String uri, long size, long modified) implements Serializable {
    static Seen of(String name, Configuration configuration) throws IOException {
      Path path = new Path(name);
      FileSystem system = path.getFileSystem(configuration);
      FileStatus status = system.getFileStatus(path);
      String uri = system.makeQualified(path).toString();
      return new Seen(name, uri, status.getLen(), status.getModificationTime());
    }

    /**
     * The bytes.
     *
     * @throws ChangedException if the file is not what it was
     */
    HadoopBytes open(Configuration configuration) throws IOException {
      Path path = new Path(uri);
      FileSystem system = path.getFileSystem(configuration);
      FileStatus status = system.getFileStatus(path);
      if (status.getLen() != size || status.getModificationTime() != modified) {
        throw new ChangedException(name + ": the file changed while it was in use");
      }
      return new HadoopBytes(system.open(path), size);
    }
  }

  /** A file that is not what it was. */
  static final class ChangedException extends IOException {
    ChangedException(String message) {
      super(message);
    }
  }

  private HadoopBytes(FSDataInputStream stream, long size) {
    this.stream = stream;
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long position, ByteBuffer into) throws IOException {
    int count = into.remaining();
    if (into.hasArray()) {
      stream.readFully(position, into.array(), into.arrayOffset() + into.position(), count);
      into.position(into.limit());
      return;
    }
    byte[] bytes = new byte[count];
    stream.readFully(position, bytes, 0, count);
    into.put(bytes);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
