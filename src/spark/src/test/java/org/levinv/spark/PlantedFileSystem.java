package org.levinv.spark;

import java.net.URI;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The files of this machine by another scheme, as hdfs or s3a would have. */
public final class PlantedFileSystem extends RawLocalFileSystem {
  static final String SCHEME = "planted";

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }
}
