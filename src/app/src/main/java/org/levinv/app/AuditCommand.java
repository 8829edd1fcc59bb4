package org.levinv.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.levinv.Audit;
import org.levinv.Inverter;
import org.levinv.Model;
import org.levinv.Options;
import org.levinv.VectorSource;
import org.levinv.app.report.AuditPlot;
import org.levinv.device.RowSource;
import org.levinv.files.AuditFile;
import org.levinv.files.Digests;
import org.levinv.files.Provenance;
import org.levinv.files.ResultFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code levinv audit}. */
@Command(
    name = "audit",
    description = {
      "Says what publishing the scores, or hat values, of a fit gives away of it: for 2 to 8 decimals"
          + " the standard errors of x and of Ax - b that the best estimate from A and the printed"
          + " scores has. Writes audit.json and audit.svg."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {
      "  levinv audit --weights logistic --matrix A.csv --at coefficients.csv --out audit",
      "  levinv audit --matrix A.npy --offset b.npy --at result/x.npy --out audit"
    })
final class AuditCommand implements Callable<Integer> {
  private static final String PLOT = "audit.svg";

  private final Screen screen;

  @Mixin private MatrixArgument matrix;

  @Mixin private WeightsArgument offset;

  @Option(
      names = "--at",
      paramLabel = "x",
      required = true,
      description = "The coefficients of the fit, d values.")
  private Path at;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "DIR",
      required = true,
      description = "The directory for audit.json and audit.svg, made where it is missing.")
  private Path out;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description = "Fixes every random draw (default 0).")
  private long seed;

  @Mixin private MemoryArgument memory;

  @Mixin private CommonOptions common;

  AuditCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    common.check();
    offset.check();
    Map<String, Path> inputs = inputs();
    ResultFiles.check(out, inputs.values(), AuditFile.NAME, PLOT);
    Audit audit;
    try (StatusLine line = common.line(screen);
        Digests digests = Digests.of(inputs);
        RowSource A = matrix.open(line);
        VectorSource b = offset.open(A, line);
        VectorSource prior = offset.openPrior(A, line);
        Inverter inverter = common.open(A);
        ResultFiles files = ResultFiles.in(out)) {
      double[] x = Shapes.columnsVector(at, A);
      Options options = memory.apply(Options.defaults()).withSeed(seed).withProgress(line);
      line.doing("looking at what scores leave open");
      audit = inverter.audit(new Model(A, b, offset.weights(), prior), x, options);
      Provenance provenance = common.provenance(inverter, digests, true);
      files.stage(AuditFile.NAME, audit, provenance);
      files.stage(PLOT, to -> write(to, AuditPlot.of(audit)));
      files.commit();
      line.clear();
    }
    if (!common.quiet()) {
      screen.say(AuditWords.of(audit));
    }
    return Main.SUCCESS;
  }

  private Map<String, Path> inputs() {
    Map<String, Path> inputs = new LinkedHashMap<>();
    inputs.put("matrix", matrix.file());
    offset.addTo(inputs);
    inputs.put("at", at);
    return inputs;
  }

  private static void write(WritableByteChannel to, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }
}
