package org.levinv;

import java.util.Arrays;
import java.util.Objects;
import org.levinv.device.RowSource;
import org.levinv.small.CounterRandom;
import org.levinv.small.Dot2;

/**
 * A problem whose answer is known, of any number of rows. Nothing of n numbers is ever held: each
 * row, its offset and its noise are drawn from the seed and the number of the row, with the same
 * bits on every machine, whenever they are read.
 */
public final class PlantedProblem {

  /** Which signs the slacks Ax - b have. */
  public enum Kind {
    /** All positive: b = Ax - exp(spread N(0, 1)). */
    INTERIOR,
    /** Both: b = N(0, 1). */
    MIXED
  }

  /**
   * What to plant. Start from {@link #of} and change what matters.
   *
   * @param rows n
   * @param columns d
   * @param kind the signs of the slacks
   * @param condition of the matrix that the Gaussian rows are multiplied with; with 1 there is none
   * @param slackSpread the standard deviation of the logarithm of the slacks, interior only
   * @param rowScale E: each row of [A, b] is multiplied by exp(U(-E/2, E/2))
   * @param noise E: {@link PlantedProblem#noisy} multiplies scores by 1 + E N(0, 1)
   * @param hairline slacks, tiny ones say, that the first rows get (before the row scale)
   * @param seed fixes every draw
   */
  public record Recipe(
      long rows,
      int columns,
      Kind kind,
      double condition,
      double slackSpread,
      double rowScale,
      double noise,
      double[] hairline,
      long seed) {

    public Recipe {
      Objects.requireNonNull(kind, "kind");
      hairline = hairline.clone();
      check(columns >= 1, "columns", "1 or more", columns);
      check(rows > columns, "rows", "more than the " + columns + " columns", rows);
      check(condition >= 1 && condition <= 1e15, "condition", "a number from 1 to 1e15", condition);
      check(slackSpread >= 0 && slackSpread <= 50, "slack-spread", "0 to 50", slackSpread);
      check(rowScale >= 0 && rowScale <= 200, "row-scale", "0 to 200", rowScale);
      check(noise >= 0 && noise < 1, "noise", "a number from 0 to below 1", noise);
      check(hairline.length <= rows, "hairline", "at most " + rows + " slacks", hairline.length);
      for (double slack : hairline) {
        boolean fits = kind == Kind.INTERIOR ? slack > 0 : slack != 0;
        check(fits && Double.isFinite(slack), "hairline", "slacks of the kind's sign", slack);
      }
    }

    private static void check(boolean valid, String name, String expected, Number got) {
      if (!valid) {
        throw new InvalidInputException(name + ": expected " + expected + ", got " + got);
      }
    }

    /** Interior, plain Gaussian rows, slack spread 1, no row scale, no noise, seed 0. */
    public static Recipe of(long rows, int columns) {
      return new Recipe(rows, columns, Kind.INTERIOR, 1, 1, 0, 0, new double[0], 0);
    }

    public Recipe withKind(Kind value) {
      return new Recipe(
          rows, columns, value, condition, slackSpread, rowScale, noise, hairline, seed);
    }

    public Recipe withCondition(double value) {
      return new Recipe(rows, columns, kind, value, slackSpread, rowScale, noise, hairline, seed);
    }

    public Recipe withSlackSpread(double value) {
      return new Recipe(rows, columns, kind, condition, value, rowScale, noise, hairline, seed);
    }

    public Recipe withRowScale(double value) {
      return new Recipe(rows, columns, kind, condition, slackSpread, value, noise, hairline, seed);
    }

    public Recipe withNoise(double value) {
      return new Recipe(
          rows, columns, kind, condition, slackSpread, rowScale, value, hairline, seed);
    }

    public Recipe withHairline(double... value) {
      return new Recipe(rows, columns, kind, condition, slackSpread, rowScale, noise, value, seed);
    }

    public Recipe withSeed(long value) {
      return new Recipe(
          rows, columns, kind, condition, slackSpread, rowScale, noise, hairline, value);
    }

    /** Independent numbers for every purpose and row. */
    CounterRandom draw(Purpose purpose, long row) {
      return PlantedProblem.draw(seed, purpose, row);
    }
  }

  private static CounterRandom draw(long seed, Purpose purpose, long row) {
    return new CounterRandom(seed, purpose.ordinal(), row);
  }

  /** What a draw is for; the order fixes the numbers. */
  enum Purpose {
    ENTRIES,
    SCALE,
    SLACK,
    SOLUTION,
    LEFT,
    RIGHT,
    NOISE
  }

  private final Recipe recipe;
  private final PlantedRows rows;
  private final double[] x;

