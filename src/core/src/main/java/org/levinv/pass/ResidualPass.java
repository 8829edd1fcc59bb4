package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Formula;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowBlock;
import org.levinv.rows.RowMap;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * How far A z is from b, in one reading: A^T U^2 (b - A z), ||U (b - A z)|| with U = diag(u), and
 * the largest |b - A z|_i / terms_i; d^2 + 6 d flops a row, and those of the weights.
 */
public final class ResidualPass implements Pass<ResidualSums> {
  private final double[] z;
  private final RowMap weights;

  /**
   * @param z d entries, in the coordinates of the store
   * @param weights u
   */
  public ResidualPass(double[] z, RowMap weights) {
    this.z = z.clone();
    this.weights = weights;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withVectors(1).withNumbers(1).withExtremes(2);
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns + 6.0 * columns + weights.flopsPerRow(columns);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Vector point = space.upload(z);
    RowMap.Kernel u = weights.on(device, space);
    Terms terms = new Terms(z, device, space);
    return (block, sums) -> {
      Vector b = block.field(Field.OFFSET);
      Vector rest = block.scratch(0);
      Vector weight = block.scratch(1);
      Vector weighted = block.scratch(2);
      device.times(block.A(), point, rest);
      device.scale(-1, rest);
      device.axpy(1, b, rest); // b - A z
      u.of(block, weight);
      device.multiply(weight, rest, weighted);
      sums.add(0, device.dot(weighted, weighted)); // ||U (b - A z)||^2
      device.multiply(weight, weighted, weighted);
      device.transposeTimes(block.A(), weighted, sums.vector(0)); // A^T U^2 (b - A z)
      terms.of(block, weight);
      BlockScores.offerLargest(device, block, weight, 1, sums);
      device.map(Formula.RECIPROCAL, 0, weight, null, null, weight); // 0 says nothing
      device.multiply(weight, rest, rest);
      device.map(Formula.MAGNITUDE, 0, rest, null, null, rest);
      BlockScores.offerLargest(device, block, rest, 0, sums); // |b - A z|_i / terms_i
    };
  }

  @Override
  public ResidualSums answer(Sums total) {
    return new ResidualSums(
        total.vector(0), Math.sqrt(total.number(0)), total.extreme(0), total.extreme(1));
  }

  /**
   * terms_i = sqrt(d) ||a_i o z|| + |b_i|, at least (|A| |z| + |b|)_i and at most sqrt(d) times as
   * much.
   */
  static final class Terms {
    private final Device device;
    private final Matrix Z;

    Terms(double[] z, Device device, Workspace space) {
      this.device = device;
      double[] scaled = z.clone();
      for (int j = 0; j < scaled.length; j++) {
        scaled[j] *= Math.sqrt(scaled.length);
      }
      Z = UnitRows.diagonal(scaled, device, space);
    }

    void of(RowBlock block, Vector to) {
      Vector b = block.scratch(RowMap.SCRATCH + 1);
      device.squaredNorms(block.A(), Z, to); // d sum_j (a_ij z_j)^2
      device.map(Formula.ROOT, 0, to, null, null, to);
      device.map(Formula.MAGNITUDE, 0, block.field(Field.OFFSET), null, null, b);
      device.axpy(1, b, to); // + |b_i|
    }
  }
}
