package org.levinv.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.files.OutputException;
import org.levinv.files.Provenance;
import org.levinv.files.ResultFiles;
import org.levinv.files.RowsAtAnswer;

/**
 * The folder for the results, of any of Hadoop's file systems. As in a folder of this machine an
 * old result.json goes before anything changes, and the new one comes last.
 */
final class HadoopFolder {

  /** The table of rows at the answer. */
  static final String ROWS = "rows.parquet";

  private final Path folder;
  private final FileSystem system;

  private HadoopFolder(Path folder, FileSystem system) {
    this.folder = folder;
    this.system = system;
  }

  /**
   * Finds out before long work whether it can be written; leaves no trace.
   *
   * @param inputs what the work reads, which may not be what it writes
   * @throws OutputException if it cannot or must not be written
   */
  static HadoopFolder of(String name, Collection<String> inputs, Configuration configuration) {
    try {
      Path path = new Path(name);
      FileSystem system = path.getFileSystem(configuration);
      HadoopFolder folder = new HadoopFolder(system.makeQualified(path), system);
      folder.check(inputs, configuration);
      return folder;
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException e) {
      throw new OutputException(name + ": cannot be written: " + Main.firstLine(e), asIo(e));
    }
  }

  private static IOException asIo(Exception e) {
    return e instanceof IOException io ? io : new IOException(e);
  }

  private void check(Collection<String> inputs, Configuration configuration) throws IOException {
    for (String input : inputs) {
      Path path = new Path(input);
      Path file = path.getFileSystem(configuration).makeQualified(path);
      if (file.equals(rows())
          || ResultFiles.NAMES.stream().anyMatch(name -> file.equals(at(name)))) {
        throw new OutputException(file + ": expected another place: this file is an input");
      }
    }
    if (system.exists(at(ResultFiles.ANSWER)) && !system.exists(at(ResultFiles.RESULT))) {
      throw new OutputException(
          at(ResultFiles.ANSWER)
              + ": expected a result.json beside it: without one it is no result of levinv, but may"
              + " be the x of a generated problem; name another folder");
    }
    boolean isNew = !system.exists(folder);
    Path probe = at(".levinv-probe");
    system.create(probe, true).close();
    system.delete(isNew ? folder : probe, isNew);
  }

  private Path at(String name) {
    return new Path(folder, name);
  }

  /** Where rows at the answer go. */
  Path rows() {
    return at(ROWS);
  }

  /** What an earlier result left of its rows goes, and its result.json, which tells of them. */
  void begin() {
    try {
      boolean isResult = system.delete(at(ResultFiles.RESULT), false);
      if (isResult) {
        system.delete(rows(), true);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Written on this machine as a whole, then copied. */
  void write(Result result, Options options, Provenance provenance, RowsAtAnswer rows) {
    try {
      java.nio.file.Path local = Files.createTempDirectory("levinv");
      try {
        try (ResultFiles files = ResultFiles.in(local)) {
          files.stage(result, options, null, provenance, rows);
          files.commit();
        }
        for (String name : ResultFiles.NAMES) {
          copy(local.resolve(name), name);
        }
      } finally {
        for (String name : ResultFiles.NAMES) {
          Files.deleteIfExists(local.resolve(name));
        }
        Files.delete(local);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void copy(java.nio.file.Path from, String name) throws IOException {
    Path part = at("." + name + ".part");
    system.delete(at(name), false);
    if (Files.exists(from)) {
      system.copyFromLocalFile(true, true, new Path(from.toUri()), part);
      if (!system.rename(part, at(name))) {
        throw new IOException(name + " could not be renamed");
      }
    }
  }

  private OutputException failure(IOException e) {
    return new OutputException(folder + ": cannot be written: " + Main.firstLine(e), e);
  }
}
