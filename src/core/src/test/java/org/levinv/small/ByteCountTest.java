package org.levinv.small;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteCountTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 bytes, 0 bytes",
    "5000, 5000 bytes, 5000 bytes",
    "10240, 10 KiB, 10 KiB",
    "330880, 324 KiB, 323 KiB",
    "214748365, 205 MiB, 204 MiB",
    "10737418240, 10 GiB, 10 GiB",
    "9223372036854775807, 8388608 TiB, 8388607 TiB",
  })
  void aBoundIsNotRoundedAcross(long bytes, String atLeast, String atMost) {
    assertEquals(atLeast, ByteCount.atLeast(bytes));
    assertEquals(atMost, ByteCount.atMost(bytes));
  }
}
