package org.levinv.method.groups;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Small problems of the kinds that users bring, from the test resources. */
final class Cases {
  private Cases() {}

  static Planted of(String name, double error) {
    double[][] A = read(name, "A");
    int m = (int) A[1][0];
    double[][] x = read(name, "x");
    double[][] signs = read(name, "signs");
    HostMatrix M = new HostMatrix(A[0], m, A[0].length / m);
    double[] b = read(name, "b")[0];
    double[] known = signs == null ? null : signs[0];
    if (known == null && x != null) {
      known = Planted.slacks(M, b, x[0]);
      for (int i = 0; i < m; i++) {
        known[i] = Math.signum(known[i]);
      }
    }
    double[] delta = new double[m];
    java.util.Arrays.fill(delta, error);
    return new Planted(name, M, b, read(name, "sigma")[0], x == null ? null : x[0], known, delta);
  }

  /** {numbers, {first dimension}} of a file of doubles, row by row; null where there is none. */
  private static double[][] read(String name, String part) {
    try (InputStream in = Cases.class.getResourceAsStream("/cases/" + name + "/" + part + ".npy")) {
      if (in == null) {
        return null;
      }
      ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      int length = bytes.getShort(8);
      String header = new String(bytes.array(), 10, length, StandardCharsets.US_ASCII);
      if (!header.contains("<f8") || header.contains("True")) {
        throw new IllegalArgumentException(
            name + "/" + part + ": expected rows of <f8, got " + header);
      }
      String shape = header.substring(header.indexOf('(') + 1, header.indexOf(')'));
      double[] numbers = new double[(bytes.capacity() - 10 - length) / 8];
      bytes.position(10 + length);
      bytes.asDoubleBuffer().get(numbers);
      return new double[][] {numbers, {Double.parseDouble(shape.split(",")[0])}};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
