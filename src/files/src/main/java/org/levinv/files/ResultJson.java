package org.levinv.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.levinv.Audit;
import org.levinv.Certificate;
import org.levinv.Evaluation;
import org.levinv.LocalReport;
import org.levinv.Options;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.ScaleResult;
import org.levinv.ScoreNoise;
import org.levinv.Standing;
import org.levinv.TylerResult;

/** result.json: all of a result but its vectors. */
final class ResultJson {
  /** What was asked for of every row. */
  static final String EVALUATION = "evaluation";

  private final JsonGenerator json;

  private ResultJson(JsonGenerator json) {
    this.json = json;
  }

  /** Writes an object's fields. */
  private interface Content {
    void writeTo(ResultJson json) throws IOException;
  }

  static void write(
      WritableByteChannel out,
      Result result,
      Options options,
      Provenance provenance,
      RowsAtAnswer rows)
      throws IOException {
    write(out, json -> json.object(result, options, provenance, rows));
  }

  static void write(
      WritableByteChannel out, ScaleResult result, Options options, Provenance provenance)
      throws IOException {
    write(out, json -> json.object(result, null, options, provenance));
  }

  static void write(
      WritableByteChannel out, TylerResult result, Options options, Provenance provenance)
      throws IOException {
    write(out, json -> json.object(result.scale(), result, options, provenance));
  }

  /** checkpoint.json. */
  static void write(
      WritableByteChannel out,
      Standing standing,
      Map<String, Object> options,
      Provenance provenance)
      throws IOException {
    write(out, json -> json.object(standing, options, provenance));
  }

