package org.levinv.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.levinv.Certificate;
import org.levinv.LocalReport;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.ScaleResult;

/** result.json: all of a result but its vectors. */
final class ResultJson {
  private final JsonGenerator json;

  private ResultJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes an object's fields. */
  private interface Content {
    void writeTo(ResultJson json) throws IOException;
  }

  static void write(WritableByteChannel out, Result result, Options options) throws IOException {
    write(out, json -> json.object(result, options));
  }

  static void write(WritableByteChannel out, ScaleResult result) throws IOException {
    write(out, json -> json.object(result));
  }

  private static void write(WritableByteChannel out, Content content) throws IOException {
    JsonFactory factory =
        JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
    try (JsonGenerator json = factory.createGenerator(Channels.newOutputStream(out))) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      content.writeTo(new ResultJson(json));
      json.writeRaw('\n');
    }
  }

  private void object(Result result, Options options) throws IOException {
    json.writeStartObject();
    json.writeStringField("status", result.status().word());
    json.writeStringField("message", result.message());
    json.writeStringField("method", result.method());
    json.writeStringField("device", result.device());
    json.writeStringField("device_note", result.deviceNote()); // null where there is none
    json.writeNumberField("rows", result.rows());
    json.writeNumberField("columns", result.columns());
    json.writeStringField("signs", result.signs());
    json.writeNumberField("iterations", result.iterations());
    number("relative_residual", result.relativeResidual());
    number("loss", result.loss());
    number("work", result.work());
    number("passes", result.passes());
    number("seconds", result.seconds());
    number("jacobian_ratio", result.jacobianRatio());
    direction(result.freeDirection());
    warnings(result.warnings());
    json.writeNumberField("seed", options.seed());
    number("tolerance", options.tolerance());
    if (result.local() != null) {
      local(result.local(), options);
    }
    if (result.certificate() != null) {
      certificate(result.certificate());
    }
    json.writeEndObject();
  }

  private void local(LocalReport local, Options options) throws IOException {
    json.writeStringField("choice", local.choice());
    number("linear_rate", local.linearRate());
    number("order", local.order());
    number("gradient_norm", local.gradientNorm());
    json.writeBooleanField("regularized", options.local().regularization() != null);
    number("accuracy", options.local().accuracy());
  }

  private void certificate(Certificate certificate) throws IOException {
    json.writeObjectFieldStart("certificate");
    number("smallest_eigenvalue", certificate.smallestEigenvalue());
    number("largest_eigenvalue", certificate.largestEigenvalue());
    number("lipschitz", certificate.lipschitz());
    number("radius", certificate.radius());
    number("newton_step", certificate.newtonStep());
    number("start_distance", certificate.startDistance());
    json.writeBooleanField("start_inside", certificate.startInside());
    json.writeEndObject();
  }

  private void direction(double[] direction) throws IOException {
    json.writeFieldName("free_direction");
    if (direction == null) {
      json.writeNull();
      return;
    }
    json.writeStartArray();
    for (double value : direction) {
      number(value);
    }
    json.writeEndArray();
  }

  private void object(ScaleResult result) throws IOException {
    json.writeStartObject();
    json.writeStringField("status", result.status().word());
    json.writeStringField("message", result.message());
    json.writeStringField("device", result.device());
    json.writeNumberField("rows", result.rows());
    json.writeNumberField("columns", result.scatter().length);
    json.writeNumberField("iterations", result.evaluations());
    number("relative_residual", result.relativeResidual());
    number("work", result.work());
    number("passes", result.passes());
    number("seconds", result.seconds());
    json.writeArrayFieldStart("infeasible_rows");
    for (long row : result.infeasibleRows()) {
      json.writeNumber(row);
    }
    json.writeEndArray();
    warnings(result.warnings());
    json.writeEndObject();
  }

  private void warnings(List<String> warnings) throws IOException {
    json.writeArrayFieldStart("warnings");
    for (String warning : warnings) {
      json.writeString(warning);
    }
    json.writeEndArray();
  }

  private void number(String name, double value) throws IOException {
    json.writeFieldName(name);
    number(value);
  }

  /** JSON has no word for NaN and the infinities. */
  private void number(double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeNull();
    }
  }
}
