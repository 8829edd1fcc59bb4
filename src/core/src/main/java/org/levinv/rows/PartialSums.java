package org.levinv.rows;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.levinv.device.Device;

/**
 * The sums of some leaves, in memory of the host: nodes of the tree over all leaves, which other
 * sums add to in any order without a change of bits.
 */
public final class PartialSums implements Serializable {
  private final HashMap<SumTree.Node, SumsOnHost> nodes = new HashMap<>();

  private PartialSums() {}

  /** What a tree over some leaves ends in; their memory goes back to its pool. */
  static PartialSums of(SumTree tree) {
    PartialSums sums = new PartialSums();
    tree.tops().forEach((node, part) -> sums.nodes.put(node, part.download()));
    tree.giveBack();
    return sums;
  }

  /** Adds these to a tree that has the leaves beside them. */
  void putInto(SumTree tree, Device device) {
    for (Map.Entry<SumTree.Node, SumsOnHost> node : nodes.entrySet()) {
      Sums sums = tree.take();
      sums.upload(node.getValue());
      tree.put(node.getKey(), sums, device);
    }
  }

  /**
   * Those of all leaves {@code from} to before {@code to}.
   *
   * @param parts one or more, of these leaves
   */
  public static PartialSums merge(
      Iterator<PartialSums> parts,
      Device device,
      int columns,
      Partition partition,
      long from,
      long to) {
    try (SumTree.Pool pool = new SumTree.Pool(device, columns)) {
      SumTree tree = null;
      while (parts.hasNext()) {
        PartialSums part = parts.next();
        if (tree == null) {
          tree = new SumTree(pool, part.shape(), partition.leaves(), from, to);
        }
        part.putInto(tree, device);
      }
      return of(tree);
    }
  }

  /** How many nodes of the tree the sums of leaves {@code from} to before {@code to} are. */
  public static int count(Partition partition, long from, long to) {
    return SumTree.tops(partition.leaves(), from, to);
  }

  private SumShape shape() {
    return nodes.values().iterator().next().shape;
  }
}