  static void write(WritableByteChannel out, Audit audit, Provenance provenance)
      throws IOException {
    write(out, json -> json.object(audit, provenance));
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

  private void object(Result result, Options options, Provenance provenance, RowsAtAnswer rows)
      throws IOException {
    json.writeStartObject();
    provenance(provenance);
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
    numbers("free_direction", result.freeDirection());
    scoreError(result.scoreNoise());
    numbers("x_error", result.xError());
    json.writeStringField("weights", result.weights().name());
    json.writeBooleanField("mirror", result.mirror());
    groups(result.groups());
    strings("warnings", result.warnings());
    json.writeNumberField("seed", options.seed());
    number("tolerance", options.tolerance());
    options(options);
    if (result.local() != null) {
      local(result.local(), options);
    }
    if (result.certificate() != null) {
      certificate(result.certificate());
    }
    resumed(options.standing());
    if (rows != null) {
      evaluation(rows);
    }
    json.writeEndObject();
  }

  /** What earlier runs spent. */
  private void resumed(Standing standing) throws IOException {
    if (standing != null) {
      json.writeObjectFieldStart("resumed");
      number("work", standing.work());
      number("seconds", standing.seconds());
      json.writeEndObject();
    }
  }

  private void object(Standing standing, Map<String, Object> options, Provenance provenance)
      throws IOException {
    json.writeStartObject();
    provenance(provenance);
    json.writeObjectFieldStart("options");
    for (Map.Entry<String, Object> option : options.entrySet()) {
      json.writePOJOField(option.getKey(), option.getValue()); // strings and numbers
    }
    json.writeEndObject();
    if (standing == null) { // the search has ended, and its result is there
      json.writeNullField(Checkpoint.STANDING);
      json.writeEndObject();
      return;
    }
    json.writeObjectFieldStart(Checkpoint.STANDING);
    json.writeStringField("stage", Checkpoint.word(standing.stage()));
    json.writeNumberField("searches", standing.searches());
    json.writeNumberField("attempts", standing.attempts());
    number("work", standing.work());
    number("seconds", standing.seconds());
    numbers("x", standing.x());
    json.writeEndObject();
    json.writeEndObject();
  }

  /** The cost is null where no evaluation was made. */
  private void evaluation(RowsAtAnswer rows) throws IOException {
    Evaluation cost = rows.cost();
    json.writeObjectFieldStart(EVALUATION);
    strings("files", rows.files());
    number("work", cost == null ? Double.NaN : cost.work());
    number("passes", cost == null ? Double.NaN : cost.passes());
    number("seconds", cost == null ? Double.NaN : cost.seconds());
    json.writeStringField("message", rows.message()); // null where nothing is missing
    json.writeEndObject();
  }

  /** Version, date, arguments, threads and inputs. */
  private void object(Audit audit, Provenance provenance) throws IOException {
    json.writeStartObject();
    provenance(provenance);
    json.writeStringField("message", audit.sentence());
    json.writeNumberField("rows", audit.rows());
    json.writeNumberField("columns", audit.columns());
    json.writeStringField("weights", audit.weights().name());
    json.writeBooleanField("mirror", audit.mirror());
    json.writeBooleanField("free", audit.free());
    json.writeBooleanField("enough_rows", audit.enoughRows());
    json.writeArrayFieldStart("decimals");
    for (Audit.Decimals one : audit.decimals()) {
      json.writeStartObject();
      json.writeNumberField("digits", one.digits());
      numbers("x_error", one.xError());
      number("eta_error", one.etaError());
      number("relative_eta_error", one.relativeEtaError());
      number("signs", one.signs());
      json.writeNumberField("zeros", one.zeros());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void provenance(Provenance provenance) throws IOException {
    json.writeStringField("version", provenance.version());
    json.writeStringField("date", provenance.date().truncatedTo(ChronoUnit.SECONDS).toString());
    strings("command", provenance.command());
    json.writeObjectFieldStart("threads");
    json.writeNumberField("count", provenance.threads().count());
    json.writeStringField("source", provenance.threads().source());
    json.writeEndObject();
    json.writeObjectFieldStart("inputs");
    for (Map.Entry<String, FileDigest> input : provenance.inputs().entrySet()) {
      json.writeObjectFieldStart(input.getKey());
      json.writeStringField("file", input.getValue().name());
      json.writeNumberField("bytes", input.getValue().bytes());
      json.writeStringField("sha256", input.getValue().sha256()); // null where it is not known
      json.writeEndObject();
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

  /** Null for null. */
  private void numbers(String name, double[] values) throws IOException {
    json.writeFieldName(name);
    if (values == null) {
      json.writeNull();
      return;
    }
    json.writeStartArray();
    for (double value : values) {
      number(value);
    }
    json.writeEndArray();
  }

  private void scoreError(ScoreNoise noise) throws IOException {
    if (noise == null) {
      json.writeNullField("score_error");
      return;
    }
    json.writeObjectFieldStart("score_error");
    number("value", noise.value());
    json.writeStringField("source", noise.source().word());
    json.writeEndObject();
  }

  private void groups(RowGroups groups) throws IOException {
    json.writeObjectFieldStart("groups");
    json.writeNumberField("count", groups.count());
    strings("failed", groups.failed());
    json.writeEndObject();
  }

  /** The options as given, by the words of the command line; null for no limit. */
  private void options(Options options) throws IOException {
    json.writeObjectFieldStart("options");
    json.writeStringField("signs", options.signs().toString());
    numbers("start", options.start());
    json.writeStringField("method", options.local().method().word());
    number("tolerance", options.tolerance());
    json.writeNumberField("max_iterations", options.maxIterations());
    number("max_work", options.maxWork());
    number(
        "time_limit",
        options.timeLimit() == null ? Double.NaN : options.timeLimit().toNanos() * 1e-9);
    json.writeNumberField("memory", options.memory());
    if (options.digits() < 0) {
      json.writeNullField("digits");
    } else {
      json.writeNumberField("digits", options.digits());
    }
    number("score_error", options.scoreError() > 0 ? options.scoreError() : Double.NaN);
    json.writeNumberField("seed", options.seed());
    json.writeStringField("precision", options.precision().name().toLowerCase(Locale.ROOT));
    number("accuracy", options.local().accuracy());
    json.writeBooleanField("certificate", options.local().certificate());
    json.writeBooleanField("regularization", options.local().regularization() != null);
    json.writeEndObject();
  }

  /**
   * @param tyler what is there beside it, or null
   */
  private void object(ScaleResult result, TylerResult tyler, Options options, Provenance provenance)
      throws IOException {
    json.writeStartObject();
    provenance(provenance);
    json.writeStringField("status", result.status().word());
    json.writeStringField("message", result.message());
    json.writeStringField("device", result.device());
    json.writeNumberField("rows", result.rows());
    json.writeNumberField("columns", result.scatter().length);
    json.writeNumberField("iterations", result.evaluations());
    number("condition", result.accuracy() == null ? Double.NaN : result.accuracy().condition());
    number("relative_residual", result.relativeResidual());
    number("work", result.work());
    number("passes", result.passes());
    number("seconds", result.seconds());
    if (tyler != null) {
      json.writeStringField("location", tyler.how().location().word());
      json.writeStringField("normalise", tyler.how().normalisation().word());
      number("shrinkage", tyler.shrinkage());
    }
    json.writeArrayFieldStart("infeasible_rows");
    for (long row : result.infeasibleRows()) {
      json.writeNumber(row);
    }
    json.writeEndArray();
    strings("warnings", result.warnings());
    options(options);
    resumed(options.standing());
    json.writeEndObject();
  }

  private void strings(String name, List<String> values) throws IOException {
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(value);
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
