package org.levinv.device;

/**
 * The element-wise formulas of the methods, each a function of one number a and up to three entries
 * x, y, z of vectors. A device applies one to whole vectors ({@link Device#map}); the definition
 * here is the one that every device follows.
 */
public enum Formula {
  /** 1 / x, and 0 where x is 0: a row without slack has no weight yet. */
  RECIPROCAL((a, x, y, z) -> x == 0 ? 0 : 1 / x),
  /** 1 / max(x, 1e-300). */
  SAFE_RECIPROCAL((a, x, y, z) -> 1 / Math.max(x, 1e-300)),
  /** x^2. */
  SQUARE((a, x, y, z) -> x * x),
  /** x^2 y. */
  SQUARE_TIMES((a, x, y, z) -> x * x * y),
  /** sqrt(|x|). */
  ROOT((a, x, y, z) -> Math.sqrt(Math.abs(x))),
  /** |x|. */
  MAGNITUDE((a, x, y, z) -> Math.abs(x)),
  /** sign(x) with sign(0) = 1. */
  SIGN((a, x, y, z) -> x < 0 ? -1 : 1),
  /** e^{x - a}. */
  EXP((a, x, y, z) -> Math.exp(x - a)),
  /** a log|x|. */
  LOG((a, x, y, z) -> a * Math.log(Math.abs(x))),
  /** x + a. */
  SHIFT((a, x, y, z) -> x + a),
  /** x^2 y as a score: rounding may lift it to 1, where logarithms of 1 - sigma end. */
  SCORE((a, x, y, z) -> Math.min(x * x * y, 1 - 1e-16)),
  /** x (1 - x), the diagonal of L. */
  DEGREE((a, x, y, z) -> x * (1 - x)),
  /** y x (1 - x), the diagonal of L for a row that counts y times. */
  COUNTED_DEGREE((a, x, y, z) -> y * x * (1 - x)),
  /** a clip((logit(y) - logit(x)) / 2, -2, 2): the move of t that brings a score x to y, alone. */
  LOGIT_STEP((a, x, y, z) -> a * Math.max(-2, Math.min(2, 0.5 * logitDifference(y, x)))),
  /** 0.5 logit(x) - 0.5 log y. */
  HALF_LOGIT_RATIO((a, x, y, z) -> 0.5 * logit(x) - 0.5 * Math.log(y)),
  /** z (x - y)^2. */
  COUNTED_SQUARED_DIFFERENCE((a, x, y, z) -> z * (x - y) * (x - y)),
  /** (2 x (1 - x) y)^2 z: what a relative error y of a slack does to its score. */
  SCORE_ROUNDING((a, x, y, z) -> 4 * x * x * (1 - x) * (1 - x) * y * y * z),
  /**
   * (a x + |y|) |z|: the relative rounding error of a slack 1/z in units of eps, |a_i| = x, |x| =
   * a, b_i = y.
   */
  SLACK_ROUNDING((a, x, y, z) -> (a * x + Math.abs(y)) * Math.abs(z)),
  /** y + 1 / (1 - x), for a score x. */
  ADD_SCORE_ERROR((a, x, y, z) -> y + 1 / Math.max(1 - x, 1e-16)),
  /** a x y. */
  SCALED_PRODUCT((a, x, y, z) -> a * x * y),
  /** x^2 / (y^2 + z^2), and 0 where that is 0/0. */
  RELATIVE_SQUARE((a, x, y, z) -> x == 0 ? 0 : x * x / (y * y + z * z)),
  /** 1 - x y: how far a slack x has moved to 0 from 1/y. */
  SHRINKAGE((a, x, y, z) -> 1 - x * y),
  /** -x y. */
  NEGATED_PRODUCT((a, x, y, z) -> -x * y),
  /** x / (a + y). */
  SHIFTED_QUOTIENT((a, x, y, z) -> x / (a + y)),
  /** Amplitude flow: |x| / (|x| + a y) times x - y sign(x); a = 0 for the plain flow. */
  AMPLITUDE_RESIDUAL(
      (a, x, y, z) -> {
        double m = Math.abs(x);
        double g = a == 0 ? 1 : m / (m + a * y);
        return g * (x - (x < 0 ? -y : y));
      }),
  /** 1 where x is 1 but for a, or more, else 0. */
  NEAR_ONE((a, x, y, z) -> 1 - x <= a ? 1 : 0),
  /** How far a relative change y of a slack passes -a; where x is not 0, how far it passes 0. */
  BEYOND_WALL((a, x, y, z) -> (x == 0 ? -a : 0) - y),
  /** 1 where x and y have different signs, else 0. */
  SIGN_CHANGED((a, x, y, z) -> (x < 0) == (y < 0) ? 0 : 1),
  /** a x. */
  MULTIPLE((a, x, y, z) -> a * x),
  /** a. */
  CONSTANT((a, x, y, z) -> a),
  /** a / x. */
  QUOTIENT((a, x, y, z) -> a / x),
  /** log of the square root of the logistic density, -log(2 cosh(x / 2)). */
  LOGISTIC_LOG((a, x, y, z) -> -0.5 * Math.abs(x) - Math.log1p(Math.exp(-Math.abs(x)))),
  /** Its derivative, -tanh(x / 2) / 2. */
  LOGISTIC_SLOPE((a, x, y, z) -> -0.5 * Math.tanh(0.5 * x)),
  /** log(phi(x) / sqrt(Phi(x) Phi(-x))), phi and Phi being the normal density and distribution. */
  PROBIT_LOG((a, x, y, z) -> NormalTail.logWeight(Math.abs(x))),
  /** Its derivative, -x - (phi(x) / Phi(x) - phi(x) / Phi(-x)) / 2. */
  PROBIT_SLOPE((a, x, y, z) -> (x < 0 ? -1 : 1) * NormalTail.slope(Math.abs(x))),
  /**
   * x - (e + log(1 - exp(-e))) / 2, e = exp(x): log of the square root of the working weight of the
   * complementary log-log link. From x = 6.5 on, where its square is below 1e-284, it is constant.
   */
  CLOGLOG_LOG(
      (a, x, y, z) -> {
        double e = Math.exp(Math.min(x, 6.5));
        return x < -30 ? 0.5 * x : Math.min(x, 6.5) - 0.5 * (e + Math.log(-Math.expm1(-e)));
      }),
  /** Its derivative, 1 + e / expm1(-e) / 2. */
  CLOGLOG_SLOPE(
      (a, x, y, z) -> {
        double e = Math.exp(Math.min(x, 6.5));
        return x < -30 ? 0.5 : 1 + 0.5 * e / Math.expm1(-e);
      }),
  /** -log(1 + x^2 / a) / 2. */
  STUDENT_LOG((a, x, y, z) -> -0.5 * Math.log1p(x / a * x)),
  /** Its derivative, -x / (a + x^2). */
  STUDENT_SLOPE((a, x, y, z) -> -1 / (a / x + x)),
  /** The derivative of {@link #QUOTIENT}, -a / x^2. */
  QUOTIENT_BEND((a, x, y, z) -> -a / x / x),
  /** Of {@link #LOGISTIC_SLOPE}, -1 / (4 cosh(x / 2)^2). */
  LOGISTIC_BEND(
      (a, x, y, z) -> {
        double e = Math.exp(-Math.abs(x));
        return -e / ((1 + e) * (1 + e));
      }),
  /** Of {@link #PROBIT_SLOPE}. */
  PROBIT_BEND((a, x, y, z) -> NormalTail.bend(Math.abs(x))),
  /** Of {@link #CLOGLOG_SLOPE}, e / expm1(-e) (1 + e exp(-e) / expm1(-e)) / 2. */
  CLOGLOG_BEND(
      (a, x, y, z) -> {
        double e = Math.exp(Math.min(x, 6.5));
        double m = Math.expm1(-e);
        return x < -30 ? 0 : 0.5 * e / m * (1 + e * Math.exp(-e) / m);
      }),
  /** Of {@link #STUDENT_SLOPE}, (x^2 - a) / (a + x^2)^2. */
  STUDENT_BEND((a, x, y, z) -> (x / a * x - 1) / (1 + x / a * x) / (a + x * x));

  /** A formula for one entry. */
  @FunctionalInterface
  public interface Entry {
    double apply(double a, double x, double y, double z);
  }

  private final Entry entry;
  private final FormulaLoop loop = FormulaLoop.copy();

  Formula(Entry entry) {
    this.entry = entry;
  }

  public double apply(double a, double x, double y, double z) {
    return entry.apply(a, x, y, z);
  }

  /** to_i = f(a, x_i, y_i, z_i) for i from {@code from} to before {@code end}. */
  void apply(double a, double[] x, double[] y, double[] z, double[] to, int from, int end) {
    loop.run(entry, a, x, y, z, to, from, end);
  }

  /**
   * log(s / (1 - s)), for scores from 0 to 1 with the ends moved inside by what doubles can tell.
   */
  public static double logit(double s) {
    double inside = inside(s);
    return Math.log(inside) - Math.log1p(-inside);
  }

  /** logit(s) - logit(r) with one logarithm. */
  private static double logitDifference(double s, double r) {
    double u = inside(s);
    double v = inside(r);
    return Math.log(u * (1 - v) / (v * (1 - u)));
  }

  private static double inside(double s) {
    return Math.max(1e-300, Math.min(s, 1 - 1e-16));
  }
}
