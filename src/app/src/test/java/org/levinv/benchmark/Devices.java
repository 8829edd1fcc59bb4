package org.levinv.benchmark;

import org.levinv.device.Device;
import org.levinv.device.cpu.CpuDevice;
import org.levinv.device.cuda.CudaCards;
import org.levinv.device.reference.ReferenceDevice;

/** Devices by name, below the library's own choice. */
final class Devices {
  private Devices() {}

  static Device open(String name) {
    return switch (name) {
      case "cpu" -> new CpuDevice(0);
      case "reference" -> new ReferenceDevice();
      case "cuda" -> CudaCards.open(0);
      default -> throw new IllegalArgumentException("expected cpu, cuda or reference, got " + name);
    };
  }
}
