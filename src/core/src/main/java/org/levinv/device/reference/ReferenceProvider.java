package org.levinv.device.reference;

import org.levinv.device.Device;
import org.levinv.device.DeviceProvider;

/** Offers the reference device, by name only: it is slow. */
public final class ReferenceProvider implements DeviceProvider {
  @Override
  public String name() {
    return "reference";
  }

  @Override
  public int preference() {
    return 0;
  }

  @Override
  public Device open(String device, int threads) {
    return new ReferenceDevice();
  }
}
