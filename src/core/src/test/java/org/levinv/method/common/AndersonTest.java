package org.levinv.method.common;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.TestedDevices;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;

/** Mixing of a linear iteration is GMRES: as many steps as it has different rates, and one. */
class AndersonTest {
  private static final double[] RATES = {0.9, -0.5, 0.99, -2};

  /** z = rate z + 1 in each entry, after some steps. */
  private static double[] iterate(int steps, boolean measuredAhead) {
    try (Device device = TestedDevices.open(1);
        Workspace space = new Workspace(device)) {
      Anderson mixing = new Anderson(6, 4, 4, space);
      Vector z = space.vector(4);
      Vector next = space.vector(4);
      Vector twice = space.vector(4);
      double[] values = new double[4];
      for (int k = 0; k < steps; k++) {
        double[] f = new double[4];
        Arrays.setAll(f, j -> (RATES[j] - 1) * values[j] + 1);
        Vector step = space.upload(f);
        if (measuredAhead) {
          device.copy(step, twice);
          device.scale(2, twice);
          mixing.next(z, step, twice, next);
        } else {
          mixing.next(
              z,
              step,
              (from, to) -> {
                device.copy(from, to);
                device.scale(2, to);
              },
              next);
        }
        device.copy(next, z);
        device.download(z, values);
      }
      return values;
    }
  }

  @Test
  void aLinearIterationEndsAfterAsManyStepsAsItHasRates() {
    double[] expected = Arrays.stream(RATES).map(rate -> 1 / (1 - rate)).toArray();
    assertArrayEquals(expected, iterate(5, false), 1e-9); // conditioning of four differences
    assertEquals(100, iterate(5, true)[2], 1e-7);
  }

  @Test
  void aStepMeasuredAheadCountsAsOneMeasuredLater() {
    for (int steps = 1; steps <= 4; steps++) { // the same numbers but for the order of roundings
      assertArrayEquals(iterate(steps, false), iterate(steps, true), 1e-9);
    }
  }
}
