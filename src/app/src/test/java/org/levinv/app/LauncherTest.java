package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The shell script that starts levinv, with a Java that says what it was asked for. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  @TempDir Path directory;

  private Path launcher;
  private Path java;

  @BeforeEach
  void install() throws IOException {
    launcher = directory.resolve("a home/bin/levinv");
    Files.createDirectories(launcher.getParent());
    Files.copy(Path.of("src/main/launcher/levinv"), launcher);
    launcher.toFile().setExecutable(true);
    java = program(directory.resolve("java home/bin/java"), "for word; do echo \"$word\"; done");
  }

  @Test
  void runsFromItsPlaceAndThroughLinks() throws Exception {
    Path absolute = directory.resolve("links/levinv");
    Files.createDirectories(absolute.getParent());
    Files.createSymbolicLink(absolute, launcher);
    Path relative = directory.resolve("links/again");
    Files.createSymbolicLink(relative, Path.of("levinv"));
    for (Path program : List.of(launcher, absolute, relative)) {
      Run run = run(program).succeeded();
      List<String> words = run.out().lines().toList();
      String home = launcher.getParent().getParent().toRealPath().toString();
      assertEquals(home + "/lib/*", words.get(words.indexOf("-cp") + 1));
      assertEquals(
          List.of("org.levinv.app.Main", "solve", "a b"),
          words.subList(words.size() - 3, words.size()));
      assertTrue(words.contains("-Dlevinv.terminal=false"), run.out());
    }
  }

  /** As a bundle has it, whose Java is another one. */
  @Test
  void readsTheEnvironmentBesideIt() throws Exception {
    program(directory.resolve("a home/runtime/bin/java"), "echo the bundle");
    Files.writeString(launcher.resolveSibling("environment"), "JAVA_HOME=$home/runtime\n");
    Path link = directory.resolve("link");
    Files.createSymbolicLink(link, launcher);
    assertEquals("the bundle\n", run(link).succeeded().out());
  }

  @Test
  void saysWhichJavaIsMissing() throws Exception {
    Path release = directory.resolve("java home/release");
    Files.writeString(release, "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"11.0.2\"\n");
    Run old = run(launcher);
    assertEquals(127, old.code());
    assertEquals(
        "levinv: expected Java 17 or later in JAVA_HOME or on the PATH, got \"11.0.2\" at "
            + java.toRealPath()
            + "\n",
        old.err());
    Files.writeString(release, "JAVA_VERSION=\"1.8.0_292\"\n");
    assertEquals(127, run(launcher).code());
    for (String version : List.of("17", "17.0.15", "21-ea", "26.0.1")) {
      Files.writeString(release, "JAVA_VERSION=\"" + version + "\"\n");
      run(launcher).succeeded();
    }
    Files.delete(java);
    Run none = run(launcher);
    assertEquals(127, none.code());
    assertTrue(none.err().startsWith("levinv: no Java runtime: "), none.err());
  }

  @Test
  void takesAnArchiveOfTheSameJava() throws Exception {
    Path archive = launcher.getParent().resolveSibling("lib/levinv.jsa");
    Files.createDirectories(archive.getParent());
    Path release = directory.resolve("java home/release");
    Files.writeString(release, "JAVA_VERSION=\"17.0.15\"\n");
    Files.writeString(archive.resolveSibling("levinv.jsa.release"), Files.readString(release));
    String option =
        "-XX:SharedArchiveFile=" + archive.getParent().toRealPath().resolve("levinv.jsa");
    List<String> words = run(launcher).succeeded().out().lines().toList();
    assertTrue(words.contains(option), words.toString());
    assertEquals(
        List.of("-jar", option.substring(option.indexOf('=') + 1) + ".jar", "solve", "a b"),
        words.subList(words.size() - 4, words.size()));
    // the jar's manifest does: with an option Java 24 and later take no archive
    assertTrue(words.stream().noneMatch(word -> word.contains("native-access")), words.toString());
    Files.writeString(release, "JAVA_VERSION=\"17.0.16\"\n");
    assertTrue(run(launcher).succeeded().out().lines().noneMatch(w -> w.contains("Archive")));
    Files.delete(release);
    assertTrue(run(launcher).succeeded().out().lines().noneMatch(w -> w.contains("Archive")));
  }

  @Test
  void letsThreadsOfOpenBlasSleepAtOnce_unlessToldOtherwise() throws Exception {
    program(java, "echo \"$OPENBLAS_THREAD_TIMEOUT\"");
    assertEquals("4\n", run(launcher).succeeded().out());
    assertEquals("20\n", run(launcher, Map.of("OPENBLAS_THREAD_TIMEOUT", "20")).succeeded().out());
  }

  private Run run(Path program) throws IOException, InterruptedException {
    return run(program, Map.of());
  }

  private Run run(Path program, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(program.toString(), "solve", "a b");
    builder.environment().put("JAVA_HOME", directory.resolve("java home").toString());
    builder
        .environment()
        .keySet()
        .removeAll(List.of("LEVINV_JAVA_OPTIONS", "OPENBLAS_THREAD_TIMEOUT"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out, err);
  }

  private static Path program(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    file.toFile().setExecutable(true);
    return file;
  }
}
