package org.levinv.files;

import io.jhdf.filter.Filter;

/**
 * The LZF compression of h5py. jHDF's own filter takes a library that reaches for Unsafe, of which
 * Java 24 and later warn on standard error; the format is a dozen lines (Marc Lehmann's LibLZF).
 */
final class Lzf implements Filter {
  /** Registered with The HDF Group. */
  private static final int ID = 32000;

  /** Control bytes below this are literals, one more than they say. */
  private static final int LITERALS = 32;

  /** A length that continues in the next byte. */
  private static final int LONG = 7;

  @Override
  public int getId() {
    return ID;
  }

  @Override
  public String getName() {
    return "lzf";
  }

  /** The third number of a filter's data is the size of a chunk. */
  @Override
  public byte[] decode(byte[] packed, int[] filterData) {
    byte[] chunk = new byte[filterData[2]];
    if (packed.length == chunk.length) {
      return packed; // what did not get smaller is kept as it was
    }
    int at = 0;
    for (int to = 0; to < chunk.length; ) {
      int control = packed[at++] & 0xff;
      if (control < LITERALS) {
        System.arraycopy(packed, at, chunk, to, control + 1);
        at += control + 1;
        to += control + 1;
        continue;
      }
      int length = (control >> 5) + 2;
      if (control >> 5 == LONG) {
        length += packed[at++] & 0xff;
      }
      int from = to - ((control & 0x1f) << 8 | packed[at++] & 0xff) - 1;
      for (int k = 0; k < length; k++) {
        chunk[to++] = chunk[from++]; // a run may overlap what it copies
      }
    }
    return chunk;
  }
}
