package org.levinv.pass;

import org.levinv.rows.RowList;

/**
 * What {@link BoundsPass} answers.
 *
 * @param shrinkage the largest -u_i, u = W A y: below 1 no slack changes its sign
 * @param row the first row that has it
 * @param beyond rows that pass their bound, those by most, each with how far it does in parts of
 *     its slack
 */
public record Bounds(double shrinkage, long row, RowList beyond) {}
