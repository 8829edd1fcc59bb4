package org.levinv.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** What a command failed of before it had a result, for programs. */
public final class FailureJson {
  private FailureJson() {}

  /**
   * A JSON object on one line.
   *
   * @param exitCode of the process
   * @param message what people are told
   * @param version of levinv
   */
  public static String of(int exitCode, String message, String version) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("exit_code", exitCode);
      json.writeStringField("message", message);
      json.writeStringField("version", version);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a text does not fail
    }
    return text.toString();
  }
}
