package org.levinv.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a .csv file of n numbers, one on each line, in the digits that tell the double. Pieces
 * come in any order and lines differ in length, so the numbers wait in a file beside it until all
 * of them are there.
 */
final class CsvSink implements FileSink {
  private static final int PIECE = 1 << 15;

  private final Path target;
  private final SteadyFile text;
  private final Path place;
  private final NpySink numbers;
  private final long length;

  /**
   * @param target for messages
   * @param text to write, closed with this
   * @param place for the numbers, where no file is yet
   */
  CsvSink(Path target, SteadyFile text, Path place, long length) throws IOException {
    this.target = target;
    this.text = text;
    this.place = place;
    this.length = length;
    SteadyFile file = SteadyFile.create(place);
    place.toFile().deleteOnExit(); // for an interrupt from the keyboard
    numbers = new NpySink(target, file, length);
  }

  @Override
  public void write(long first, int count, double[] values) throws IOException {
    numbers.write(first, count, values);
  }

  @Override
  public void end() throws IOException {
    numbers.requireAll();
    double[] piece = new double[PIECE];
    long position = 0;
    for (long first = 0; first < length; first += PIECE) {
      int count = (int) Math.min(PIECE, length - first);
      numbers.read(first, count, piece);
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < count; i++) {
        lines.append(piece[i]).append('\n');
      }
      ByteBuffer bytes = StandardCharsets.US_ASCII.encode(lines.toString());
      int size = bytes.remaining();
      text.write(position, bytes);
      position += size;
    }
    text.force();
    close();
  }

  @Override
  public boolean isFor(Path path) {
    return target.equals(path);
  }

  @Override
  public void close() {
    numbers.close();
    try {
      text.close();
      Files.deleteIfExists(place);
    } catch (IOException e) {
      // what cannot be deleted now goes with the process
    }
  }
}
