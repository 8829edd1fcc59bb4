package org.levinv.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchTest {
  @ParameterizedTest
  @CsvSource({
    "2012.26, 2000, 4, 2012 > 2000",
    "2000.4036, 2000, 4, 2000.4 > 2000.0",
    "2000.000001, 2000, 4, 2000.000001 > 2000.000000",
    "1.0000000000000002, 1, 3, 1.0000000000000002 > 1.0000000000000000",
  })
  void aLimitAndWhatIsPastItDiffer(double value, double limit, int digits, String expected) {
    assertEquals(expected, Watch.past(value, limit, digits, ""));
  }
}
