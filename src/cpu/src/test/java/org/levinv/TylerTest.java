package org.levinv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.MatrixUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.levinv.ScaleResult.Status;
import org.levinv.Tyler.Location;
import org.levinv.Tyler.Normalisation;
import org.levinv.device.RowSource;

/** Tyler's estimator about a location, and for few rows: by the equations that define it. */
class TylerTest {
  private static double[][] cauchy(int n, int d, long seed) {
    Random random = new Random(seed);
    double[][] A = new double[n][d];
    for (double[] a : A) {
      double spread = 1 / Math.abs(random.nextGaussian());
      double before = 0;
      for (int j = 0; j < d; j++) {
        before = 0.6 * before + random.nextGaussian() * spread;
        a[j] = before + 4 + j;
      }
    }
    return A;
  }

  private static TylerResult tyler(double[][] A, Tyler how, Options options) {
    try (Inverter inverter = Inverter.open("cpu", 1)) {
      return inverter.tyler(RowSource.of("A", A), how, options, null, null);
    }
  }

  private static double form(double[] b, double[][] inverse) {
    double form = 0;
    for (int j = 0; j < b.length; j++) {
      for (int k = 0; k < b.length; k++) {
        form += b[j] * inverse[j][k] * b[k];
      }
    }
    return form;
  }

  /** (1 - rho) d/n sum of b b^T / (b^T S^-1 b) + rho I, b = a - mu, with the trace of S. */
  private static double[][] image(double[][] A, double[] mu, double[][] S, double rho) {
    int d = mu.length;
    double[][] inverse = MatrixUtils.inverse(new Array2DRowRealMatrix(S, true), 0).getData();
    double[][] image = new double[d][d];
    for (double[] a : A) {
      double[] b = new double[d];
      Arrays.setAll(b, j -> a[j] - mu[j]);
      double form = form(b, inverse);
      for (int j = 0; j < d; j++) {
        for (int k = 0; k < d; k++) {
          image[j][k] += (1 - rho) * d / A.length * b[j] * b[k] / form;
        }
      }
    }
    double trace = 0;
    double wanted = 0;
    for (int j = 0; j < d; j++) {
      image[j][j] += rho;
      trace += image[j][j];
      wanted += S[j][j];
    }
    double factor = wanted / trace;
    for (double[] row : image) {
      Arrays.setAll(row, k -> factor * row[k]);
    }
    return image;
  }

  private static void assertFixed(double[][] A, TylerResult found, double rho) {
    double[][] S = found.scale().scatter();
    double[][] image = image(A, found.location(), S, rho);
    for (int j = 0; j < S.length; j++) {
      for (int k = 0; k < S.length; k++) {
        assertEquals(image[j][k], S[j][k], 1e-10 * Math.sqrt(S[j][j] * S[k][k]));
      }
    }
    double[][] inverse = MatrixUtils.inverse(new Array2DRowRealMatrix(S, true), 0).getData();
    for (int i = 0; i < A.length; i++) {
      double[] b = A[i].clone();
      Arrays.setAll(b, j -> b[j] - found.location()[j]);
      double r = Math.sqrt(form(b, inverse));
      assertEquals(r, found.distances()[i], 1e-10 * r);
    }
  }

  /** About a location a constant column is nothing. */
  @ParameterizedTest
  @EnumSource(
      value = Location.class,
      names = {"MEAN", "MEDIAN", "HR"})
  void aConstantColumnIsNamed(Location location) {
    double[][] A = cauchy(50, 4, 1);
    for (double[] a : A) {
      a[2] = 1;
    }
    Tyler about = Tyler.aboutOrigin().about(location);
    String said =
        assertThrows(InvalidInputException.class, () -> tyler(A, about, Options.defaults()))
            .getMessage();
    assertTrue(said.endsWith("got rank 3: column 2 is the same in every row"), said);
  }

  @ParameterizedTest
  @EnumSource(
      value = Location.class,
      names = {"GIVEN"},
      mode = EnumSource.Mode.EXCLUDE)
  void scatterIsTheFixedPointAboutTheLocation(Location location) {
    double[][] A = cauchy(150, 4, 1);
    TylerResult found = tyler(A, Tyler.aboutOrigin().about(location), Options.defaults());
    assertEquals(Status.CONVERGED, found.scale().status(), found.scale().message());
    assertFixed(A, found, 0);
    double[] mu = found.location();
    double[] column = Arrays.stream(A).mapToDouble(a -> a[2]).sorted().toArray();
    switch (location) {
      case ORIGIN -> assertEquals(0, mu[2]);
      case MEAN -> assertEquals(Arrays.stream(column).average().orElseThrow(), mu[2], 1e-12);
      case MEDIAN -> assertEquals(0.5 * (column[74] + column[75]), mu[2], 1e-14);
      default -> assertEquals(6, mu[2], 0.5); // where the rows are
    }
  }

