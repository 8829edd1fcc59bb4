package org.levinv.files;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.levinv.InvalidInputException;

/**
 * NumPy's .npz files: zip archives of .npy files. A stored member is read where it lies, a deflated
 * one is unpacked once.
 */
final class Npz {
  private static final int MOST_NAMED = 10;

  private Npz() {}

  static StoredArray open(Input input) throws IOException {
    ZipMember member = choose(input, ZipMember.list(input.name(), input.file()));
    long start = member.dataOffset(input.name(), input.file());
    if (member.isStored()) {
      return Npy.open(input.name(), input.file(), start, member.size());
    }
    Spool spool = unpack(input, member, start);
    try {
      return Npy.open(input.name(), spool, 0, spool.size());
    } catch (IOException | RuntimeException | Error e) {
      spool.close();
      throw e;
    }
  }

  /** The member that was asked for; an archive's only one need not be. */
  private static ZipMember choose(Input input, List<ZipMember> members) {
    List<ZipMember> arrays = members.stream().filter(m -> m.name().endsWith(".npy")).toList();
    if (input.member() == null && arrays.size() == 1) {
      return arrays.get(0);
    }
    return arrays.stream()
        .filter(m -> arrayName(m).equals(input.member()) || m.name().equals(input.member()))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    input.path() + ": expected FILE:NAME with one of " + names(arrays, input)));
  }

  private static String names(List<ZipMember> arrays, Input input) {
    String names =
        arrays.stream()
            .limit(MOST_NAMED)
            .map(member -> Quoted.of(arrayName(member)))
            .collect(Collectors.joining(", "));
    return arrays.isEmpty() ? "its arrays, but it has none" : "the arrays " + names + got(input);
  }

  /** The name that was asked for. */
  static String got(Input input) {
    return ", got " + (input.member() == null ? "no name" : "'" + Quoted.of(input.member()) + "'");
  }

  private static String arrayName(ZipMember member) {
    return member.name().substring(0, member.name().length() - ".npy".length());
  }

  private static Spool unpack(Input input, ZipMember member, long start) throws IOException {
    InputStream packed =
        new BytesStream(input.file(), start, member.compressedSize(), input.progress());
    Inflater inflater = new Inflater(true);
    CRC32 sum = new CRC32();
    Spool spool = null;
    try (InputStream in =
        new CheckedInputStream(new InflaterInputStream(packed, inflater, 1 << 16), sum)) {
      spool = Spool.of(in, member.size());
      if (spool.size() != member.size() || sum.getValue() != member.checksum()) {
        spool.close();
        throw new IOException("the archive is damaged: its checksum is not that of the member");
      }
      return spool;
    } catch (ZipException e) {
      throw new ZipException("the archive is damaged: the member cannot be unpacked");
    } finally {
      inflater.end();
    }
  }
}
