package org.levinv.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.levinv.rows.PartialSums;
import org.levinv.rows.Partition;

/** How leaves are dealt out. */
class ShardsTest {

  @Test
  void shardsAreEven_andHaveFewSums() {
    for (long leaves = 1; leaves < 3_000; leaves += 1 + leaves / 7) {
      for (int wanted = 1; wanted < 70; wanted++) {
        long[] starts = SparkRows.starts(leaves, wanted);
        int shards = starts.length - 1;
        assertEquals(Math.min(wanted, leaves), shards);
        assertEquals(0, starts[0]);
        assertEquals(leaves, starts[shards]);
        for (int k = 0; k < shards; k++) {
          long each = starts[k + 1] - starts[k];
          String what = leaves + " leaves, shard " + k + " of " + shards + ": " + each;
          assertTrue(each >= 1 && each <= 1 + 1.125 * leaves / shards, what);
          Partition partition = new Partition(leaves, 1);
          assertTrue(PartialSums.count(partition, starts[k], starts[k + 1]) <= 8, what);
        }
      }
    }
  }

  @Test
  void everyCoreHasAsMany() {
    try (JavaSparkContext context = Contexts.open("local[3]", Map.of())) {
      Partition small = new Partition(50 * 4_096, 4_096);
      assertArrayEquals(new long[] {0, 16, 34, 50}, SparkRows.starts(context, small, 16, 0));
      Partition large = Partition.of(1_200_000, 50); // 458 MiB: 153 a core
      assertEquals(6, SparkRows.starts(context, large, 50, 0).length - 1);
      assertEquals(5, SparkRows.starts(context, large, 50, 5).length - 1);
    }
  }
}
