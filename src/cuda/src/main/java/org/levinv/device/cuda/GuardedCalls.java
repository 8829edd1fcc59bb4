package org.levinv.device.cuda;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import jcuda.CudaException;
import org.levinv.device.Device;
import org.levinv.device.DeviceException;
import org.levinv.device.Team;

/**
 * Calls of a card's primitives by any thread; a failure of the card is reported with the name of
 * the primitive and all that is known of it.
 */
final class GuardedCalls implements InvocationHandler {
  private final CudaContext context;
  private final Object target;

  private GuardedCalls(Object target, CudaContext context) {
    this.target = target;
    this.context = context;
  }

  static <T> T of(Class<T> type, T target, CudaContext context) {
    return type.cast(
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {type},
            new GuardedCalls(target, context)));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("team")) {
      return Team.alone((Device) proxy); // its calls are guarded as well
    }
    try {
      context.use();
      context.memory.nextCall();
      Object result = method.invoke(target, arguments);
      return result == target ? proxy : result;
    } catch (CudaException e) {
      throw failure(context, method.getName(), e);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof CudaException cause
          ? failure(context, method.getName(), cause)
          : e.getCause();
    }
  }

  /** One line: what failed where, what that usually means, and what else can be asked for. */
  static DeviceException failure(CudaContext context, String primitive, CudaException e) {
    String versions;
    try {
      versions =
          "driver for CUDA "
              + CudaContext.driverVersion()
              + ", "
              + CudaLibraries.versions()
              + ", NVRTC "
              + CudaKernels.nvrtc();
    } catch (CudaException | LinkageError other) {
      versions = "versions unknown"; // a library that does not even tell its version
    }
    return new DeviceException(
        String.format(
            "cuda:%d (%s): %s: %s [%s, %s]",
            context.number,
            context.cardName,
            primitive,
            CudaErrors.words(e),
            context.memory.freeWords(),
            versions),
        e);
  }
}
