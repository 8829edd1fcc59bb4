package org.levinv.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Memory of the machine that can be had without taking it from others: what the system and the
 * control group that the process is in leave.
 */
public final class HostMemory {
  private HostMemory() {}

  /** Bytes, or empty on a machine that says nothing of itself. */
  public static OptionalLong available() {
    return available(Path.of("/"));
  }

  /** The same with the system's files under another root. */
  public static OptionalLong available(Path root) {
    OptionalLong ofMachine = ofMachine(root.resolve("proc/meminfo"));
    OptionalLong inGroup = inGroup(root);
    if (ofMachine.isEmpty() || inGroup.isEmpty()) {
      return ofMachine.isEmpty() ? inGroup : ofMachine;
    }
    return OptionalLong.of(Math.min(ofMachine.getAsLong(), inGroup.getAsLong()));
  }

  /** What the kernel thinks can be had without swapping. */
  private static OptionalLong ofMachine(Path meminfo) {
    for (String line : lines(meminfo)) {
      String[] words = line.split("\\s+");
      if (words[0].equals("MemAvailable:")) {
        return OptionalLong.of(1024 * Long.parseLong(words[1]));
      }
    }
    return OptionalLong.empty();
  }

  /** The least that the control group and those above it leave, of either version. */
  private static OptionalLong inGroup(Path root) {
    long least = Long.MAX_VALUE;
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3); // number, controllers, path
      boolean second = parts.length == 3 && parts[1].isEmpty();
      if (parts.length == 3 && (second || List.of(parts[1].split(",")).contains("memory"))) {
        Path top = root.resolve(second ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
        Path group = top.resolve(parts[2].substring(1)).normalize();
        for (Path at = group; at != null && at.startsWith(top); at = at.getParent()) {
          least = Math.min(least, second ? left(at, V2) : left(at, V1));
        }
      }
    }
    return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
  }

  /** What one version of control groups calls its files, and what it can do without. */
  private record Names(String limit, String usage, String inactive) {}

  private static final Names V1 =
      new Names("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");

  private static final Names V2 = new Names("memory.max", "memory.current", "inactive_file ");

  /** What one group leaves, pages of files that nobody needs counted as free. */
  private static long left(Path group, Names names) {
    long limit = number(group.resolve(names.limit));
    long usage = number(group.resolve(names.usage));
    if (limit == Long.MAX_VALUE || usage == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    for (String line : lines(group.resolve("memory.stat"))) {
      if (line.startsWith(names.inactive)) {
        usage -= Long.parseLong(line.substring(names.inactive.length()).trim());
      }
    }
    return Math.max(0, limit - Math.max(0, usage));
  }

  /** The largest number where there is no limit. */
  private static long number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() || !lines.get(0).matches("\\d{1,18}")
        ? Long.MAX_VALUE
        : Long.parseLong(lines.get(0));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // not this system's way of saying it
    }
  }
}
