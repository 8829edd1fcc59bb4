package org.levinv.pass;

import org.levinv.device.Matrix;
import org.levinv.device.Vector;

/**
 * What {@link LocationPass} answers.
 *
 * @param gram the sum of c c^T / r^2, valid until the next pass
 * @param sum that of c / r, likewise
 * @param count of the rows that are not at mu
 */
public record LocationSums(Matrix gram, Vector sum, double count) {}
