package org.levinv.pass;

import org.levinv.rows.RowList;

/**
 * What {@link SubspacePass} answers; of rows with a positive target.
 *
 * @param held entry k - 1: the sum of the targets of the rows in the span of the first k vectors
 * @param count entry k - 1: how many rows these are
 * @param outside the rows outside of all that have grown most
 * @param inside the first rows in the span of all
 */
public record SubspaceSums(double[] held, long[] count, RowList outside, RowList inside) {}
