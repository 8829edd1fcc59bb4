package org.levinv.device.cpu;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The names by which Linux's loader knows a shared library and those that it needs (DT_SONAME and
 * DT_NEEDED of its dynamic section), in files of 64 bits. The layout is that of elf(5).
 */
final class ElfNames {
  private static final int HEADER = 64;
  private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F', 2}; // the last: of 64 bits

  private static final int LOADED_SEGMENT = 1; // PT_LOAD
  private static final int DYNAMIC_SEGMENT = 2; // PT_DYNAMIC
  private static final long NEEDED = 1; // DT_NEEDED
  private static final long STRINGS = 5; // DT_STRTAB
  private static final long OWN = 14; // DT_SONAME

  /** Bytes of a name at most, and its end: one of a file, which Linux limits to 255. */
  private static final int LONGEST = 256;

  private final FileChannel file;
  private final ByteOrder order;

  /** A part of the file, and where it comes to in memory. */
  private record Segment(int kind, long offset, long address, long bytes) {}

  /** A name, and where it is in the file. */
  private record Name(long position, String text) {}

  private ElfNames(FileChannel file, ByteOrder order) {
    this.file = file;
    this.order = order;
  }

  /** All names in a file: its own and those of libraries that it needs; none in another's. */
  static List<String> of(Path library) throws IOException {
    return read(library).stream().map(Name::text).toList();
  }

  /**
   * Replaces a name by one of equal length. The file stays whole for those who have it open, and
   * keeps its size and time; one without the name stays as it is.
   */
  static void replace(Path library, String name, String by) throws IOException {
    if (by.length() != name.length()) {
      throw new IllegalArgumentException(
          "expected a name of " + name.length() + " characters, got " + by);
    }
    List<Name> found =
        read(library).stream().filter(candidate -> candidate.text.equals(name)).toList();
    if (found.isEmpty()) {
      return;
    }
    Path changed = Files.createTempFile(library.toAbsolutePath().getParent(), "lib", ".tmp");
    try {
      Files.copy(library, changed, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel out = FileChannel.open(changed, StandardOpenOption.WRITE)) {
        for (Name place : found) {
          out.write(ByteBuffer.wrap(by.getBytes(StandardCharsets.US_ASCII)), place.position);
        }
      }
      Files.setLastModifiedTime(changed, Files.getLastModifiedTime(library));
      Files.move(changed, library, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(changed);
    }
  }

  private static List<Name> read(Path library) throws IOException {
    try (FileChannel file = FileChannel.open(library)) {
      ByteBuffer start = ByteBuffer.allocate(HEADER);
      if (file.read(start, 0) < HEADER || !startsWithMagic(start)) {
        return List.of();
      }
      boolean isLittle = start.get(MAGIC.length) == 1;
      ElfNames elf = new ElfNames(file, isLittle ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      return elf.names(elf.segments(start.order(elf.order)));
    }
  }

  private static boolean startsWithMagic(ByteBuffer start) {
    for (int k = 0; k < MAGIC.length; k++) {
      if (start.get(k) != MAGIC[k]) {
        return false;
      }
    }
    return true;
  }

  private List<Segment> segments(ByteBuffer header) throws IOException {
    long table = header.getLong(32);
    int bytes = header.getShort(54);
    int count = header.getShort(56);
    List<Segment> segments = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      ByteBuffer entry = at(table + (long) k * bytes, bytes);
      segments.add(
          new Segment(entry.getInt(0), entry.getLong(8), entry.getLong(16), entry.getLong(32)));
    }
    return segments;
  }

  private List<Name> names(List<Segment> segments) throws IOException {
    List<Long> offsets = new ArrayList<>();
    long strings = 0;
    for (Segment segment : segments) {
      if (segment.kind == DYNAMIC_SEGMENT) {
        ByteBuffer entries = at(segment.offset, Math.toIntExact(segment.bytes));
        for (int k = 0; k + 16 <= segment.bytes; k += 16) {
          long tag = entries.getLong(k);
          if (tag == NEEDED || tag == OWN) {
            offsets.add(entries.getLong(k + 8));
          } else if (tag == STRINGS) {
            strings = entries.getLong(k + 8);
          }
        }
      }
    }
    List<Name> names = new ArrayList<>();
    for (long offset : offsets) {
      long position = position(strings + offset, segments);
      names.add(new Name(position, text(position)));
    }
    return names;
  }

  /** Where in the file is what comes to an address. */
  private static long position(long address, List<Segment> segments) throws IOException {
    for (Segment segment : segments) {
      long within = address - segment.address;
      if (segment.kind == LOADED_SEGMENT && within >= 0 && within < segment.bytes) {
        return segment.offset + within;
      }
    }
    throw new IOException("expected names in a part of the file that is loaded");
  }

  private String text(long position) throws IOException {
    byte[] some =
        at(position, (int) Math.max(1, Math.min(LONGEST, file.size() - position))).array();
    int end = 0;
    while (end < some.length && some[end] != 0) {
      end++;
    }
    return new String(some, 0, end, StandardCharsets.US_ASCII);
  }

  private ByteBuffer at(long position, int bytes) throws IOException {
    ByteBuffer some = ByteBuffer.allocate(bytes).order(order);
    while (some.hasRemaining()) {
      if (file.read(some, position + some.position()) < 0) {
        throw new EOFException("expected more than " + file.size() + " bytes");
      }
    }
    return some.clear();
  }
}
