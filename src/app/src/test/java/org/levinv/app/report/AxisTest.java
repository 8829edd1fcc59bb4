package org.levinv.app.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is written at a side of a plot can be read. */
class AxisTest {

  /** As of the first x of a search that found none. */
  @Test
  void numbersThatAreAllTheSame_showTheirSize() {
    assertEquals(List.of("-1.0", "-0.5", "0.0", "0.5", "1.0"), labels(Axis.linear(0, 0)));
    assertEquals(List.of("0", "1", "2", "3", "4"), labels(Axis.linear(2, 2)));
    assertEquals(0.5, Axis.linear(-2, -2).at(-2), 1e-15);
  }

  @Test
  void numbersThatDifferByRounding_areToldApart() {
    Axis axis = Axis.linear(1, Math.nextUp(1));
    assertTrue(axis.at(1) <= axis.at(Math.nextUp(1)));
    assertTrue(axis.ticks().size() > 1);
  }

  private static List<String> labels(Axis axis) {
    return axis.ticks().stream().map(Axis.Tick::label).toList();
  }
}
