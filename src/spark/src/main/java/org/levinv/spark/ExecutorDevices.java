package org.levinv.spark;

import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.spark.TaskContext;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.DeviceProvider;

/** Devices of a process that works on leaves: one for each task at a time, kept for later ones. */
final class ExecutorDevices {
  private static final ConcurrentLinkedDeque<Device> IDLE = new ConcurrentLinkedDeque<>();

  private ExecutorDevices() {}

  /** One for this task, with as many threads as it has cores. */
  static Device borrow() {
    Device device = IDLE.pollFirst();
    return device != null ? device : open(Math.max(1, TaskContext.get().cpus()));
  }

  static void giveBack(Device device) {
    IDLE.addFirst(device);
  }

  /** The processor's device, on some threads; 0 for all. */
  static Device open(int threads) {
    for (DeviceProvider provider :
        ServiceLoader.load(DeviceProvider.class, DeviceProvider.class.getClassLoader())) {
      if (provider.isAskedFor("cpu")) {
        return provider.open("cpu", threads);
      }
    }
    throw new DeviceException(
        "cpu: expected org.levinv:levinv-cpu on the class path of driver and executors");
  }
}
