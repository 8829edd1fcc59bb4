package org.levinv.files;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Files that other programs wrote: make.py beside them says how. */
final class Resources {
  private Resources() {}

  static Path file(String name) {
    try {
      return Path.of(Resources.class.getResource("/files/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** An array in one of them. */
  static Path member(String name, String member) {
    return Path.of(file(name) + ":" + member);
  }
}
