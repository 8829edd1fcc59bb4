package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowMap;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/** How far scores are from their targets, in one reading; the flops of the scores. */
public final class TargetErrorPass implements Pass<TargetErrorPass.Errors> {

  /**
   * Two relative residuals.
   *
   * @param given ||sigma - target|| / ||target||
   * @param shifted the same for the targets as {@link RowTargets} has them
   */
  public record Errors(double given, double shifted) {}

  private final RowMap scores;
  private final RowTargets targets;

  public TargetErrorPass(RowMap scores, RowTargets targets) {
    this.scores = scores;
    this.targets = targets;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withNumbers(4);
  }

  @Override
  public double flopsPerRow(int columns) {
    return scores.flopsPerRow(columns);
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    RowMap.Kernel own = scores.on(device, space);
    return (block, sums) -> {
      Vector sigma = block.scratch(0);
      Vector e = block.scratch(1);
      own.of(block, sigma);
      Vector t = targets.of(block, device);
      Vector given = targets.isGiven() ? block.field(Field.TARGET) : t;
      add(device, sigma, given, e, 0, sums);
      add(device, sigma, t, e, 2, sums);
    };
  }

  private static void add(Device device, Vector sigma, Vector t, Vector e, int at, Sums sums) {
    device.copy(sigma, e);
    device.axpy(-1, t, e);
    sums.add(at, device.dot(e, e));
    sums.add(at + 1, device.dot(t, t));
  }

  @Override
  public Errors answer(Sums total) {
    return new Errors(
        Math.sqrt(total.number(0) / total.number(1)), Math.sqrt(total.number(2) / total.number(3)));
  }
}
