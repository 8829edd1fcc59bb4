package org.levinv.device;

/** Memory on a device. Made by a {@link Workspace}, which frees it. */
public interface Buffer {
  /** Gives the memory back; the buffer must not be used afterwards. */
  void free();
}
