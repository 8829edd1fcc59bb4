/**
 * Rows are read, not held: where the n rows of a problem are kept, how they are cut into leaves,
 * and how one reading of all of them (a {@link org.levinv.rows.Pass}) adds up.
 *
 * <p>The method above asks all rows only for small sums. A leaf is a fixed number of consecutive
 * rows; its sums are a pure function of its rows and of the pass's small state, and sums of leaves
 * are added by a fixed binary tree over leaf numbers. So the bits of an answer do not depend on who
 * worked on which leaf, nor on where the rows lay.
 */
package org.levinv.rows;
