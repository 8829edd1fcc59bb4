package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

class SignFlipsTest {

  private static double left(HostMatrix Q, double[] q, double[] s) {
    double[] y = new double[s.length];
    Arrays.setAll(y, i -> q[i] * s[i]);
    double[] z = Q.transposeTimes(y);
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      double r = y[i] - Q.dot(i, z);
      sum += r * r;
    }
    return sum / GroupProblem.squares(q);
  }

  @Test
  void noSingleFlipHelpsAndTheRestIsCountedExactly() {
    Random random = new Random(5);
    int m = 40;
    HostMatrix A = HostMatrix.zeros(m, 5);
    Arrays.setAll(A.entries(), k -> random.nextGaussian());
    double[] one = new double[m];
    Arrays.fill(one, 1);
    double[] q = new double[m];
    double[] s = new double[m];
    Arrays.setAll(q, i -> 0.2 + 0.8 * random.nextDouble());
    Arrays.setAll(s, i -> random.nextBoolean() ? 1 : -1);
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(A, space, Effort.unbounded());
      assertTrue(basis.of(one));
      HostMatrix Q = basis.host();
      double before = left(Q, q, s);
      double after = SignFlips.descend(Q, q, s, Effort.unbounded());
      assertTrue(after < before);
      // updates of 40 entries, some tens of them
      assertEquals(left(Q, q, s), after, 1e-13);
      for (int i = 0; i < m; i++) {
        s[i] = -s[i];
        assertTrue(left(Q, q, s) > after - 1e-13, "row " + i);
        s[i] = -s[i];
      }
    }
  }
}
