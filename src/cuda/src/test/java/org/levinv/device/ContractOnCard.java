package org.levinv.device;

import java.util.List;
import java.util.function.Supplier;
import org.levinv.device.cuda.CudaCards;
import org.levinv.device.cuda.CudaKernelsTest;

/**
 * The device contract on a real card, as a program: on a machine with a GPU there may be no Maven.
 * Ends with 1 where a primitive differs from the reference device, or where there is no card.
 */
public final class ContractOnCard {

  /** Beside the shapes of the test: past the widths of the fused and of the split kernels. */
  private static final List<int[]> MORE_SHAPES =
      List.of(
          new int[] {3000, 16},
          new int[] {3000, 32},
          new int[] {3001, 64},
          new int[] {5000, 65},
          new int[] {2500, 520});

  private int failures;

  private ContractOnCard() {}

  private interface Check {
    void run(DeviceContractTest test);
  }

  private void check(String what, Check check) {
    try {
      check.run(new DeviceContractTest());
      System.out.println("ok      " + what);
    } catch (AssertionError | RuntimeException e) {
      failures++;
      System.out.println("FAILED  " + what + ": " + e.getMessage());
    }
  }

  public static void main(String[] args) {
    int card = args.length == 0 ? 0 : Integer.parseInt(args[0]);
    try (Device device = CudaCards.open(card)) {
      System.out.println(device.name());
    } catch (DeviceException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
    Supplier<Device> device = () -> CudaCards.open(card);
    ContractOnCard contract = new ContractOnCard();
    CudaKernelsTest kernels = new CudaKernelsTest();
    contract.check("kernels on vectors", t -> kernels.elementWise());
    contract.check("kernels that reduce", t -> kernels.reductions());
    contract.check("kernels on rows", t -> kernels.rows());
    contract.check("kernels that round rows", t -> kernels.roundedRows());
    contract.check("kernels for few columns", t -> kernels.fewColumns());
    contract.check("kernels on matrix units", t -> kernels.fewColumns_onMatrixUnits());
    contract.check("kernels and sizes", t -> kernels.fewColumns_ofVeryDifferentSize());
    contract.check("kernels on square matrices", t -> kernels.squareMatrices());
    contract.check("kernels on rectangles", t -> kernels.rectangles());
    List.of(DeviceContractTest.SHAPES, MORE_SHAPES)
        .forEach(shapes -> shapes.forEach(shape -> contract.shape(device, shape[0], shape[1])));
    for (int n : DeviceContractTest.LENGTHS) {
      contract.check("vectors of " + n, t -> t.vectorOperations_equalReference(device, n));
      contract.check("largest of " + n, t -> t.largest_isTheFirstOfEqualOnes(device, n));
      contract.check("formulas on " + n, t -> t.formulas_equalTheirDefinition(device, n, 1));
    }
    System.out.println(contract.failures + " failures");
    System.exit(contract.failures == 0 ? 0 : 1);
  }

  private void shape(Supplier<Device> device, int n, int d) {
    String shape = n + " x " + d;
    check("tall operations, " + shape, t -> t.tallOperations_equalReference(device, n, d));
    check("QR, " + shape, t -> t.triangularFactor_hasTheGramMatrix(device, n, d));
    check("Hadamard product, " + shape, t -> t.hadamardTimes_equalsReference(device, n, d));
    check("small matrices, " + shape, t -> t.smallMatrices_equalReference(device, n, d));
    check("diagonal, " + shape, t -> t.diagonal_isReadInFullOrByItsRange(device, n, d));
    check("no Cholesky, " + shape, t -> t.cholesky_reportsLeadingMinor(device, n, d));
    check("single precision, " + shape, t -> t.singlePrecision_isNearDouble(device, n, d));
    check("single range, " + shape, t -> t.singlePrecision_takesAnySize(device, n, d));
    check("same bits, " + shape, t -> t.sameCallsGiveSameBits(device, n, d));
  }
}
