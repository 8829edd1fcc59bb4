package org.levinv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "barrier",
        "logistic",
        "probit",
        "cloglog",
        "poisson",
        "gamma",
        "inverse-gaussian",
        "cauchy",
        "cauchy:2.5",
        "student:4",
        "student:4:0.5"
      })
  void slopesAreTheDerivativesOfTheLogarithms(String name) {
    Weights weights = Weights.of(name);
    for (double eta : new double[] {-6, -2.3, -0.4, 0.01, 0.7, 1.9, 5.5}) {
      double h = 1e-5 * Math.max(0.1, Math.abs(eta));
      double difference = (weights.log(eta + h) - weights.log(eta - h)) / (2 * h);
      // h^2 times third derivatives of order 1 / eta^3, and rounding of logs up to 120, over h
      double bound = 1e-8 * Math.max(1, Math.abs(weights.log(eta)) + 1 / Math.abs(eta));
      assertEquals(difference, weights.slope(eta), bound, name + " at " + eta);
    }
  }

  /** Working weights by the textbook: (d mu / d eta)^2 / V(mu). */
  @Test
  void squaresAreTheWorkingWeights() {
    double[] at = {-2, -0.5, 0.3, 1.2};
    for (double eta : at) {
      double p = 1 / (1 + Math.exp(-eta));
      assertProportional("logistic", eta, p * (1 - p), 0.25, 0);
      double q = 1 - Math.exp(-Math.exp(eta));
      double slope = Math.exp(eta - Math.exp(eta));
      double q1 = 1 - Math.exp(-1);
      assertProportional(
          "cloglog", eta, slope * slope / (q * (1 - q)), Math.exp(-2) / (q1 * (1 - q1)), 0);
      assertProportional("poisson", eta, Math.exp(eta), 1, 0);
      assertProportional("cauchy:2", eta, 1 / (1 + eta * eta / 4), 1, 0);
      assertProportional("student:3:2", eta, 1 / (1 + eta * eta / 12), 1, 0);
    }
    assertProportional("inverse-gaussian", 4, 0.125, 1, 1);
    assertProportional("gamma", 4, 1.0 / 16, 1, 1);
    // phi(1)^2 / (Phi(1) Phi(-1)) and phi(0)^2 / (1 / 4), by tables with 12 digits
    double phi = 0.241970724519;
    double tail = 0.158655253931;
    assertProportional("probit", 1, phi * phi / (tail * (1 - tail)), 2 / Math.PI, 0);
  }

  private static void assertProportional(
      String name, double eta, double expected, double reference, double at) {
    Weights weights = Weights.of(name);
    double ratio = Math.exp(2 * (weights.log(eta) - weights.log(at)));
    assertEquals(expected / reference, ratio, 1e-11 * ratio, name + " at " + eta);
  }

  @ParameterizedTest
  @ValueSource(strings = {"logistic", "probit", "cloglog", "cauchy", "student:4:2"})
  void inversesAreOnTheirBranch(String name) {
    Weights weights = Weights.of(name);
    for (double eta : new double[] {-20, -3, -0.5, 0.6, 1.5, 5}) {
      boolean above = eta > weights.peak();
      assertEquals(eta, weights.inverse(weights.log(eta), above), 1e-6, name);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"logistic", "probit", "cloglog", "cauchy", "student:4", "poisson"})
  void separatedDataOverflowNothing(String name) {
    Weights weights = Weights.of(name);
    for (double eta : new double[] {-1e150, -1e4, -750, 0, 750, 1e4, 1e150}) {
      assertTrue(weights.log(eta) < Double.POSITIVE_INFINITY, name + " at " + eta);
      assertTrue(!Double.isNaN(weights.log(eta)), name + " at " + eta);
      assertTrue(Double.isFinite(weights.slope(eta)), name + " at " + eta);
    }
    for (double log : new double[] {-1e5, -800, -1, weights.log(weights.peak())}) {
      if (weights.shape() != Weights.Shape.EXPONENTIAL) {
        assertTrue(Double.isFinite(weights.inverse(log, true)), name + " of " + log);
        assertTrue(Double.isFinite(weights.inverse(log, false)), name + " of " + log);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gamma-log",
        "logit",
        "student",
        "cauchy:0",
        "cauchy:x",
        "student:-1",
        "cauchy:1:2"
      })
  void otherNamesAreRefused(String name) {
    assertThrows(InvalidInputException.class, () -> Weights.of(name));
  }
}
