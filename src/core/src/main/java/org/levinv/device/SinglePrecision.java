package org.levinv.device;

/**
 * What {@link TallProducts} in single precision mean. Rows, weights, slacks and results are
 * doubles; what is rounded to floats are the factors of the products, brought near 1 by powers of
 * two: the rows sqrt|u_i| a_i of a Gram matrix together for some rows, each row a_i of a form by
 * itself, and N or the inverse of R as a whole. Floats are summed over at most {@link #ROWS} rows
 * or d columns, and those sums in doubles, so the error does not grow with n. With e = {@link
 * #ROUNDING}, entry by entry and to first order:
 *
 * <pre>
 * weightedGram, slackGram   |error| &lt;= (ROWS + 4) e |A|^T diag(|u|) |A|
 * quadraticForms            |error| &lt;= (d + 4) e |a_i|^T |N| |a_i|
 * squaredNorms              |error| &lt;= 2 (d + 4) e || |a_i|^T |R^-1| ||^2
 * </pre>
 *
 * <p>Nothing overflows that would not in double precision. A product below about 1e-25 of the
 * largest that shares its scale may count as zero: columns of A, and rows and columns of N and of
 * the inverse of R, are taken to be of like size, within 1e12 or so. Results are not finite where
 * arguments are not.
 */
public final class SinglePrecision {

  /** As many rows are summed in floats at most. */
  public static final int ROWS = 2048;

  /** Half of the distance from 1 to the next float. */
  public static final double ROUNDING = 0x1p-24;

  private static final int MOST_EXPONENT = 1000;

  private SinglePrecision() {}

  /** The power of two that brings a magnitude to [1, 2); 1 for 0. */
  public static double scaleFor(double magnitude) {
    int exponent = Math.max(-MOST_EXPONENT, Math.min(MOST_EXPONENT, Math.getExponent(magnitude)));
    return magnitude == 0 ? 1 : Math.scalb(1.0, -exponent);
  }
}
