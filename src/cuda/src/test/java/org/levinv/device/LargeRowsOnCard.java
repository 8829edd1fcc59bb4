package org.levinv.device;

import java.util.Arrays;
import org.levinv.device.cuda.CudaCards;

/**
 * Rows of more than 2^31 numbers on a real card, zero but for a few far from the front: operations
 * find these where they are. Argument: the numbers, 2^31 + 2^21 without it. Ends with 1 where one
 * is wrong.
 */
public final class LargeRowsOnCard {
  private static final int COLUMNS = 96;

  private LargeRowsOnCard() {}

  /** Row i at {@code places}: e_j + e_(j+1), j its place among them; else zero. */
  private record Sparse(long rows, int[] places) implements RowSource {
    @Override
    public String name() {
      return "a few rows";
    }

    @Override
    public int columns() {
      return COLUMNS;
    }

    @Override
    public void read(long first, int count, double[] into) {
      Arrays.fill(into, 0, count * COLUMNS, 0);
      for (int j = 0; j < places.length; j++) {
        if (places[j] >= first && places[j] < first + count) {
          int at = (int) (places[j] - first) * COLUMNS;
          into[at + j] = 1;
          into[at + j + 1] = 1;
        }
      }
    }
  }

  public static void main(String[] args) {
    long numbers = args.length > 0 ? Long.parseLong(args[0]) : (1L << 31) + (1L << 21);
    int n = Math.toIntExact(numbers / COLUMNS);
    int turn = (int) Math.min(n - 3, (1L << 31) / COLUMNS); // where an int would overflow
    int[] places = {0, turn - 1, turn, turn + 1, n - 1};
    boolean right;
    try (Device device = CudaCards.open(0);
        Workspace space = new Workspace(device)) {
      System.out.println(device.name());
      Rows A = space.rows(n, COLUMNS);
      device.upload(new Sparse(n, places), A);
      right = check(device, space, A, n, places);
    }
    System.out.printf("%d x %d = %d numbers: %s%n", n, COLUMNS, numbers, right ? "ok" : "FAILED");
    System.exit(right ? 0 : 1);
  }

  private static boolean check(Device device, Workspace space, Rows A, int n, int[] places) {
    int few = places.length;
    Matrix G = space.matrix(COLUMNS, COLUMNS);
    Vector u = space.vector(n);
    device.fill(1, u);
    device.weightedGram(A, u, G); // each row adds a block of four ones
    double[] gram = new double[COLUMNS * COLUMNS];
    device.download(G, gram);
    boolean right = sum(gram) == 4 * few && gram[(few - 1) * COLUMNS + few] == 1;
    device.quadraticForms(A, G, u);
    right &= isNonzeroAt(device, u, places);
    double[] x = new double[COLUMNS];
    Arrays.fill(x, 1);
    device.times(A, space.upload(x), u);
    right &= isNonzeroAt(device, u, places) && device.sum(u) == 2 * few;
    Vector z = space.vector(COLUMNS);
    device.transposeTimes(A, u, z);
    right &= device.sum(z) == 4 * few;
    Rows gathered = space.rows(few, COLUMNS);
    device.gather(A, places, gathered);
    double[] rows = new double[few * COLUMNS];
    device.download(gathered, 0, few, rows);
    for (int j = 0; j < few; j++) {
      right &= rows[j * COLUMNS + j] == 1 && rows[j * COLUMNS + j + 1] == 1;
    }
    device.scaleRows(u, A, A);
    device.squaredRowNorms(A, u);
    return right && isNonzeroAt(device, u, places) && device.sum(u) == 8 * few;
  }

  private static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }

  private static boolean isNonzeroAt(Device device, Vector v, int[] places) {
    return Arrays.stream(device.pick(v, places)).allMatch(value -> value > 0);
  }
}
