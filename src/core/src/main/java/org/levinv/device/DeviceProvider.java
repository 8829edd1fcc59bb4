package org.levinv.device;

import java.util.List;

/**
 * A kind of device that the class path offers. Its module registers it for the {@link
 * java.util.ServiceLoader}; to make one costs nothing and loads no native library.
 */
public interface DeviceProvider {

  /** What a device of this kind is asked for by, such as {@code cpu}. */
  String name();

  /** Whether the text, in lower case, asks for a device of this kind, there or not. */
  default boolean isAskedFor(String device) {
    return device.equals(name());
  }

  /**
   * Where the choice is free the working device with the largest is taken; one with 0 is taken by
   * name only.
   */
  int preference();

  /**
   * n d^2 below which a device of this kind hardly pays, the transfer and the launches considered;
   * 0: it always does.
   */
  default double paysFrom() {
    return 0;
  }

  /**
   * Opens a device.
   *
   * @param device a text that {@link #isAskedFor} is true for
   * @param threads limit on the cores that it uses, or 0 for all
   * @throws InvalidDeviceException if there is no such device
   * @throws DeviceException with the reason if it does not work here
   */
  Device open(String device, int threads);

  /**
   * Opens all devices that a text asks for, to share the rows of a problem, the first of which has
   * the sums. None stays open where one cannot be opened.
   *
   * @throws InvalidDeviceException as {@link #open}
   */
  default List<Device> openAll(String device, int threads) {
    return List.of(open(device, threads));
  }

  /**
   * One line for each device: its name, libraries and versions, or why it does not work here.
   *
   * @param threads as in {@link #open}
   */
  default List<String> describe(int threads) {
    try (Device device = open(name(), threads)) {
      return List.of(device.name());
    } catch (DeviceException e) {
      return List.of(notAvailable(name(), e));
    }
  }

  /** The line of a device that does not work here; the reason without the name before it. */
  static String notAvailable(String device, DeviceException reason) {
    return device + ": not available: " + reason.getMessage().replaceFirst("^[a-z]+(:\\d+)?: ", "");
  }
}
