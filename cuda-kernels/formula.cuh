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
  NEAR_ONE,
  BEYOND_WALL,
  SIGN_CHANGED,
  MULTIPLE,
  CONSTANT,
  QUOTIENT,
  LOGISTIC_LOG,
  LOGISTIC_SLOPE,
  PROBIT_LOG,
  PROBIT_SLOPE,
  CLOGLOG_LOG,
  CLOGLOG_SLOPE,
  STUDENT_LOG,
  STUDENT_SLOPE,
  QUOTIENT_BEND,
  LOGISTIC_BEND,
  PROBIT_BEND,
  CLOGLOG_BEND,
  STUDENT_BEND
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

/** log M(u), M(u) = 2 exp(u^2 / 2) Phi(-u), by a Chebyshev series; see NormalTail.java */
__device__ __forceinline__ double logM(double u) {
  const double series[] = {
    -0.6513268598908536,
    0.6419697923564901,
    0.019476473204186346,
    -0.009561514786809144,
    -0.0009465953444825501,
    0.0003668394978525415,
    4.2523324805953014e-05,
    -2.027857811319041e-05,
    -1.624290005343972e-06,
    1.3036558349444479e-06,
    1.5626442272096916e-08,
    -8.523809635772933e-08,
    6.5290545133868066e-09,
    5.059342278583522e-09,
    -9.91364651946492e-10,
    -2.273664965056353e-10,
    9.646736174605951e-11,
    2.3922990751624385e-12,
    -6.886703194360805e-12,
    8.927986032490502e-13,
    3.1300474037092907e-13,
    -1.1423557521326192e-13,
    4.047465668353431e-16,
    5.590351513237587e-15,
  };
  double t = 2 / (2 + u / sqrt(2.0));
  double y = 2 * t - 1;
  double b1 = 0;
  double b2 = 0;
  for (int k = sizeof(series) / sizeof(double) - 1; k > 0; k--) {
    double b = 2 * y * b1 - b2 + series[k];
    b2 = b1;
    b1 = b;
  }
  return log(t) + y * b1 - b2 + series[0];
}

__device__ __forceinline__ double probitLog(double u) {
  double m = logM(u);
  double logTwoPi = 1.8378770664093453;
  double tail = 0.5 * exp(m - 0.5 * u * u);
  return -0.25 * u * u - 0.5 * (logTwoPi + m - log(2.0) + log1p(-tail));
}

__device__ __forceinline__ double probitSlope(double u) {
  double m = logM(u);
  double logTwoPi = 1.8378770664093453;
  double tail = 0.5 * exp(m - 0.5 * u * u);
  double hazard = 0.7978845608028654 * exp(-m);
  double other = exp(-0.5 * (u * u + logTwoPi)) / (1 - tail);
  return -u + 0.5 * (hazard - other);
}

__device__ __forceinline__ double cloglogLog(double x) {
  double e = exp(smaller(x, 6.5));
  return x < -30 ? 0.5 * x : smaller(x, 6.5) - 0.5 * (e + log(-expm1(-e)));
}

__device__ __forceinline__ double cloglogSlope(double x) {
  double e = exp(smaller(x, 6.5));
  return x < -30 ? 0.5 : 1 + 0.5 * e / expm1(-e);
}

__device__ __forceinline__ double logisticBend(double x) {
  double e = exp(-fabs(x));
  return -e / ((1 + e) * (1 + e));
}

__device__ __forceinline__ double probitBend(double u) {
  double m = logM(u);
  double logTwoPi = 1.8378770664093453;
  double tail = 0.5 * exp(m - 0.5 * u * u);
  double hazard = 0.7978845608028654 * exp(-m);
  double other = exp(-0.5 * (u * u + logTwoPi)) / (1 - tail);
  return -1 + 0.5 * (hazard * (hazard - u) + other * (other + u));
}

__device__ __forceinline__ double cloglogBend(double x) {
  double e = exp(smaller(x, 6.5));
  double m = expm1(-e);
  return x < -30 ? 0 : 0.5 * e / m * (1 + e * exp(-e) / m);
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
    case NEAR_ONE: return 1 - x <= a ? 1 : 0;
    case BEYOND_WALL: return (x == 0 ? -a : 0) - y;
    case SIGN_CHANGED: return (x < 0) == (y < 0) ? 0 : 1;
    case MULTIPLE: return a * x;
    case CONSTANT: return a;
    case QUOTIENT: return a / x;
    case LOGISTIC_LOG: return -0.5 * fabs(x) - log1p(exp(-fabs(x)));
    case LOGISTIC_SLOPE: return -0.5 * tanh(0.5 * x);
    case PROBIT_LOG: return probitLog(fabs(x));
    case PROBIT_SLOPE: return (x < 0 ? -1 : 1) * probitSlope(fabs(x));
    case CLOGLOG_LOG: return cloglogLog(x);
    case CLOGLOG_SLOPE: return cloglogSlope(x);
    case STUDENT_LOG: return -0.5 * log1p(x / a * x);
    case STUDENT_SLOPE: return -1 / (a / x + x);
    case QUOTIENT_BEND: return -a / x / x;
    case LOGISTIC_BEND: return logisticBend(x);
    case PROBIT_BEND: return probitBend(fabs(x));
    case CLOGLOG_BEND: return cloglogBend(x);
    case STUDENT_BEND: return (x / a * x - 1) / (1 + x / a * x) / (a + x * x);
    default: return 0.0 / 0.0;
  }
}
