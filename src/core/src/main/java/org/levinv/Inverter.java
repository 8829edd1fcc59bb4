package org.levinv;

import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.RowSource;
import org.levinv.solve.LocalSolve;

/** Solves problems on one device, which it owns. Not for use by two threads at once. */
public final class Inverter implements AutoCloseable {
  private final Device device;
  private final DeviceChoice choice;

  private Inverter(DeviceChoice choice) {
    this.choice = choice;
    device = choice.device();
  }

  /**
   * @param device {@code auto}, {@code cpu}, {@code reference}, {@code cuda} or {@code cuda:K} for
   *     card K; {@code auto} takes the first card where CUDA works and the CPU elsewhere, and a
   *     device asked for by name is never replaced
   * @param threads limit on the cores that the CPU uses, or 0 for all
   * @throws InvalidInputException if there is no such device
   * @throws DeviceException if the device does not work here
   */
  public static Inverter open(String device, int threads) {
    if (threads < 0) {
      throw new InvalidInputException(
          "threads: expected a number of cores, or 0 for all, got " + threads);
    }
    return new Inverter(DeviceChoice.of(device, threads));
  }

  /** The best device that works here, on all cores. */
  public static Inverter open() {
    return open("auto", 0);
  }

  /**
   * One line for each device: its name, libraries and versions, or the reason why it does not work
   * here.
   */
  public static List<String> devices() {
    return DeviceChoice.describe();
  }

  /** The device's name and libraries. */
  public String device() {
    return device.name();
  }

  /**
   * Finds x such that the leverage scores of diag(Ax - b)^-1 A are sigma.
   *
   * @throws InvalidInputException if the problem or the options cannot be used: shapes, numbers,
   *     dependent columns
   * @throws DeviceException if the device fails or its memory does not suffice
   */
  public Result invert(Problem problem, Options options) {
    return solve(problem, options).withDeviceNote(choice.note(problem.A()));
  }

  private Result solve(Problem problem, Options options) {
    if (options.local().method() != Method.AUTO) {
      return LocalSolve.run(device, problem, options);
    }
    Result result = new Solve(device, problem, options).run();
    return options.local().equals(LocalOptions.NONE)
        ? result
        : LocalSolve.continued(device, problem, options, result);
  }

  /**
   * Finds x such that A(x)^T sigma(x) is the given gradient, from the start point of the options,
   * by Newton's method with the exact or the sampled Hessian; {@code AUTO} means the exact one. In
   * the result the relative residual is ||A(x)^T sigma(x) - g|| / ||g||.
   *
   * @throws InvalidInputException if the problem or the options cannot be used
   * @throws DeviceException if the device fails or its memory does not suffice; an {@link
   *     InterruptedSolveException} where there is an x to keep
   */
  public Result invertGradient(GradientProblem problem, Options options) {
    return LocalSolve.run(device, problem, options).withDeviceNote(choice.note(problem.A()));
  }

  /**
   * The loss of arXiv:2404.13785 and its derivatives at x (d values), the Hessian in its three
   * parts, d x d each; some 18 n d^3 flops, so for small d.
   *
   * @param omega of the regulariser: one number for every row or n of them, or null for none
   */
  public Derivatives derivatives(Problem problem, double[] x, double[] omega) {
    return LocalSolve.derivatives(device, problem, x, omega);
  }

  /**
   * Row weights w such that diag(w) A has given scores (radial isotropic position, for equal ones).
   *
   * @param target n scores with sum d
   * @param options of which the tolerance, the limit of iterations and the progress count
   * @throws InvalidInputException if the input cannot be used: shapes, numbers, dependent columns
   * @throws DeviceException if the device fails or its memory does not suffice; an {@link
   *     InterruptedScaleException} where there are weights to keep
   */
  public ScaleResult scale(RowSource A, double[] target, Options options) {
    return new ScaleSolve(device, A, target, options).run();
  }

  /**
   * The weights that give every row of A (but rows of zeros) the score d/n, and with them Tyler's
   * M-estimator of scatter.
   *
   * @param options as in {@link #scale}
   */
  public ScaleResult tyler(RowSource A, Options options) {
    return new ScaleSolve(device, A, null, options).run();
  }

  /** The leverage scores of diag(Ax - b)^-1 A at x (d values); n values that sum to d. */
  public double[] scores(RowSource A, double[] b, double[] x) {
    Problem.checkShape(A);
    Problem.checkVector("offset", b, A.rows());
    if (x.length != A.columns()) {
      throw new InvalidInputException(
          "x: expected "
              + A.columns()
              + " entries, one for each column of the matrix, got "
              + x.length);
    }
    Problem.checkFinite("x", x);
    try {
      return new Verification(device, A, b).scores(x);
    } catch (SingularException e) {
      throw new InvalidInputException(
          A.name() + ": expected independent columns, but " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    device.close();
  }
}
