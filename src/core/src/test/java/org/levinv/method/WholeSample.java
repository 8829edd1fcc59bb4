package org.levinv.method;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.levinv.rows.RowStore;

/** A sample that is all rows, each of which counts once. */
final class WholeSample {
  private WholeSample() {}

  static SampleProblem of(RowStore rows, double[] target) {
    double[] ones = new double[target.length];
    Arrays.fill(ones, 1);
    long[] all = LongStream.range(0, target.length).toArray();
    return new SampleProblem(rows, new Sampler.Drawn(all, ones, target, true), 0);
  }
}
