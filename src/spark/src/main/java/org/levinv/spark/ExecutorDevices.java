package org.levinv.spark;

import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.DeviceProvider;

/**
 * Devices of a process that works on leaves: the card that Spark gave to a task, which all tasks of
 * the process share one after the other, or else a part of the processor of the task's own. They
 * stay open for later tasks.
 */
final class ExecutorDevices {

  /** The resource by which Spark gives cards: {@code spark.executor.resource.gpu}. */
  private static final String CARD = "gpu";

  private static final ConcurrentLinkedDeque<Lease> IDLE = new ConcurrentLinkedDeque<>();
  private static final Map<String, Lease> CARDS = new HashMap<>();

  private ExecutorDevices() {}

  /** A device, for one thread at a time. */
  static final class Lease {
    private final Device device;
    private final String name;
    private final boolean shared;
    private final ReentrantLock lock = new ReentrantLock();

    private Lease(Device device, boolean shared) {
      this.device = device;
      this.shared = shared;
      name = device.name();
    }

    /** Its name and libraries. */
    String name() {
      return name;
    }

    /** Does something with the device; tasks that share it wait. */
    <T> T with(Function<Device, T> work) {
      lock.lock();
      try {
        return work.apply(device);
      } catch (DeviceException e) {
        lost();
        throw e;
      } finally {
        lock.unlock();
      }
    }

    /** It failed: a later task opens it again. */
    private void lost() {
      synchronized (ExecutorDevices.class) {
        CARDS.values().remove(this);
      }
    }

    /** Not needed any more, by who borrowed it. */
    void giveBack() {
      if (!shared) {
        IDLE.addFirst(this);
      }
    }
  }

  /** One for this task: its card, or one of the processor with as many threads as it has cores. */
  static Lease borrow() {
    TaskContext task = TaskContext.get();
    ResourceInformation card = task.resourcesJMap().get(CARD);
    if (card != null && card.addresses().length > 0) {
      return card("cuda:" + card.addresses()[0]);
    }
    Lease idle = IDLE.pollFirst();
    return idle != null ? idle : new Lease(open(Math.max(1, task.cpus())), false);
  }

  /** Does something with the device of this task. */
  static <T> T with(Function<Device, T> work) {
    Lease lease = borrow();
    try {
      return lease.with(work);
    } finally {
      lease.giveBack();
    }
  }

  /** Opened once; one that cannot be opened fails each task that asks for it. */
  private static synchronized Lease card(String name) {
    return CARDS.computeIfAbsent(name, card -> new Lease(open(card, 0), true));
  }

  /** The processor's device, on some threads; 0 for all. */
  static Device open(int threads) {
    return open("cpu", threads);
  }

  private static Device open(String device, int threads) {
    for (DeviceProvider provider :
        ServiceLoader.load(DeviceProvider.class, DeviceProvider.class.getClassLoader())) {
      if (provider.isAskedFor(device)) {
        return provider.open(device, threads);
      }
    }
    throw new DeviceException(
        device
            + ": expected org.levinv:levinv-"
            + device.replaceFirst(":.*", "")
            + " on the class path of driver and executors");
  }
}
