package org.levinv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.levinv.PlantedProblem.Recipe;
import org.levinv.device.RowSource;

/** Numbers of the user's own sources are looked at where they are read first, before any stage. */
class FirstReadingTest {
  private final PlantedProblem planted = PlantedProblem.of(Recipe.of(500, 3));
  private final double[] sigma;

  FirstReadingTest() {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      sigma = inverter.scores(planted.matrix(), planted.offset().toArray(), planted.solution());
    }
  }

  /** Rows of which one entry is another number. */
  private RowSource rowsWith(long row, double entry) {
    RowSource A = planted.matrix();
    return new RowSource() {
      @Override
      public String name() {
        return "rows";
      }

      @Override
      public long rows() {
        return A.rows();
      }

      @Override
      public int columns() {
        return A.columns();
      }

      @Override
      public void read(long first, int count, double[] into) {
        A.read(first, count, into);
        if (first <= row && row < first + count) {
          into[(int) (row - first) * columns() + 1] = entry;
        }
      }
    };
  }

  /** A vector that does not look at its numbers. */
  private static VectorSource vectorWith(String name, double[] values, int row, double entry) {
    return new VectorSource() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public long length() {
        return values.length;
      }

      @Override
      public void read(long first, int count, double[] into, int at) {
        System.arraycopy(values, (int) first, into, at, count);
        if (first <= row && row < first + count) {
          into[at + (int) (row - first)] = entry;
        }
      }
    };
  }

  private void refused(String words, RowSource A, VectorSource b, VectorSource t, Signs signs) {
    List<String> stages = new ArrayList<>();
    Options options =
        Options.defaults().withSigns(signs).withProgress(step -> stages.add(step.stage()));
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      InvalidInputException e =
          assertThrows(
              InvalidInputException.class, () -> inverter.invert(new Problem(A, b, t), options));
      assertEquals(words, e.getMessage());
      assertEquals(List.of(), stages);
    }
  }

  @Test
  void numbersThatAreNone_areRefusedWithTheirRow() {
    VectorSource b = VectorSource.of("offset", planted.offset().toArray());
    VectorSource t = VectorSource.of("scores", sigma);
    refused(
        "rows, row 321, column 1: expected a finite number, got NaN",
        rowsWith(321, Double.NaN),
        b,
        t,
        Signs.auto());
    refused(
        "mine, row 499: expected a finite number, got Infinity",
        planted.matrix(),
        vectorWith("mine", planted.offset().toArray(), 499, Double.POSITIVE_INFINITY),
        t,
        Signs.auto());
    refused(
        "targets, row 0: expected a finite number, got NaN",
        planted.matrix(),
        b,
        vectorWith("targets", sigma, 0, Double.NaN),
        Signs.auto());
    refused(
        "sides, row 77: expected a positive or a negative number, got 0.0",
        planted.matrix(),
        b,
        t,
        Signs.given(vectorWith("sides", sigma, 77, 0)));
  }

  @Test
  void scoresThatAreNone_areRefused() {
    VectorSource b = VectorSource.of("offset", planted.offset().toArray());
    refused(
        "targets, row 5: expected a leverage score between 0 and 1, got 1.2",
        planted.matrix(),
        b,
        vectorWith("targets", sigma, 5, 1.2),
        Signs.auto());
    refused(
        "targets, row 5: expected a leverage score between 0 and 1, got -0.5",
        planted.matrix(),
        b,
        vectorWith("targets", sigma, 5, -0.5),
        Signs.auto());
  }

  @Test
  void aSourceThatFailsInTheMiddle_leavesTheInverterUsable() {
    try (Inverter inverter = Inverter.open("cpu", 2)) {
      Problem bad = new Problem(rowsWith(250, Double.NaN), planted.offset().toArray(), sigma);
      assertThrows(InvalidInputException.class, () -> inverter.invert(bad, Options.defaults()));
      Problem good = new Problem(planted.matrix(), planted.offset().toArray(), sigma);
      assertEquals(Status.CONVERGED, inverter.invert(good, Options.defaults()).status());
    }
  }
}
