// The element-wise formulas of org.levinv.device.Formula, by the same names; a test compares each with its
// definition there. The host reads the names below to know their numbers.
#pragma once

enum Formula {
  RECIPROCAL,
  SAFE_RECIPROCAL,
  SQUARE,
  SQUARE_TIMES,
  ROOT,
  MAGNITUDE,
  SIGN,
  EXP,
  LOG,
  SHIFT,
  SCORE,
  DEGREE,
  COUNTED_DEGREE,
  LOGIT_STEP,
  HALF_LOGIT_RATIO,
  COUNTED_SQUARED_DIFFERENCE,
  SCORE_ROUNDING,
  SLACK_ROUNDING,
  ADD_SCORE_ERROR,
  SCALED_PRODUCT,
  RELATIVE_SQUARE,
  SHRINKAGE,
  NEGATED_PRODUCT,
  SHIFTED_QUOTIENT,
  AMPLITUDE_RESIDUAL,
  BEYOND_WALL,
  SIGN_CHANGED
};

/** max and min that keep a NaN, as in Java. */
__device__ __forceinline__ double larger(double a, double b) {
  return a > b || isnan(a) ? a : b;
}

__device__ __forceinline__ double smaller(double a, double b) {
  return a < b || isnan(a) ? a : b;
}

/** A score, the ends moved inside by what doubles can tell. */
__device__ __forceinline__ double inside(double s) {
  return larger(1e-300, smaller(s, 1 - 1e-16));
}

/** log(s / (1 - s)) */
__device__ __forceinline__ double logit(double s) {
  double u = inside(s);
  return log(u) - log1p(-u);
}

/** logit(s) - logit(r), with one logarithm */
__device__ __forceinline__ double logitDifference(double s, double r) {
  double u = inside(s);
  double v = inside(r);
  return log(u * (1 - v) / (v * (1 - u)));
}

__device__ __forceinline__ double amplitudeResidual(double a, double x, double y) {
  double m = fabs(x);
  double g = a == 0 ? 1 : m / (m + a * y);
  return g * (x - (x < 0 ? -y : y));
}

/** f(a, x, y, z). */
__device__ __forceinline__ double apply(int f, double a, double x, double y, double z) {
  switch (f) {
    case RECIPROCAL: return x == 0 ? 0 : 1 / x;
    case SAFE_RECIPROCAL: return 1 / larger(x, 1e-300);
    case SQUARE: return x * x;
    case SQUARE_TIMES: return x * x * y;
    case ROOT: return sqrt(fabs(x));
    case MAGNITUDE: return fabs(x);
    case SIGN: return x < 0 ? -1 : 1;
    case EXP: return exp(x - a);
    case LOG: return a * log(fabs(x));
    case SHIFT: return x + a;
    case SCORE: return smaller(x * x * y, 1 - 1e-16);
    case DEGREE: return x * (1 - x);
    case COUNTED_DEGREE: return y * x * (1 - x);
    case LOGIT_STEP: return a * larger(-2, smaller(2, 0.5 * logitDifference(y, x)));
    case HALF_LOGIT_RATIO: return 0.5 * logit(x) - 0.5 * log(y);
    case COUNTED_SQUARED_DIFFERENCE: return z * (x - y) * (x - y);
    case SCORE_ROUNDING: return 4 * x * x * (1 - x) * (1 - x) * y * y * z;
    case SLACK_ROUNDING: return (a * x + fabs(y)) * fabs(z);
    case ADD_SCORE_ERROR: return y + 1 / larger(1 - x, 1e-16);
    case SCALED_PRODUCT: return a * x * y;
    case RELATIVE_SQUARE: return x == 0 ? 0 : x * x / (y * y + z * z);
    case SHRINKAGE: return 1 - x * y;
    case NEGATED_PRODUCT: return -x * y;
    case SHIFTED_QUOTIENT: return x / (a + y);
    case AMPLITUDE_RESIDUAL: return amplitudeResidual(a, x, y);
    case BEYOND_WALL: return (1 - x <= 1e-8 ? 0 : -a) - y;
    case SIGN_CHANGED: return (x < 0) == (y < 0) ? 0 : 1;
    default: return 0.0 / 0.0;
  }
}
