package org.levinv.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.ArrayRows;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;

class ProfileTest {
  private static final int N = 3000;
  private static final int D = 3;

  /** The profile of rows with these targets; column 1 is in units of its own. */
  private static Profile of(double[] target, double secondColumn, Draws draws) {
    double[][] A = new double[N][];
    Arrays.setAll(A, i -> new double[] {1 + 0.1 * Math.sin(i), secondColumn * Math.cos(i), 1});
    ProblemRows rows =
        ProblemRows.of(ArrayRows.of(A))
            .with(Field.OFFSET, VectorSource.of("b", target))
            .with(Field.TARGET, VectorSource.of("scores", target));
    try (Device device = new ReferenceDevice();
        RowStore store = LeafStore.resident(rows, device)) {
      return store.run(new SurveyPass(N, D, draws));
    }
  }

  private static double[] unequal() {
    double[] target = new double[N];
    Arrays.setAll(target, i -> i % 100 == 0 ? 0 : 1.0 / (1 + i % 97));
    return target;
  }

  /** c with sum of min(1, c t) = size, to the width of a bin of the histogram. */
  @Test
  void rate_drawsTheSizeAskedFor() {
    double[] target = unequal();
    Profile profile = of(target, 1, null);
    for (double size : new double[] {20, 200, 1000}) {
      double c = profile.rate(size);
      double expected = Arrays.stream(target).map(t -> Math.min(1, c * t)).sum();
      assertEquals(size, expected, 0.1 * size);
    }
    assertEquals(Double.POSITIVE_INFINITY, profile.rate(N));
    assertEquals(N - N / 100, profile.positive());
  }

  @Test
  void sums_areThoseOfTheTargets() {
    double[] target = unequal();
    target[7] = 1.5;
    target[8] = -0.25;
    Profile profile = of(target, 1, null);
    assertEquals(Arrays.stream(target).sum(), profile.targetSum(), 1e-10);
    assertEquals(Arrays.stream(target).map(t -> t * t).sum(), profile.targetSquares(), 1e-10);
    assertEquals(2, profile.outside());
    assertEquals(1.5, profile.largestTarget());
    assertEquals(7, profile.largestTargetRow());
    assertEquals(-0.25, profile.smallestTarget());
  }

  @Test
  void units_areTheUsersWhereTheyWillDo() {
    assertTrue(of(unequal(), 1, null).units().isNone());
    double[] columns = of(unequal(), 0x1p-40, null).units().columns();
    assertEquals(0x1p40, columns[1] / columns[0], 0x1p42); // to a few powers of two
    assertNull(of(unequal(), 1, null).draws());
  }

  /** The rows of a smaller rate are among those of a larger one, whatever order they come in. */
  @Test
  void draws_areNested() {
    double[] target = unequal();
    Profile few = of(target, 1, new Draws(5, 0, 2));
    Profile many = of(target, 1, new Draws(5, 0, 8));
    long[] among =
        java.util.stream.IntStream.range(0, many.drawn().length)
            .filter(k -> many.rates()[k] < 2)
            .mapToLong(k -> many.drawn()[k])
            .toArray();
    assertArrayEquals(few.drawn(), among);
    assertTrue(few.drawn().length > 10 && few.drawn().length < many.drawn().length);
  }
}
