package org.levinv.method.groups;

/**
 * A point and how well it fits.
 *
 * @param x in the coordinates of its group
 * @param misfit root mean square of residual / uncertainty
 */
record Settled(double[] x, double misfit) {}
