/**
 * The API of levinv, its methods, the device interface and its reference. Devices are found as
 * services: levinv-cpu and levinv-cuda offer theirs where they are on the path.
 */
module org.levinv.core {
  exports org.levinv;
  exports org.levinv.device;

  uses org.levinv.device.DeviceProvider;

  provides org.levinv.device.DeviceProvider with
      org.levinv.device.reference.ReferenceProvider;
}
