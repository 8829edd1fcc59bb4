package org.levinv.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every result.json is what the schema of the distribution says, and no key is left out of it. */
class SchemaTest {
  private static final Path FILE = Path.of("src/main/schema/result.schema.json");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path directory;

  private JsonSchema schema;

  @BeforeEach
  void open() throws IOException {
    schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(Files.readString(FILE));
  }

  private JsonNode result(int code, Object... args) throws IOException {
    Run run = Run.of(args);
    assertEquals(code, run.code(), run.err());
    JsonNode json = MAPPER.readTree(directory.resolve("out/result.json").toFile());
    Set<ValidationMessage> faults = schema.validate(json);
    assertTrue(faults.isEmpty(), faults::toString);
    return json;
  }

  private Path file(String name) {
    return directory.resolve("p").resolve(name);
  }

  private void problem(double noise) {
    Run run =
        Run.of(
            "generate",
            "--rows",
            80,
            "--columns",
            3,
            "--kind",
            "interior",
            "--noise",
            noise,
            "--out",
            directory.resolve("p"));
    assertEquals(0, run.code(), run.err());
  }

  private JsonNode solve(int code, Object... more) throws IOException {
    return result(
        code,
        with(
            more,
            "solve",
            "--matrix",
            file("A.npy"),
            "--offset",
            file("b.npy"),
            "--scores",
            file("sigma.npy"),
            "--out",
            directory.resolve("out")));
  }

  private static Object[] with(Object[] more, Object... first) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray();
  }

  @Test
  void results_areWhatItSays() throws Exception {
    Instant before = Instant.now().minus(Duration.ofSeconds(1)); // dates have no fractions
    problem(0);
    JsonNode plain = solve(0, "--seed", 5, "--threads", 1);
    assertEquals("--seed", plain.at("/command/9").asText(), plain.toString());
    assertEquals(1, plain.at("/threads/count").asInt());
    assertEquals("threads", plain.at("/threads/source").asText());
    assertEquals(5, plain.at("/options/seed").asInt());
    assertTrue(Instant.parse(plain.get("date").asText()).isAfter(before));
    byte[] matrix = Files.readAllBytes(file("A.npy"));
    assertEquals(matrix.length, plain.at("/inputs/matrix/bytes").asInt());
    assertEquals(
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(matrix)),
        plain.at("/inputs/matrix/sha256").asText());
    assertEquals(List.of("matrix", "offset", "scores"), fields((ObjectNode) plain.get("inputs")));
    solve(0, "--write", "scores", "--report");
    solve(3, "--max-work", 5, "--checkpoint", 0);
    assertTrue(solve(0, "--checkpoint", 0).has("resumed"));
    Path x = file("x.npy");
    solve(0, "--method", "newton", "--start", x, "--certificate", "--regularization", 1e-9);
    solve(0, "--method", "gradient", "--start", x);
    problem(0.02);
    solve(0, "--score-error", 0.02);
  }

  @Test
  void otherCommands_leaveTheSame() throws IOException {
    problem(0);
    Path out = directory.resolve("out");
    result(0, "scale", "--matrix", file("A.npy"), "--tyler", "--out", out);
    result(0, "scale", "--matrix", file("A.npy"), "--scores", file("sigma.npy"), "--out", out);
    Object[] kept = {
      "scale", "--matrix", file("A.npy"), "--tyler", "--out", out, "--checkpoint", 0
    };
    result(3, with(new Object[] {"--max-work", 6}, kept));
    assertTrue(result(0, kept).has("resumed"));
    Path gradient = directory.resolve("g.csv");
    Files.writeString(gradient, "0\n0\n0\n");
    int code =
        Run.of(
                "solve-gradient",
                "--matrix",
                file("A.npy"),
                "--offset",
                file("b.npy"),
                "--gradient",
                gradient,
                "--start",
                file("x.npy"),
                "--out",
                directory.resolve("other"))
            .code();
    JsonNode json = MAPPER.readTree(directory.resolve("other/result.json").toFile());
    assertNotEquals(Main.BUG, code);
    assertEquals(Set.of(), schema.validate(json));
  }

  /** A schema that takes anything would hold too. */
  @Test
  void whatItDoesNotSay_isRefused() throws IOException {
    problem(0);
    ObjectNode json = (ObjectNode) solve(0);
    ObjectNode more = json.deepCopy().put("another", 1);
    assertTrue(!schema.validate(more).isEmpty());
    ObjectNode less = json.deepCopy();
    less.remove("threads");
    assertTrue(!schema.validate(less).isEmpty());
    ObjectNode wrong = json.deepCopy().put("status", "solved");
    assertTrue(!schema.validate(wrong).isEmpty());
  }

  /** A key without a word is no documentation. */
  @Test
  void everyKey_isDescribed() throws IOException {
    JsonNode definitions = MAPPER.readTree(FILE.toFile()).get("$defs");
    for (JsonNode definition : definitions) {
      definition
          .get("properties")
          .properties()
          .forEach(
              key ->
                  assertTrue(
                      key.getValue().has("description") || key.getValue().has("$ref"),
                      key.getKey()));
    }
  }

  private static List<String> fields(ObjectNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }
}
