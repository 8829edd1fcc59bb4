/**
 * The global method, stage by stage: a sample of rows drawn by the target scores, magnitudes,
 * position (signs known or retrieved), refinement on all rows, and least squares for targets that
 * no x meets. Written once; names no device.
 */
package org.levinv.method;
