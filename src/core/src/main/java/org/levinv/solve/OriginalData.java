package org.levinv.solve;

import org.levinv.SingularException;
import org.levinv.Verification;
import org.levinv.device.Device;
import org.levinv.small.Dot2;

/** The answer of a task by the scores that {@link Verification} has. */
final class OriginalData implements AnswerCheck {
  private static final double EPS = Math.ulp(1.0);

  private final LocalTask task;
  private final Verification verification;
  private final double size;
  private double gradients;

  OriginalData(LocalTask task, Device device) {
    this.task = task;
    verification = new Verification(device, task.A(), task.b());
    size = findSize();
  }

  /** ||target||; for g = 0 the terms that cancel in it at the start. */
  private double findSize() {
    double length = Lengths.of(task.isForScores() ? task.sigma() : task.gradient());
    if (length > 0) {
      return length;
    }
    double[] start = task.options().start();
    double[] terms = new double[start.length];
    gradientAt(start, verification.scores(start), new double[task.b().length], terms);
    return Lengths.of(terms);
  }

  @Override
  public double size() {
    return size;
  }

  @Override
  public Figures at(double[] x) {
    double[] errors = new double[task.b().length];
    double[] scores;
    try {
      scores = verification.scores(x);
      errors = verification.slackErrors();
    } catch (SingularException e) {
      scores = new double[errors.length];
    }
    double[] target = task.sigma();
    double[] found = scores;
    double floor = 0;
    if (task.isForScores()) {
      for (int i = 0; i < scores.length; i++) {
        double move = 2 * scores[i] * (1 - scores[i]) * (errors[i] + 1);
        floor = Math.hypot(floor, move);
      }
    } else {
      double[] terms = new double[x.length];
      found = gradientAt(x, scores, errors, terms);
      target = task.gradient();
      floor = Lengths.of(terms);
    }
    double off = 0;
    for (int i = 0; i < target.length; i++) {
      off = Math.hypot(off, found[i] - target[i]);
    }
    return new Figures(scores, off / size, EPS * floor / size);
  }

  /**
   * A(x)^T sigma, d values, and in {@code terms} what relative errors of the slacks in units of eps
   * can do to it; one reading.
   */
  private double[] gradientAt(double[] x, double[] sigma, double[] errors, double[] terms) {
    int d = x.length;
    int n = sigma.length;
    double[] g = new double[d];
    int most = Math.max(1, Math.min((1 << 18) / d, n));
    double[] block = new double[most * d];
    for (int first = 0; first < n; first += most) {
      int count = Math.min(most, n - first);
      task.A().readShared(first, count, block);
      for (int i = first; i < first + count; i++) {
        int start = (i - first) * d;
        double slack = Dot2.minus(block, start, x, task.b()[i]);
        double factor = slack == 0 ? 0 : sigma[i] / slack;
        for (int j = 0; j < d; j++) {
          double term = block[start + j] * factor;
          g[j] += term;
          terms[j] += Math.abs(term) * (3 * errors[i] + 1);
        }
      }
    }
    gradients++;
    return g;
  }

  @Override
  public double work() {
    return verification.work();
  }

  @Override
  public double passes() {
    return verification.passes() + gradients;
  }
}
