package org.levinv.solve;

import java.util.ArrayList;
import java.util.List;
import org.levinv.Certificate;
import org.levinv.LocalReport;
import org.levinv.Result;
import org.levinv.RowGroups;
import org.levinv.ScoreNoise;
import org.levinv.Weights;
import org.levinv.device.RowSource;
import org.levinv.pass.VerifiedScores;

/** The one place where results are made: what is not said is not known. */
public final class ResultBuilder {
  private double[] x;
  private Verdict verdict;
  private String method;
  private String device;
  private String deviceNote;
  private long rows;
  private int columns;
  private String signs;
  private int iterations;
  private double relativeResidual = Double.NaN;
  private double loss = Double.NaN;
  private double work;
  private double passes;
  private double seconds;
  private double jacobianRatio = Double.NaN;
  private double[] freeDirection;
  private ScoreNoise scoreNoise;
  private double[] xError;
  private RowGroups groups = RowGroups.ONE;
  private final List<String> warnings = new ArrayList<>();
  private LocalReport local;
  private Certificate certificate;
  private Weights weights = Weights.BARRIER;
  private boolean mirror;

  ResultBuilder(RowSource A, String device) {
    rows = A.rows();
    columns = A.columns();
    this.device = device;
  }

  /** From a result, to change some of it. */
  public ResultBuilder(Result from) {
    x = from.x();
    verdict = new Verdict(from.status(), from.message());
    method = from.method();
    device = from.device();
    deviceNote = from.deviceNote();
    rows = from.rows();
    columns = from.columns();
    signs = from.signs();
    iterations = from.iterations();
    relativeResidual = from.relativeResidual();
    loss = from.loss();
    work = from.work();
    passes = from.passes();
    seconds = from.seconds();
    jacobianRatio = from.jacobianRatio();
    freeDirection = from.freeDirection();
    scoreNoise = from.scoreNoise();
    xError = from.xError();
    groups = from.groups();
    warnings.addAll(from.warnings());
    local = from.local();
    certificate = from.certificate();
    weights = from.weights();
    mirror = from.mirror();
  }

  /** Null where none was found. */
  ResultBuilder x(double[] value) {
    x = value == null ? null : value.clone();
    return this;
  }

  ResultBuilder verdict(Verdict value) {
    verdict = value;
    return this;
  }

  ResultBuilder method(String value) {
    method = value;
    return this;
  }

  /** What became of groups of rows. */
  ResultBuilder groups(RowGroups value) {
    groups = value;
    return this;
  }

  /** Why the device is not the first choice, or null. */
  public ResultBuilder deviceNote(String value) {
    deviceNote = value;
    return this;
  }

  ResultBuilder signs(String value) {
    signs = value;
    return this;
  }

  ResultBuilder iterations(int value) {
    iterations = value;
    return this;
  }

  /** Residual and loss of verified scores; null where there are none. */
  ResultBuilder verified(VerifiedScores value) {
    if (value != null) {
      residual(value.error().relativeResidual(), value.loss());
    }
    return this;
  }

  ResultBuilder residual(double relative, double lossOf) {
    relativeResidual = relative;
    loss = lossOf;
    return this;
  }

  /** Units of n d^2 flops, readings of all rows, seconds of a solve. */
  ResultBuilder cost(Frame frame) {
    work = frame.work();
    passes = frame.passes();
    seconds = frame.watch().seconds();
    return this;
  }

  ResultBuilder jacobianRatio(double value) {
    jacobianRatio = value;
    return this;
  }

  /** What a closer look at the Jacobian showed; null where none was needed. */
  ResultBuilder uniqueness(Uniqueness.Finding found) {
    if (found != null) {
      jacobianRatio = found.ratio();
      freeDirection = found.direction();
      if (found.warning() != null) {
        warnings.add(found.warning());
      }
    }
    return this;
  }

  /** d standard errors of x, or null. */
  ResultBuilder xError(double[] value) {
    xError = value;
    return this;
  }

  /** How far the target scores were from exact ones; null where they were not looked at. */
  ResultBuilder noise(ScoreNoise value) {
    scoreNoise = value;
    return this;
  }

  /** The weights, and whether x and -x have the same scores. */
  ResultBuilder weights(Weights value, boolean hasMirror) {
    weights = value;
    mirror = hasMirror;
    return this;
  }

  ResultBuilder warnings(List<String> more) {
    warnings.addAll(more);
    return this;
  }

  ResultBuilder local(LocalReport value) {
    local = value;
    return this;
  }

  ResultBuilder certificate(Certificate value) {
    certificate = value;
    return this;
  }

  /** The result. */
  public Result build() {
    return new Result(
        x,
        verdict.status(),
        verdict.message(),
        method,
        device,
        deviceNote,
        rows,
        columns,
        signs,
        iterations,
        relativeResidual,
        loss,
        work,
        passes,
        seconds,
        jacobianRatio,
        freeDirection,
        scoreNoise,
        xError,
        groups,
        List.copyOf(warnings),
        local,
        certificate,
        weights,
        mirror);
  }
}
