package org.levinv.device.cpu;

import org.levinv.device.Device;
import org.levinv.device.DeviceProvider;

/** Offers the cpu device. */
public final class CpuProvider implements DeviceProvider {
  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public int preference() {
    return 1;
  }

  @Override
  public Device open(String device, int threads) {
    return new CpuDevice(threads);
  }
}