  private PlantedProblem(Recipe recipe) {
    this.recipe = recipe;
    Mixing mixing = recipe.condition > 1 ? Mixing.of(recipe) : null;
    this.rows = new PlantedRows(recipe, mixing);
    double[] y = new double[recipe.columns];
    recipe.draw(Purpose.SOLUTION, 0).normals(y);
    this.x = mixing == null ? y : mixing.solve(y);
    double[] a = new double[recipe.columns];
    for (int i = 0; i < recipe.hairline.length; i++) {
      sign(i, a, offset(i, a)); // refused before any work
    }
  }

  /** Plants a problem. */
  public static PlantedProblem of(Recipe recipe) {
    return new PlantedProblem(recipe);
  }

  /** A, n x d. */
  public RowSource matrix() {
    return rows;
  }

  /** b, n values. Reading it refuses a slack that rounding has made zero. */
  public VectorSource offset() {
    return new PlantedVector("planted offset", (i, a, b) -> b);
  }

  /** x, d values. */
  public double[] solution() {
    return x.clone();
  }

  /** The signs of Ax - b, n values +1 or -1. */
  public VectorSource signs() {
    return new PlantedVector("planted signs", this::sign);
  }

  /** The exact scores of all rows with the noise that the recipe asks for. */
  public double[] noisy(double[] scores) {
    return noisy(0, scores.length, scores, recipe.noise, recipe.seed);
  }

  /**
   * Scores multiplied by 1 + noise N(0, 1).
   *
   * @param first row of the {@code count} scores, which are in front
   * @param seed which fixes the noise of every row
   */
  public static double[] noisy(long first, int count, double[] scores, double noise, long seed) {
    double[] noisy = Arrays.copyOf(scores, count);
    if (noise > 0) {
      for (int i = 0; i < count; i++) {
        noisy[i] *= 1 + noise * draw(seed, Purpose.NOISE, first + i).normal();
      }
    }
    return noisy;
  }

  /** Reads row i into a and returns b_i. */
  private double offset(long i, double[] a) {
    double scale = rows.readRow(i, a);
    double normal = recipe.draw(Purpose.SLACK, i).normal();
    if (i < recipe.hairline.length) {
      return Dot2.minus(a, x, scale * recipe.hairline[(int) i]); // a.x - slack, rounded once
    }
    if (recipe.kind == Kind.INTERIOR) {
      return Dot2.minus(a, x, scale * StrictMath.exp(recipe.slackSpread * normal));
    }
    return scale * normal;
  }

  private double sign(long i, double[] a, double b) {
    double slack = Dot2.minus(a, x, b);
    if (slack == 0 || slack < 0 && recipe.kind == Kind.INTERIOR) {
      throw new InvalidInputException(
          "row "
              + i
              + ": expected a slack that can be told from zero beside an offset of "
              + b
              + ", got "
              + slack
              + " after rounding");
    }
    return slack > 0 ? 1 : -1;
  }

  /** What a vector has for row i, which is a, with the offset b_i. */
  @FunctionalInterface
  private interface Entry {
    double of(long i, double[] a, double b);
  }

  /** One number for each row, of rows whose slacks can be told from zero. */
  private final class PlantedVector implements VectorSource {
    private final String name;
    private final Entry entry;

    PlantedVector(String name, Entry entry) {
      this.name = name;
      this.entry = entry;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long length() {
      return recipe.rows;
    }

    @Override
    public void read(long first, int count, double[] into, int at) {
      Objects.checkFromIndexSize(first, count, recipe.rows);
      double[] a = new double[recipe.columns];
      for (int k = 0; k < count; k++) {
        double b = offset(first + k, a);
        sign(first + k, a, b);
        into[at + k] = entry.of(first + k, a, b);
      }
    }
  }

  /** The rows of A. */
  private static final class PlantedRows implements RowSource {
    private final Recipe recipe;
    private final Mixing mixing;

    PlantedRows(Recipe recipe, Mixing mixing) {
      this.recipe = recipe;
      this.mixing = mixing;
    }

    @Override
    public String name() {
      return "planted matrix";
    }

    @Override
    public long rows() {
      return recipe.rows;
    }

    @Override
    public int columns() {
      return recipe.columns;
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public void read(long first, int count, double[] into) {
      Objects.checkFromIndexSize(first, count, rows());
      double[] a = new double[recipe.columns];
      for (int i = 0; i < count; i++) {
        readRow(first + i, a);
        System.arraycopy(a, 0, into, i * a.length, a.length);
      }
    }

    /** Draws row i and returns its scale. */
    double readRow(long i, double[] a) {
      recipe.draw(Purpose.ENTRIES, i).normals(a);
      if (mixing != null) {
        mixing.apply(a);
      }
      if (recipe.rowScale == 0) {
        return 1;
      }
      double u = recipe.draw(Purpose.SCALE, i).uniform();
      double scale = StrictMath.exp(recipe.rowScale * (u - 0.5));
      for (int j = 0; j < a.length; j++) {
        a[j] *= scale;
      }
      return scale;
    }
  }
}
