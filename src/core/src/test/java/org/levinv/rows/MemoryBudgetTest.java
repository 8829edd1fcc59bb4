package org.levinv.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left to rows: three quarters of what the machine and its control groups leave. */
class MemoryBudgetTest {
  @TempDir Path root;

  private void file(String name, String... lines) throws IOException {
    Path path = root.resolve(name);
    Files.createDirectories(path.getParent());
    Files.write(path, java.util.List.of(lines));
  }

  private long left() {
    return MemoryBudget.ofHost(root);
  }

  @Test
  void whatIsAskedForIsTaken() {
    assertEquals(12345, MemoryBudget.ofHost(12345));
  }

  @Test
  void withoutControlGroups_theMachineDecides() throws IOException {
    file("proc/meminfo", "MemTotal: 9000 kB", "MemFree: 1 kB", "MemAvailable:    4000 kB");
    assertEquals(3000 * 1024, left());
    file("proc/self/cgroup", "0::/");
    assertEquals(3000 * 1024, left());
  }

  @Test
  void versionTwo_theTightestGroupDecides_andPagesOfFilesAreFree() throws IOException {
    file("proc/meminfo", "MemAvailable: 4000 kB");
    file("proc/self/cgroup", "0::/outer/inner");
    file("sys/fs/cgroup/outer/inner/memory.max", "max");
    file("sys/fs/cgroup/outer/inner/memory.current", "700000");
    file("sys/fs/cgroup/outer/memory.max", "1000000");
    file("sys/fs/cgroup/outer/memory.current", "700000");
    file("sys/fs/cgroup/outer/memory.stat", "anon 1", "inactive_file 500000", "active_file 7");
    assertEquals(600000, left());
  }

  @Test
  void versionOne_hasOtherNames() throws IOException {
    file("proc/meminfo", "MemAvailable: 4000 kB");
    file("proc/self/cgroup", "4:memory:/job", "3:cpu,cpuacct:/other");
    file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1000000");
    file("sys/fs/cgroup/memory/job/memory.usage_in_bytes", "400000");
    file("sys/fs/cgroup/memory/job/memory.stat", "inactive_file 9", "total_inactive_file 200000");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
    file("sys/fs/cgroup/memory/memory.usage_in_bytes", "500000");
    assertEquals(600000, left());
  }

  @Test
  void inAContainer_thePathOfTheGroupMayNotBeThere() throws IOException {
    file("proc/meminfo", "MemAvailable: 4000 kB");
    file("proc/self/cgroup", "0::/system.slice/of-the-host");
    file("sys/fs/cgroup/memory.max", "800000");
    file("sys/fs/cgroup/memory.current", "0");
    assertEquals(600000, left());
  }

  @Test
  void aSystemThatSaysNothing_isTakenForSmall() {
    assertEquals(3L << 30, left());
  }
}
