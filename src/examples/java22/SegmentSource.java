import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.levinv.Inverter;
import org.levinv.Options;
import org.levinv.Problem;
import org.levinv.Result;
import org.levinv.Signs;
import org.levinv.Status;
import org.levinv.device.RowSource;

/** A matrix in a MemorySegment of any size, row by row in native order: Java 22 and later. */
record SegmentSource(MemorySegment segment, int columns) implements RowSource {

  @Override
  public String name() {
    return "segment";
  }

  @Override
  public long rows() {
    return segment.byteSize() / Double.BYTES / columns;
  }

  @Override
  public boolean isConcurrent() {
    return true; // where the arena is shared, or the global one
  }

  @Override
  public void read(long first, int count, double[] into) {
    long from = first * columns * Double.BYTES;
    MemorySegment.copy(segment, ValueLayout.JAVA_DOUBLE, from, into, 0, count * columns);
  }

  /** Recovers (1, 2) from rows (cos i, sin i). */
  public static void main(String[] arguments) {
    int rows = 100;
    double[] b = new double[rows];
    try (Arena arena = Arena.ofShared();
        Inverter inverter = Inverter.open("cpu", 0)) {
      MemorySegment A = arena.allocate(ValueLayout.JAVA_DOUBLE, 2L * rows);
      for (int i = 0; i < rows; i++) {
        A.setAtIndex(ValueLayout.JAVA_DOUBLE, 2L * i, Math.cos(i));
        A.setAtIndex(ValueLayout.JAVA_DOUBLE, 2L * i + 1, Math.sin(i));
        b[i] = Math.cos(i) + 2 * Math.sin(i) + Math.sin(0.1 * i * i) + 0.01;
      }
      RowSource source = new SegmentSource(A, 2);
      double[] sigma = inverter.scores(source, b, new double[] {1, 2});
      Result result =
          inverter.invert(
              new Problem(source, b, sigma), Options.defaults().withSigns(Signs.unknown()));
      System.out.println(result);
      if (result.status() != Status.CONVERGED || Math.abs(result.x()[1] - 2) > 1e-8) {
        System.exit(1);
      }
    }
  }
}
