package org.levinv.pass;

import java.util.ArrayList;
import java.util.List;
import org.levinv.device.Device;
import org.levinv.device.Matrix;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.rows.Pass;
import org.levinv.rows.RowList;
import org.levinv.rows.SumShape;
import org.levinv.rows.Sums;

/**
 * g(x) = A^T W sigma, minus the gradient of the volumetric barrier 0.5 logdet(A^T W^2 A), in one
 * reading; d^2 + 4 d flops a row.
 */
public final class BarrierPass implements Pass<BarrierPass.Gradient> {
  private final double[] x;
  private final double[] inverseR;
  private final List<Draws> draws;

  /**
   * What the pass answers.
   *
   * @param g A^T W sigma, d, valid until the next pass
   * @param draws of each draw, the rows drawn by their scores, each with the least rate that draws
   *     it
   */
  public record Gradient(Vector g, List<RowList> draws) {}

  /**
   * @param x d entries, in the coordinates of the store
   * @param inverseR R^-1 with R^T R = G(x), d x d row by row
   * @param draws of rows by their scores
   */
  public BarrierPass(double[] x, double[] inverseR, List<Draws> draws) {
    this.x = x.clone();
    this.inverseR = inverseR.clone();
    this.draws = List.copyOf(draws);
  }

  @Override
  public SumShape shape() {
    return SumShape.none().withVectors(1).withLists(draws.size());
  }

  @Override
  public double flopsPerRow(int columns) {
    return (double) columns * columns + 4.0 * columns;
  }

  @Override
  public Kernel on(Device device, Workspace space) {
    Matrix inverse = space.matrix(x.length, x.length);
    device.upload(inverseR, inverse);
    BlockScores at = new BlockScores(device, space.upload(x), inverse);
    return (block, sums) -> {
      Vector w = at.weightAndScore(block);
      Vector sigma = at.score(block);
      for (int k = 0; k < draws.size(); k++) {
        draws.get(k).draw(device, block, sigma, sums.list(k));
      }
      Vector u = block.scratch(BlockScores.FREE);
      device.multiply(w, sigma, u);
      device.transposeTimes(block.A(), u, sums.vector(0)); // A^T W sigma
    };
  }

  @Override
  public Gradient answer(Sums total) {
    List<RowList> drawn = new ArrayList<>();
    for (int k = 0; k < draws.size(); k++) {
      drawn.add(total.list(k));
    }
    return new Gradient(total.vector(0), drawn);
  }
}
