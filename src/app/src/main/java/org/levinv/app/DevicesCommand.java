package org.levinv.app;

import org.levinv.Inverter;
import picocli.CommandLine.Command;

/** {@code levinv devices}. */
@Command(
    name = "devices",
    description = "Lists every device with its libraries, or the reason why it does not work here.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = "  levinv devices")
final class DevicesCommand implements Runnable {
  private final Screen screen;

  DevicesCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public void run() {
    Inverter.devices().forEach(screen::say);
  }
}
