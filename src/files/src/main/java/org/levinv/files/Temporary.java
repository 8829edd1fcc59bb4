package org.levinv.files;

/** Names for temporary files. */
final class Temporary {
  private Temporary() {}

  /** The end of a name that no other process and no other moment has. */
  static String suffix() {
    return ProcessHandle.current().pid() + "-" + System.nanoTime() + ".tmp";
  }
}
