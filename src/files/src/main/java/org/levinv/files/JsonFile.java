package org.levinv.files;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.levinv.InvalidInputException;

/** Reads a file that has one JSON object. */
public final class JsonFile {
  private JsonFile() {}

  /**
   * The entries in their order: strings, numbers, booleans, lists and maps of them, or null.
   *
   * @throws InvalidInputException if the file cannot be read, or has something else
   */
  public static Map<String, Object> read(Path file) {
    try (InputStream in = Files.newInputStream(file);
        JsonParser parser = new JsonFactory().createParser(in)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        String got = first == null ? "an empty file" : Quoted.of(parser.getText());
        throw new InvalidInputException(file + ": expected a JSON object, got " + got);
      }
      Map<String, Object> object = object(parser);
      if (parser.nextToken() != null) {
        throw new InvalidInputException(file + ": expected one JSON object, and nothing after it");
      }
      return object;
    } catch (JsonEOFException e) {
      throw new InvalidInputException(file + ": expected JSON, but the file is truncated", e);
    } catch (JacksonException e) {
      String where =
          "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
      throw new InvalidInputException(file + ", " + where + ": expected JSON", e);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": " + Reason.of(e), e);
    }
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, value(parser));
    }
    return object;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_ARRAY -> array(parser);
      case START_OBJECT -> object(parser);
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      case VALUE_STRING -> parser.getText();
      case VALUE_NULL -> null;
      default -> parser.getNumberValue();
    };
  }

  private static List<Object> array(JsonParser parser) throws IOException {
    List<Object> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(parser));
    }
    return values;
  }
}
