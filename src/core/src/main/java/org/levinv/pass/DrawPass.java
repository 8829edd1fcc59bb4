package org.levinv.pass;

import org.levinv.device.Device;
import org.levinv.device.Workspace;
import org.levinv.rows.Field;
import org.levinv.rows.Pass;
import org.levinv.rows.RowList;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/** Rows drawn by their targets, each with the least rate that draws it. */
public final class DrawPass implements Pass<RowList> {
  private final Draws draws;

  public DrawPass(Draws draws) {
    this.draws = draws;
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withLists(1);
  }

  @Override
  public double flopsPerRow(int columns) {
    return 0;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    return (block, sums) -> draws.draw(device, block, block.field(Field.TARGET), sums.list(0));
  }

  @Override
  public RowList answer(Sums total) {
    return total.list(0);
  }
}
