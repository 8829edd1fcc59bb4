package org.levinv.device.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.CudaException;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.InvalidDeviceException;

/** The cards of a machine: which of them work, and those that were asked for. */
public final class CudaCards {
  private CudaCards() {}

  /**
   * The first card that works and has room; cards before it were passed over, and {@link
   * Device#note} says why.
   *
   * @throws InvalidDeviceException with the reasons if there is none
   */
  public static Device open() {
    int count = CudaContext.count();
    List<String> reasons = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      try {
        return withRoom(number, reasons);
      } catch (DeviceException e) {
        reasons.add(e.getMessage());
      }
    }
    throw new InvalidDeviceException(String.join("; ", reasons));
  }

  /**
   * All cards that work and have room; of the first, {@link Device#note} says why others were
   * passed over.
   *
   * @throws InvalidDeviceException with the reasons if there is none
   */
  static List<Device> openAll() {
    int count = CudaContext.count();
    List<String> reasons = new ArrayList<>();
    List<Device> cards = new ArrayList<>();
    for (int number = count - 1; number >= 0; number--) { // the first has heard all reasons
      try {
        cards.add(0, withRoom(number, reasons));
      } catch (DeviceException e) {
        reasons.add(e.getMessage());
      }
    }
    if (cards.isEmpty()) {
      throw new InvalidDeviceException(String.join("; ", reasons));
    }
    return cards;
  }

  /**
   * Several cards; none stays open where one cannot be opened.
   *
   * @throws InvalidDeviceException with the reason, or if a card is named twice
   */
  static List<Device> open(int[] numbers) {
    List<Device> cards = new ArrayList<>();
    try {
      for (int number : numbers) {
        if (Arrays.stream(numbers).filter(other -> other == number).count() > 1) {
          throw new InvalidDeviceException(
              "cuda: expected each card once, got cuda:" + number + " twice");
        }
        cards.add(open(number));
      }
      return cards;
    } catch (DeviceException e) {
      cards.forEach(Device::close);
      throw e;
    }
  }

  /**
   * @param number of the card, from 0
   * @throws InvalidDeviceException with the reason if there is no such card or it cannot be opened
   */
  public static Device open(int number) {
    return open(number, 0);
  }

  /**
   * With {@code blockBytes} not 0, rows are worked on in blocks of about so many bytes: for tests.
   */
  static Device open(int number, long blockBytes) {
    return start(number, blockBytes).guarded();
  }

  /** One that was not asked for by its number is of no use where others have all its memory. */
  private static Device withRoom(int number, List<String> passedOver) {
    CudaDevice card = start(number, 0);
    if (card.memory().isFull()) {
      InvalidDeviceException full = card.memory().full();
      card.close();
      throw full;
    }
    card.passedOver(passedOver);
    return card.guarded();
  }

  private static CudaDevice start(int number, long blockBytes) {
    try {
      return new CudaDevice(number, blockBytes, new DiskCache());
    } catch (InvalidDeviceException e) {
      throw e;
    } catch (DeviceException e) {
      throw new InvalidDeviceException(e.getMessage(), e);
    } catch (CudaException e) { // before there was a card to ask for more
      throw new InvalidDeviceException("cuda:" + number + ": " + CudaErrors.words(e), e);
    } catch (LinkageError e) {
      throw new InvalidDeviceException(
          "cuda:" + number + ": a library is not the expected one: " + e, e);
    }
  }

  /**
   * One line for each card: its name and libraries, or the reason why it does not work here; and
   * where none works, one more with the libraries that are found.
   */
  public static List<String> describe() {
    List<String> lines = new ArrayList<>();
    boolean works = false;
    try {
      int count = CudaContext.count();
      for (int number = 0; number < count; number++) {
        try (Device card = open(number)) {
          lines.add(card.name());
          works = true;
        } catch (DeviceException e) {
          lines.add(notAvailable(count == 1 ? "cuda" : "cuda:" + number, e));
        }
      }
    } catch (DeviceException e) { // there is none
      lines.add(notAvailable("cuda", e));
    }
    if (!works) {
      lines.add("cuda libraries: " + NativeLibraries.found());
    }
    return lines;
  }

  private static String notAvailable(String device, DeviceException reason) {
    return device + ": not available: " + reason.getMessage().replaceFirst("^cuda(:\\d+)?: ", "");
  }
}
