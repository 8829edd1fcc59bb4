package org.levinv.device;

/** A vector of doubles on a device. */
public interface Vector extends Buffer {
  long length();
}
