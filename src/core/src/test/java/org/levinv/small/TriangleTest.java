package org.levinv.small;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TriangleTest {

  /** Two columns of length 1 at an angle: singular values sqrt(1 +- cos), ratio cot(angle / 2). */
  @ParameterizedTest
  @ValueSource(doubles = {1, 1e-3, 1e-8})
  void conditionOfTwoColumnsIsThatOfTheirAngle(double angle) {
    double c = Math.cos(angle);
    double s = Math.sin(angle);
    double[] units = {1e30, 1e-25};
    double[] R = {units[0], c * units[1], 0, s * units[1]};
    double[] inverse = {1 / units[0], -c / s / units[0], 0, 1 / s / units[1]};
    double expected = 1 / Math.tan(angle / 2);
    assertEquals(expected, Triangle.condition(R, inverse, 2), 1e-6 * expected);
  }

  @Test
  void unitsOfOrthogonalColumnsDoNotCount() {
    double[] R = {1e100, 0, 0, 0, 1e-100, 0, 0, 0, 3};
    double[] inverse = {1e-100, 0, 0, 0, 1e100, 0, 0, 0, 1.0 / 3};
    assertEquals(1, Triangle.condition(R, inverse, 3), 1e-12);
  }
}
