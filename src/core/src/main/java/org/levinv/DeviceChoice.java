package org.levinv;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.DeviceProvider;
import org.levinv.device.InvalidDeviceException;
import org.levinv.device.RowSource;

/**
 * Devices of one kind that were opened, by their names or as the best that works here.
 *
 * @param devices one or more, of which the first has the sums and what is small
 * @param provider that they came from
 * @param fallback why another was not taken, or null
 */
record DeviceChoice(List<Device> devices, DeviceProvider provider, String fallback)
    implements AutoCloseable {

  /** Devices with a module of their own, {@code levinv-} and the name. */
  private static final Pattern MODULE = Pattern.compile("(cpu|cuda)(:.*)?");

  /** What is on the class path that levinv is on, the preferred first. */
  private static final List<DeviceProvider> PROVIDERS =
      ServiceLoader.load(DeviceProvider.class, DeviceProvider.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .sorted(
              Comparator.comparingInt(DeviceProvider::preference)
                  .reversed()
                  .thenComparing(DeviceProvider::name))
          .toList();

  /**
   * As {@link Inverter#open(String, int, long, int)} says.
   *
   * @param size n d^2 of what is to be solved, or infinity where that is not known
   */
  static DeviceChoice of(String device, int threads, double size) {
    String name = device.toLowerCase(Locale.ROOT);
    if (name.equals("auto")) {
      return best(threads, size);
    }
    for (DeviceProvider provider : PROVIDERS) {
      if (provider.isAskedFor(name)) {
        return new DeviceChoice(open(provider, name, threads), provider, null);
      }
    }
    Matcher module = MODULE.matcher(name);
    if (module.matches() && !isThere(module.group(1))) {
      throw new InvalidInputException(
          "device: expected org.levinv:levinv-"
              + module.group(1)
              + " on the class path, which has the device '"
              + device
              + "', but it is not there");
    }
    throw new InvalidInputException(
        "device: expected auto, cpu, reference, cuda, cuda:K, cuda:K,L or cuda:all, got '"
            + device
            + "', which is not there");
  }

  private static boolean isThere(String name) {
    return PROVIDERS.stream().anyMatch(provider -> provider.name().equals(name));
  }

  private static List<Device> open(DeviceProvider provider, String name, int threads) {
    try {
      return provider.openAll(name, threads);
    } catch (InvalidDeviceException e) {
      throw new InvalidInputException("device: " + e.getMessage(), e);
    }
  }

  /** The preferred device that works; where none does, plain loops, which always do. */
  private static DeviceChoice best(int threads, double size) {
    if (PROVIDERS.stream().noneMatch(p -> p.preference() > 0)) {
      throw new InvalidInputException(
          "device: expected org.levinv:levinv-cpu or org.levinv:levinv-cuda on the class path for"
              + " 'auto', but neither is there");
    }
    return firstThatWorks(worthwhile(PROVIDERS, size), threads);
  }

  /** Those that pay for this size. */
  static List<DeviceProvider> worthwhile(List<DeviceProvider> providers, double size) {
    return providers.stream().filter(provider -> provider.paysFrom() <= size).toList();
  }

  /** n d^2, by which a device pays or not. */
  static double size(long rows, int columns) {
    return (double) rows * columns * columns;
  }

  /** In their order; the failure of all is that of the last. */
  static DeviceChoice firstThatWorks(List<DeviceProvider> providers, int threads) {
    List<DeviceException> failures = new ArrayList<>();
    for (DeviceProvider provider : providers) {
      try {
        Device device = provider.open(provider.name(), threads);
        return new DeviceChoice(List.of(device), provider, fallback(provider, failures));
      } catch (DeviceException e) {
        failures.add(e);
      }
    }
    throw failures.get(failures.size() - 1);
  }

  /** Why this one: null where it is the first. */
  private static String fallback(DeviceProvider taken, List<DeviceException> failures) {
    if (failures.isEmpty()) {
      return null;
    }
    String reasons =
        failures.stream().map(DeviceException::getMessage).collect(Collectors.joining("; "));
    return taken.preference() > 0
        ? "the " + taken.name().toUpperCase(Locale.ROOT) + " was taken: " + reasons
        : "the "
            + taken.name()
            + " device was taken, plain loops that are many times slower: "
            + reasons;
  }

  /** The first of them. */
  Device device() {
    return devices.get(0);
  }

  /** Names and libraries. */
  String name() {
    return devices.stream().map(Device::name).collect(Collectors.joining("; "));
  }

  @Override
  public void close() {
    devices.forEach(Device::close);
  }

  /** One line for each device on the class path. */
  static List<String> describe(int threads) {
    return PROVIDERS.stream().flatMap(provider -> provider.describe(threads).stream()).toList();
  }

  /**
   * What there is to say of the devices for this matrix, or null.
   *
   * @param ofRows what there is to say of where the rows were, or null
   */
  String note(RowSource A, String ofRows) {
    double size = size(A.rows(), A.columns());
    String small =
        size < provider.paysFrom()
            ? String.format(
                Locale.ROOT, "n d^2 = %.1e is small for a card: the CPU may well be faster", size)
            : null;
    String notes =
        Stream.concat(Stream.of(small, fallback, ofRows), devices.stream().map(Device::note))
            .filter(Objects::nonNull)
            .distinct()
            .collect(Collectors.joining("; "));
    return notes.isEmpty() ? null : notes;
  }
}
