package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.levinv.InvalidInputException;

/**
 * A member of a zip archive. The classes of java.util.zip do not tell where a member lies; this
 * reads the directory for that (PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 to 4.3.16 and 4.5.3).
 *
 * @param method 0: stored, 8: deflated
 * @param checksum CRC-32 of what is unpacked
 * @param localHeader where the member's own header begins
 */
record ZipMember(
    String name, int method, long checksum, long compressedSize, long size, long localHeader) {

  private static final int END = 0x06054b50;
  private static final int END_LOCATOR_64 = 0x07064b50;
  private static final int END_64 = 0x06064b50;
  private static final int DIRECTORY = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int END_BYTES = 22;
  private static final int DIRECTORY_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int MOST_COMMENT = 0xffff;
  private static final long IN_EXTRA = 0xffffffffL;

  /** Bytes of a directory that is read: some 500,000 members; NumPy's have a handful. */
  private static final long MOST_DIRECTORY = 1 << 25;

  boolean isStored() {
    return method == 0;
  }

  /** All members, as the directory has them. */
  static List<ZipMember> list(String name, Bytes archive) throws IOException {
    ByteBuffer directory = directory(name, archive);
    List<ZipMember> members = new ArrayList<>();
    while (directory.remaining() >= DIRECTORY_BYTES && directory.getInt() == DIRECTORY) {
      directory.position(directory.position() - Integer.BYTES);
      members.add(next(name, directory));
    }
    return members;
  }

  /** Where the bytes of the member begin. */
  long dataOffset(String archiveName, Bytes archive) throws IOException {
    if (localHeader < 0 || localHeader > archive.size() - LOCAL_BYTES) {
      throw damaged(archiveName);
    }
    ByteBuffer header = read(archive, localHeader, LOCAL_BYTES);
    if (header.getInt(0) != LOCAL) {
      throw damaged(archiveName);
    }
    long start =
        localHeader
            + LOCAL_BYTES
            + Short.toUnsignedInt(header.getShort(26))
            + Short.toUnsignedInt(header.getShort(28));
    if (compressedSize < 0 || size < 0 || start > archive.size() - compressedSize) {
      throw damaged(archiveName);
    }
    if (isStored() && size != compressedSize) {
      throw damaged(archiveName);
    }
    return start;
  }

  private static ByteBuffer directory(String name, Bytes archive) throws IOException {
    long size = archive.size();
    int tailBytes = (int) Math.min(size, END_BYTES + MOST_COMMENT);
    ByteBuffer tail = read(archive, size - tailBytes, tailBytes);
    int end = tailBytes - END_BYTES;
    while (end >= 0 && tail.getInt(end) != END) {
      end--;
    }
    if (end < 0) {
      throw new InvalidInputException(
          name + ": expected a .npz file, that is a zip archive; it has no directory at its end");
    }
    long length = Integer.toUnsignedLong(tail.getInt(end + 12));
    long start = Integer.toUnsignedLong(tail.getInt(end + 16));
    if (start == IN_EXTRA || length == IN_EXTRA) {
      long endBytes64 = end64(name, archive, size - tailBytes + end);
      ByteBuffer end64 = read(archive, endBytes64, 56);
      length = end64.getLong(40);
      start = end64.getLong(48);
    }
    if (start < 0 || length < 0 || length > MOST_DIRECTORY || start > size - length) {
      throw damaged(name);
    }
    return read(archive, start, (int) length);
  }

  /** Where the larger record of an archive beyond 4 GiB begins. */
  private static long end64(String name, Bytes archive, long end) throws IOException {
    if (end < 20) {
      throw damaged(name);
    }
    ByteBuffer locator = read(archive, end - 20, 20);
    long start = locator.getLong(8);
    boolean found = locator.getInt(0) == END_LOCATOR_64 && start >= 0 && start <= end - 56;
    if (!found || read(archive, start, 4).getInt(0) != END_64) {
      throw damaged(name);
    }
    return start;
  }

  private static ZipMember next(String name, ByteBuffer directory) {
    int at = directory.position();
    int flags = directory.getShort(at + 8);
    int method = directory.getShort(at + 10);
    int nameBytes = Short.toUnsignedInt(directory.getShort(at + 28));
    int extraBytes = Short.toUnsignedInt(directory.getShort(at + 30));
    int commentBytes = Short.toUnsignedInt(directory.getShort(at + 32));
    int all = DIRECTORY_BYTES + nameBytes + extraBytes + commentBytes;
    if (directory.remaining() < all) {
      throw damaged(name);
    }
    String member =
        new String(directory.array(), at + DIRECTORY_BYTES, nameBytes, StandardCharsets.UTF_8);
    if ((flags & 1) != 0 || method != 0 && method != 8) {
      throw new InvalidInputException(
          name
              + ", member "
              + Quoted.of(member)
              + ": expected it stored or deflated, as numpy.savez and numpy.savez_compressed write it");
    }
    long[] wide = {
      Integer.toUnsignedLong(directory.getInt(at + 24)),
      Integer.toUnsignedLong(directory.getInt(at + 20)),
      Integer.toUnsignedLong(directory.getInt(at + 42))
    };
    widen(name, directory, at + DIRECTORY_BYTES + nameBytes, extraBytes, wide);
    long checksum = Integer.toUnsignedLong(directory.getInt(at + 16));
    directory.position(at + all);
    return new ZipMember(member, method, checksum, wide[1], wide[0], wide[2]);
  }

  /** Takes from the extra field, in this order, what does not fit 32 bits. */
  private static void widen(
      String name, ByteBuffer directory, int extra, int extraBytes, long[] wide) {
    int end = extra + extraBytes;
    for (int at = extra; at + 4 <= end; ) {
      int id = Short.toUnsignedInt(directory.getShort(at));
      int fieldEnd = at + 4 + Short.toUnsignedInt(directory.getShort(at + 2));
      int value = at + 4;
      for (int k = 0; id == 1 && k < wide.length; k++) {
        if (wide[k] == IN_EXTRA) {
          if (value + Long.BYTES > Math.min(fieldEnd, end)) {
            throw damaged(name);
          }
          wide[k] = directory.getLong(value);
          value += Long.BYTES;
        }
      }
      at = fieldEnd;
    }
  }

  private static ByteBuffer read(Bytes archive, long position, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    archive.read(position, bytes);
    return bytes.flip();
  }

  private static InvalidInputException damaged(String name) {
    return new InvalidInputException(
        name + ": expected a .npz file, that is a zip archive; its directory is damaged");
  }
}
