package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class CoarseSpaceTest {

  @Test
  void laplacianIsSummedOverAggregates() {
    HostMatrix A = Planted.effects(6, 7, 2, false, 1).A();
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(A, space, Effort.unbounded());
      double[] one = new double[A.rows()];
      Arrays.fill(one, 1);
      assertTrue(basis.of(one));
      CoarseSpace coarse = new CoarseSpace(basis, device, Effort.unbounded());
      for (int g = 0; g < coarse.count(); g++) {
        double[] u = new double[A.rows()];
        for (int i = 0; i < u.length; i++) {
          u[i] = coarse.label()[i] == g ? 1 : 0;
        }
        double[] product = basis.hadamardTimes(u);
        double[] sigma = basis.scores();
        for (int i = 0; i < u.length; i++) {
          product[i] = sigma[i] * u[i] - product[i]; // L u
        }
        double[] sum = coarse.restrict(product);
        for (int h = 0; h < coarse.count(); h++) {
          // both are sums of some 100 products of scores below 1
          assertEquals(sum[h], coarse.laplacian()[g][h], 1e-13);
        }
      }
    }
  }

  @Test
  void rowsOfAnEffectAreMostlyOneAggregate() {
    int rows = 8;
    HostMatrix A = Planted.effects(10, rows, 1, false, 2).A();
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(A, space, Effort.unbounded());
      double[] one = new double[A.rows()];
      Arrays.fill(one, 1);
      assertTrue(basis.of(one));
      int[] label = new CoarseSpace(basis, device, Effort.unbounded()).label();
      int[][] seen = new int[10][11];
      for (int i = 0; i < label.length; i++) {
        seen[i / rows][label[i]]++;
      }
      int alone = 0;
      for (int[] of : seen) {
        alone += Arrays.stream(of).max().orElseThrow();
      }
      // 11 pivots: one effect has two of them, and a row with a large covariate may go there
      assertTrue(alone >= 70, alone + " of 80 rows are with their effect");
    }
  }
}
