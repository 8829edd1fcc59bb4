package org.levinv.pass;

import org.levinv.device.Matrix;
import org.levinv.device.Vector;

/**
 * What {@link GradientPass} answers; all of it valid until the next pass.
 *
 * @param gradient -2 A^T W L r, d
 * @param diagonal A^T diag(w^2 (6 L r - 8 sigma L r)) A, the part of the Hessian that is diagonal
 *     over rows; or null
 * @param metric A^T diag(w^2 sigma (1 - sigma)) A, which measures a step by the change of the log
 *     scores; or null
 */
public record GradientSums(Vector gradient, Matrix diagonal, Matrix metric) {}
