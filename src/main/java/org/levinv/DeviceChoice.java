package org.levinv;

import java.util.Locale;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.RowSource;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.device.cuda.CudaDevice;

/**
 * The device of each problem: the one that was asked for by name, or with {@code auto} the first
 * card where CUDA works and the problem is large enough for it, and else the CPU. Owns the devices
 * that it opens.
 */
final class DeviceChoice implements AutoCloseable {

  /**
   * n d^2 from which a card pays. A solve is some 1,400 launches, counted on small problems: with
   * 10 us for each that is 14 ms, and in 14 ms a CPU of 100 Gflop/s does the 13 n d^2 operations of
   * a problem with n d^2 = 1e8. Not measured on a card yet.
   */
  static final double CARD_PAYS_FROM = 1e8;

  private final boolean auto;
  private final int threads;
  private Device first;
  private Device cpu;
  private String noCard;
  private String note;

  private DeviceChoice(boolean auto, Device first, int threads) {
    this.auto = auto;
    this.first = first;
    this.threads = threads;
  }

  /** Takes over the device. */
  static DeviceChoice only(Device device) {
    return new DeviceChoice(false, device, 0);
  }

  /** Opens a device when a problem asks for it. */
  static DeviceChoice auto(int threads) {
    return new DeviceChoice(true, null, threads);
  }

  /** The device for problems with this matrix; {@link #note} then says why. */
  Device of(RowSource A) {
    double size = (double) A.rows() * A.columns() * A.columns();
    if (!auto || size >= CARD_PAYS_FROM) {
      return forLarge();
    }
    note = noteOnSmall(size);
    return cpu();
  }

  /** The device for large problems. */
  Device forLarge() {
    if (first == null && noCard == null) {
      try {
        first = CudaDevice.open(0);
      } catch (DeviceException e) {
        noCard = withoutCard(e);
      }
    }
    note = noCard;
    return first == null ? cpu() : first;
  }

  /** Why the last device was taken, where it is not the first choice, else null. */
  String note() {
    return note;
  }

  private Device cpu() {
    if (cpu == null) {
      cpu = new CpuDevice(threads);
    }
    return cpu;
  }

  private static String withoutCard(DeviceException e) {
    return "the CPU was taken: " + e.getMessage();
  }

  /** Looks for a card, and does not start it: that takes longer than a small problem. */
  private String noteOnSmall(double size) {
    if (noCard == null) {
      try {
        return String.format(
            Locale.ROOT,
            "cuda:0 (%s) is there, but n d^2 = %.1e is small, below %.0e: the CPU is faster",
            CudaDevice.cardName(0),
            size,
            CARD_PAYS_FROM);
      } catch (DeviceException e) {
        noCard = withoutCard(e);
      }
    }
    return noCard;
  }

  @Override
  public void close() {
    if (first != null) {
      first.close();
    }
    if (cpu != null) {
      cpu.close();
    }
  }
}
