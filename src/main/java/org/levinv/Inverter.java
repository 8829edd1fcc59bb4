package org.levinv;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.InvalidDeviceException;
import org.levinv.device.RowSource;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.device.cuda.CudaDevice;
import org.levinv.device.reference.ReferenceDevice;

/** Solves problems on the devices that it owns. Not for use by two threads at once. */
public final class Inverter implements AutoCloseable {
  private static final Pattern CARD = Pattern.compile("cuda(?::(\\d{1,4}))?");

  private final DeviceChoice choice;

  private Inverter(DeviceChoice choice) {
    this.choice = choice;
  }

  /**
   * @param device {@code auto}, {@code cpu}, {@code reference}, {@code cuda} or {@code cuda:K} for
   *     card K; {@code auto} takes for each problem the first card where CUDA works and the problem
   *     is large enough to gain by it, and else the CPU; a device asked for by name is never
   *     replaced
   * @param threads limit on the cores that the CPU uses, or 0 for all
   * @throws InvalidInputException if there is no such device
   * @throws DeviceException if the device does not work here
   */
  public static Inverter open(String device, int threads) {
    if (threads < 0) {
      throw new InvalidInputException(
          "threads: expected a number of cores, or 0 for all, got " + threads);
    }
    String name = device.toLowerCase(Locale.ROOT);
    Matcher card = CARD.matcher(name);
    if (card.matches()) {
      String number = card.group(1) == null ? "0" : card.group(1);
      return new Inverter(DeviceChoice.only(openCard(number)));
    }
    return switch (name) {
      case "auto" -> new Inverter(DeviceChoice.auto(threads));
      case "cpu" -> new Inverter(DeviceChoice.only(new CpuDevice(threads)));
      case "reference" -> new Inverter(DeviceChoice.only(new ReferenceDevice()));
      default ->
          throw new InvalidInputException(
              "device: expected auto, cpu, reference, cuda or cuda:K, got '"
                  + device
                  + "', which is not there");
    };
  }

  private static Device openCard(String number) {
    try {
      return CudaDevice.open(Integer.parseInt(number));
    } catch (InvalidDeviceException e) {
      throw new InvalidInputException("device: " + e.getMessage(), e);
    }
  }

  /** The best device that works here for each problem, on all cores. */
  public static Inverter open() {
    return open("auto", 0);
  }

  /**
   * One line for each device: its name, libraries and versions, or the reason why it does not work
   * here.
   */
  public static List<String> devices() {
    List<String> lines = new ArrayList<>();
    describe("cuda:0", lines);
    for (int card = 1; lines.get(card - 1).startsWith("cuda:" + (card - 1) + " ("); card++) {
      if (!describe("cuda:" + card, lines)) {
        break;
      }
    }
    describe("cpu", lines);
    describe("reference", lines);
    return lines;
  }

  /** False where there is no such device. */
  private static boolean describe(String device, List<String> lines) {
    try (Inverter inverter = open(device, 0)) {
      lines.add(inverter.device());
    } catch (DeviceException e) {
      lines.add(
          device.replace(":0", "")
              + ": not available: "
              + e.getMessage().replaceFirst("^cuda(:\\d+)?: ", ""));
    } catch (InvalidInputException e) {
      if (!device.equals("cuda:0")) {
        return false;
      }
      lines.add("cuda: not available: the driver finds no card");
    }
    return true;
  }

  /** The name and libraries of the device; with {@code auto} of the one for large problems. */
  public String device() {
    return choice.forLarge().name();
  }

  /**
   * Finds x such that the leverage scores of diag(Ax - b)^-1 A are sigma.
   *
   * @throws InvalidInputException if the problem or the options cannot be used: shapes, numbers,
   *     dependent columns
   * @throws DeviceException if the device fails or its memory does not suffice
   */
  public Result invert(Problem problem, Options options) {
    Device device = choice.of(problem.A());
    return solve(device, problem, options).withDeviceNote(choice.note());
  }

  private static Result solve(Device device, Problem problem, Options options) {
    if (options.local().method() != Method.AUTO) {
      return LocalSolve.of(device, problem, options).run();
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
   * @throws DeviceException if the device fails or its memory does not suffice
   */
  public Result invertGradient(GradientProblem problem, Options options) {
    Device device = choice.of(problem.A());
    return LocalSolve.of(device, problem, options).run().withDeviceNote(choice.note());
  }

  /**
   * The loss of arXiv:2404.13785 and its derivatives at x (d values), the Hessian in its three
   * parts, d x d each; some 18 n d^3 flops, so for small d.
   *
   * @param omega of the regulariser: one number for every row or n of them, or null for none
   */
  public Derivatives derivatives(Problem problem, double[] x, double[] omega) {
    return LocalSolve.derivatives(choice.of(problem.A()), problem, x, omega);
  }

  /**
   * Row weights w such that diag(w) A has given scores (radial isotropic position, for equal ones).
   *
   * @param target n scores with sum d
   * @param options of which the tolerance, the limit of iterations and the progress count
   * @throws InvalidInputException if the input cannot be used: shapes, numbers, dependent columns
   */
  public ScaleResult scale(RowSource A, double[] target, Options options) {
    return new ScaleSolve(choice.of(A), A, target, options).run();
  }

  /**
   * The weights that give every row of A (but rows of zeros) the score d/n, and with them Tyler's
   * M-estimator of scatter.
   *
   * @param options as in {@link #scale}
   */
  public ScaleResult tyler(RowSource A, Options options) {
    return new ScaleSolve(choice.of(A), A, null, options).run();
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
      return new Verification(choice.of(A), A, b).scores(x);
    } catch (SingularException e) {
      throw new InvalidInputException(
          A.name() + ": expected independent columns, but " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    choice.close();
  }
}
