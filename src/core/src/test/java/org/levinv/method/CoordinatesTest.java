package org.levinv.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.levinv.ArrayRows;
import org.levinv.VectorSource;
import org.levinv.device.Device;
import org.levinv.device.Vector;
import org.levinv.device.Workspace;
import org.levinv.device.reference.ReferenceDevice;
import org.levinv.model.GramFactor;
import org.levinv.rows.Field;
import org.levinv.rows.LeafStore;
import org.levinv.rows.ProblemRows;
import org.levinv.rows.RowStore;
import org.levinv.tall.PlainProblem;

class CoordinatesTest {

  /**
   * Two rows of weight 1e6 that are nearly parallel in the first two columns: without an order of
   * the columns the second row of R is some 300 times longer than its diagonal entry.
   */
  @Test
  void rebase_keepsSlacksWhereRowsOfWeightAreNearlyParallel() {
    Random random = new Random(1);
    double[][] rows = new double[200][];
    Arrays.setAll(rows, i -> PlainProblem.normals(5, random));
    for (int i = 0; i < 2; i++) {
      rows[i][0] = 1;
      rows[i][1] = 0.5 + 3e-3 * i;
    }
    double[] x = PlainProblem.normals(5, random);
    double[] expected = PlainProblem.times(rows, x);
    double[] equal = new double[200];
    Arrays.fill(equal, 5.0 / 200);
    ProblemRows source =
        ProblemRows.of(ArrayRows.of(rows))
            .with(Field.OFFSET, VectorSource.of("offset", new double[200]))
            .with(Field.TARGET, VectorSource.of("scores", equal));
    try (Device device = new ReferenceDevice();
        RowStore store = LeafStore.resident(source, device);
        SampleProblem sample = WholeSample.of(store, equal);
        Workspace space = new Workspace(device)) {
      double[] w = new double[200];
      Arrays.fill(w, 20);
      w[0] = 1e6;
      w[1] = 1e6;
      GramFactor gram = new GramFactor(5, space);
      assertTrue(gram.ofRows(sample.A(), space.upload(w)));
      Coordinates coordinates = new Coordinates(store, space);
      coordinates.rebase(gram, sample);
      Vector y = space.vector(5);
      Vector s = space.vector(200);
      coordinates.fromOriginal(x, y);
      sample.A().times(y, s);
      double eps = Math.ulp(1.0);
      double[] found = PlainProblem.download(s, space);
      assertArrayEquals(expected, found, 100 * eps); // 5 terms of size up to 10
      assertArrayEquals(x, coordinates.toOriginal(y), 1e4 * eps);
    }
  }
}
