/**
 * Problems whose rows decouple, or nearly do: dummy-coded designs, fixed effects, thin polytopes.
 * Rows that are coupled with no others are problems of their own; within one, the magnitudes are
 * solved to the end, so that the scales between nearly decoupled rows are right too, and only
 * directions that the uncertainty of the scores rules are left free. {@link
 * org.levinv.method.groups.GroupSolve} is the entrance. It works on all rows of a problem that one
 * device holds, or on a sample of them that stands for more by its counts.
 */
package org.levinv.method.groups;
