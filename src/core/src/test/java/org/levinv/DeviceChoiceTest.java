package org.levinv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.DeviceProvider;
import org.levinv.device.reference.ReferenceProvider;

/** Devices where core is alone on the class path. */
class DeviceChoiceTest {

  @ParameterizedTest
  @CsvSource({"cpu,cpu", "CUDA,cuda", "cuda:1,cuda"})
  void deviceWithoutItsModule_isRefusedWithTheArtifactThatHasIt(String device, String module) {
    assertEquals(
        "device: expected org.levinv:levinv-"
            + module
            + " on the class path, which has the device '"
            + device
            + "', but it is not there",
        refusal(device));
  }

  @Test
  void auto_isRefusedWhereOnlyTheReferenceIsThere() {
    String message = refusal("auto");
    assertTrue(message.contains("levinv-cpu") && message.contains("levinv-cuda"), message);
  }

  /** A machine whose cards and BLAS do not work still gets its answer, with a word. */
  @Test
  void whereNothingElseWorks_thePlainLoopsAreTaken() {
    try (DeviceChoice choice =
        DeviceChoice.firstThatWorks(
            List.of(new Broken("cuda"), new Broken("cpu"), new ReferenceProvider()), 1)) {
      assertEquals("reference (plain loops, 1 thread)", choice.name());
      assertEquals(
          "the reference device was taken, plain loops that are many times slower: cuda: broken;"
              + " cpu: broken",
          choice.fallback());
    }
  }

  private record Broken(String name) implements DeviceProvider {
    @Override
    public int preference() {
      return 1;
    }

    @Override
    public Device open(String device, int threads) {
      throw new DeviceException(name + ": broken");
    }
  }

  private record Large(String name, double paysFrom) implements DeviceProvider {
    @Override
    public int preference() {
      return 2;
    }

    @Override
    public Device open(String device, int threads) {
      throw new DeviceException("not asked for");
    }
  }

  /** A device is not even opened below the size from which it pays. */
  @ParameterizedTest
  @CsvSource({"1e8, 2", "Infinity, 2", "9.9e7, 1"})
  void auto_takesWhatPays(double size, int count) {
    DeviceProvider small = new ReferenceProvider();
    List<DeviceProvider> all = List.of(new Large("cuda", 1e8), small);
    List<DeviceProvider> taken = DeviceChoice.worthwhile(all, size);
    assertEquals(all.subList(2 - count, 2), taken);
  }

  @Test
  void unknownNames_areRefused() {
    assertTrue(refusal("gpu").startsWith("device: expected auto, cpu, reference, cuda, cuda:K"));
  }

  @Test
  void reference_isThere() {
    assertEquals(List.of("reference (plain loops, 1 thread)"), Inverter.devices());
    try (Inverter inverter = Inverter.open("Reference", 0)) {
      assertEquals("reference (plain loops, 1 thread)", inverter.device());
    }
  }

  private static String refusal(String device) {
    return assertThrows(InvalidInputException.class, () -> Inverter.open(device, 0)).getMessage();
  }
}
