package org.levinv.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.reference.ReferenceDevice;

class SumTreeTest {

  /** As trees do, whatever the number of leaves: also where it is no power of two. */
  @Test
  void nodesOfSomeLeavesAreCountedWithoutThem() {
    SumShape shape = SumShape.none().withNumbers(1);
    try (Device device = new ReferenceDevice();
        SumTree.Pool pool = new SumTree.Pool(device, 1)) {
      for (int leaves = 1; leaves <= 13; leaves++) {
        Partition partition = new Partition(10L * leaves - 3, 10);
        for (int from = 0; from < leaves; from++) {
          for (int to = from + 1; to <= leaves; to++) {
            SumTree tree = new SumTree(pool, shape, leaves, from, to);
            for (int leaf = from; leaf < to; leaf++) {
              tree.put(new SumTree.Node(0, leaf), tree.take(), device);
            }
            assertEquals(
                tree.tops().size(),
                PartialSums.count(partition, from, to),
                leaves + " leaves, " + from + " to " + to);
            tree.giveBack();
          }
        }
      }
    }
  }
}
