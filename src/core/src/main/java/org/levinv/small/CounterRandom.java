package org.levinv.small;

/**
 * Random numbers that depend on a seed, a purpose and a row alone, so that rows can be drawn in any
 * order, and again. SplitMix64 beneath Marsaglia's polar method in strict arithmetic: the same bits
 * on every machine and Java version.
 */
public final class CounterRandom {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  public CounterRandom(long seed, int purpose, long row) {
    state = mix(mix(mix(seed) + purpose * GOLDEN) + row * GOLDEN);
  }

  /** Uniform in [0, 1). */
  public double uniform() {
    return (next() >>> 11) * 0x1.0p-53;
  }

  /** Standard normal. */
  public double normal() {
    double[] one = new double[1];
    normals(one);
    return one[0];
  }

  /** Fills an array with standard normal numbers. */
  public void normals(double[] into) {
    for (int j = 0; j < into.length; j += 2) {
      double u;
      double v;
      double square;
      do {
        u = 2 * uniform() - 1;
        v = 2 * uniform() - 1;
        square = u * u + v * v;
      } while (square >= 1 || square == 0);
      double factor = Math.sqrt(-2 * StrictMath.log(square) / square);
      into[j] = factor * u;
      if (j + 1 < into.length) {
        into[j + 1] = factor * v;
      }
    }
  }

  private long next() {
    state += GOLDEN;
    return mix(state);
  }

  /** Stafford's variant 13 of the finisher of MurmurHash3, as in SplitMix64. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
