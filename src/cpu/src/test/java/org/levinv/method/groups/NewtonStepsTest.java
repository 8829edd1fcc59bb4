package org.levinv.method.groups;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.device.cpu.CpuDevice;

/** One system, however it is solved. */
class NewtonStepsTest {

  /** So small that what bounds the constant does not matter, which is not the same in all ways. */
  private static final double SHIFT = 1e-9;

  /** The equations at equal weights, for a gradient that sums to 0. */
  private static NewtonSteps.Equation equation(WeightedBasis basis) {
    double[] sigma = basis.scores();
    double[] D = new double[sigma.length];
    Arrays.setAll(D, i -> sigma[i] * (1 - sigma[i]));
    double[] shift = new double[D.length];
    Arrays.setAll(shift, i -> SHIFT * D[i]);
    double[] gradient = new double[D.length];
    Arrays.setAll(gradient, i -> 1e-2 * (Math.sin(i + 1) - Math.sin(i)));
    gradient[0] -= Arrays.stream(gradient).sum();
    return new NewtonSteps.Equation(sigma, D, shift, gradient);
  }

  private static double norm(double[] v) {
    return Math.sqrt(Arrays.stream(v).map(value -> value * value).sum());
  }

  @Test
  void factorsAndIterationsAgree() {
    HostMatrix A = Planted.effects(12, 6, 2, false, 1).A();
    int m = A.rows();
    try (Device device = new CpuDevice(1);
        Workspace space = new Workspace(device)) {
      WeightedBasis basis = new WeightedBasis(A, space, Effort.unbounded());
      double[] one = new double[m];
      Arrays.fill(one, 1);
      assertTrue(basis.of(one));
      NewtonSteps steps = new NewtonSteps(basis, device, Effort.unbounded());
      NewtonSteps.Equation equation = equation(basis);
      double[] dense = LogWeightsNewton.centered(steps.dense(equation));
      double bound = 1e-6 * norm(dense);
      double[] products = LogWeightsNewton.centered(steps.byProducts(equation));
      assertArrayEquals(dense, products, bound);
      double[] x = new double[m];
      assertTrue(steps.conjugateGradients(equation, 1e-8, x));
      assertArrayEquals(dense, LogWeightsNewton.centered(x), bound);
      double[] Lx = basis.hadamardTimes(dense);
      for (int i = 0; i < m; i++) { // 2 L x = -gradient
        double left = 2 * (equation.sigma()[i] * dense[i] - Lx[i]);
        assertEquals(-equation.gradient()[i], left, 1e-6 * norm(equation.gradient()));
      }
    }
  }
}
