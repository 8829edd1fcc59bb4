package org.levinv.app;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * SIGINT and SIGTERM: the first asks a solve for the best x so far, a second one ends the process
 * at once; so does the first where no solve would hear of it, with a word. Temporary files go with
 * the process.
 *
 * <p>A shutdown hook would not do: the process would end with 143 after SIGTERM, and a second
 * signal would not be heard while the hook waits for the solve.
 */
public final class Interruption {

  private static final List<String> SIGNALS = List.of("INT", "TERM");
  private static final AtomicBoolean ASKED = new AtomicBoolean();
  private static volatile boolean deferred;

  private Interruption() {}

  /**
   * From now on signals come here. {@code sun.misc.Signal} is named by reflection, since the
   * compiler has a warning for it that cannot be turned off; a runtime without it ends processes as
   * ever.
   *
   * @param screen where an end at once is said
   */
  public static void install(Screen screen) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object here =
          Proxy.newProxyInstance(
              Interruption.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  received(screen);
                }
                return null;
              });
      for (String name : SIGNALS) {
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), here);
      }
    } catch (ReflectiveOperationException e) {
      // such as a signal that this runtime keeps for itself
    }
  }

  private static void received(Screen screen) {
    boolean again = ASKED.getAndSet(true);
    if (again || !deferred) {
      StatusLine.clear(screen);
      screen.failure(Main.INTERRUPTED, again ? "interrupted again: ended at once" : "interrupted");
      System.exit(Main.INTERRUPTED);
    }
  }

  /** From now on the first signal is a request, which {@link #asked} tells. */
  static void defer() {
    deferred = true;
  }

  /** Whether a signal has come. */
  static boolean asked() {
    return ASKED.get();
  }
}