  /** Readings for the location count: one for means, six for medians. */
  @ParameterizedTest
  @CsvSource({"MEAN, 1", "MEDIAN, 6"})
  void readingsForTheLocationCount(Location location, double readings) {
    double[][] A = cauchy(150, 4, 1);
    TylerResult found = tyler(A, Tyler.aboutOrigin().about(location), Options.defaults());
    Tyler given = Tyler.aboutOrigin().about(found.location());
    TylerResult there = tyler(A, given, Options.defaults());
    assertEquals(there.scale().passes() + readings, found.scale().passes(), 1e-12);
  }

  /** The unit vectors from the affine median to the rows, in its metric, sum to 0; in any units. */
  @ParameterizedTest
  @ValueSource(doubles = {1, 1e20})
  void theAffineMedianIsInTheMiddle(double unit) {
    double[][] A = cauchy(200, 3, 2);
    for (double[] a : A) {
      a[0] *= unit;
      a[2] /= unit;
    }
    TylerResult found = tyler(A, Tyler.aboutOrigin().about(Location.HR), Options.defaults());
    assertEquals(Status.CONVERGED, found.scale().status(), found.scale().message());
    assertEquals(0, found.scale().warnings().size(), found.scale().warnings().toString());
    for (int j = 0; j < 3; j++) {
      double sum = 0;
      double size = 0;
      for (int i = 0; i < A.length; i++) {
        double part = (A[i][j] - found.location()[j]) / found.distances()[i];
        sum += part;
        size += Math.abs(part);
      }
      assertEquals(0, sum / size, 1e-10);
    }
  }

  @Test
  void aLocationThatIsGivenIsKeptAndTheDeterminantIsOne() {
    double[][] A = cauchy(80, 3, 3);
    double[] mu = {4, 5, 6};
    Tyler how = Tyler.aboutOrigin().about(mu).normalisedBy(Normalisation.DET);
    TylerResult found = tyler(A, how, Options.defaults());
    assertArrayEquals(mu, found.location());
    assertFixed(A, found, 0);
    double[][] S = found.scale().scatter();
    assertEquals(1, new LUDecomposition(new Array2DRowRealMatrix(S)).getDeterminant(), 1e-10);
    double[] w = found.scale().weights();
    double made = 0; // (A - mu)^T diag(w^2) (A - mu) is the scatter
    for (int i = 0; i < A.length; i++) {
      made += w[i] * w[i] * (A[i][0] - 4) * (A[i][1] - 5);
    }
    assertEquals(S[0][1], made, 1e-10 * Math.abs(S[0][0]));
  }

  @ParameterizedTest
  @CsvSource({"10, 20, NaN", "20, 20, NaN", "12, 30, 0.1", "60, 4, 0.3"})
  void fewRowsAreRegularised(int n, int d, double shrinkage) {
    double[][] A = cauchy(n, d, 4);
    Tyler how = Tyler.aboutOrigin().about(Location.MEAN).withShrinkage(shrinkage);
    TylerResult found = tyler(A, how, Options.defaults());
    assertEquals(Status.CONVERGED, found.scale().status(), found.scale().message());
    double rho = found.shrinkage();
    assertTrue(rho > 0 && rho < 1, "shrinkage " + rho);
    assertTrue(Double.isNaN(shrinkage) || rho == shrinkage);
    assertTrue(
        found.scale().message().contains(String.format("shrinkage %.4g", rho)),
        found.scale().message());
    assertFixed(A, found, rho);
    double[][] S = found.scale().scatter();
    double[] w = found.scale().weights();
    double made = 0; // beside the diagonal the identity says nothing
    for (int i = 0; i < n; i++) {
      made += w[i] * w[i] * (A[i][0] - found.location()[0]) * (A[i][1] - found.location()[1]);
    }
    assertEquals(S[0][1], made, 1e-10 * S[0][0]);
  }

  @ParameterizedTest
  @CsvSource({
    "ORIGIN, 0, expected more rows than columns where nothing is shrunk",
    "HR, NaN, expected more rows than columns for the location hr",
  })
  void whatFewRowsCannotSayIsRefused(Location location, double shrinkage, String expected) {
    Tyler how = Tyler.aboutOrigin().about(location).withShrinkage(shrinkage);
    String said =
        assertThrows(
                InvalidInputException.class, () -> tyler(cauchy(5, 5, 5), how, Options.defaults()))
            .getMessage();
    assertTrue(said.startsWith("A: " + expected), said);
  }

  /** A search that is stopped before it has anything leaves weights of 1 and says so. */
  @ParameterizedTest
  @CsvSource({"HR, 40, 4", "MEAN, 10, 20"})
  void aStopBeforeTheFirstRoundIsSaid(Location location, int n, int d) {
    Options stopped =
        Options.defaults()
            .withProgress(
                new Progress() {
                  @Override
                  public void step(Step step) {}

                  @Override
                  public boolean stop() {
                    return true;
                  }
                });
    TylerResult found = tyler(cauchy(n, d, 6), Tyler.aboutOrigin().about(location), stopped);
    assertEquals(Status.INTERRUPTED, found.scale().status(), found.scale().message());
    assertTrue(Arrays.stream(found.scale().weights()).allMatch(w -> w == 1));
    assertTrue(
        found.scale().message().endsWith("no weights were evaluated, all are 1"),
        found.scale().message());
  }
}
