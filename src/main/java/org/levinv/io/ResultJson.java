package org.levinv.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import org.levinv.Certificate;
import org.levinv.LocalReport;
import org.levinv.Options;
import org.levinv.Result;

/** result.json: all of a result but x and the scores. */
final class ResultJson {
  private final JsonGenerator json;

  private ResultJson(JsonGenerator json) {
    this.json = json;
  }

  static void write(WritableByteChannel out, Result result, Options options) throws IOException {
    JsonFactory factory =
        JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
    try (JsonGenerator json = factory.createGenerator(Channels.newOutputStream(out))) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      new ResultJson(json).object(result, options);
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
    warnings(result);
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

  private void warnings(Result result) throws IOException {
    json.writeArrayFieldStart("warnings");
    for (String warning : result.warnings()) {
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
