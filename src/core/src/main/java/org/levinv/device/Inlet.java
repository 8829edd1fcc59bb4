package org.levinv.device;

/**
 * The way by which any thread fills rows of a device while that works: memory of the host, from
 * where a device with memory of its own copies the rows beside its work. They are filled ({@link
 * #put}), sent ({@link Device#send}), used, and awaited ({@link Device#await}) before they are
 * filled again.
 */
public interface Inlet extends Buffer {
  /**
   * Rows, one after the other, to row {@code first} and those that follow; by any thread, and by
   * several at once for different rows.
   */
  void put(double[] rows, int count, long first);
}
