package org.levinv.pass;

import org.levinv.device.Matrix;
import org.levinv.device.Vector;

/**
 * What {@link GradientPass} answers; all of it valid until the next pass.
 *
 * @param gradient -2 A^T W L r, d
 * @param diagonal A^T diag(w^2 (6 L r - 8 sigma L r)) A, the part of the Hessian that is diagonal
 *     over rows, and with degrees 4 A^T diag(w^2 D^2) A on top, D = sigma (1 - sigma); or null
 * @param degreeRows A^T W D^2 1, the rows of W A weighted by D^2, d; or null
 * @param degrees the sum of D^2
 * @param metric A^T diag(w^2 sigma (1 - sigma)) A, which measures a step by the change of the log
 *     scores; or null
 */
public record GradientSums(
    Vector gradient, Matrix diagonal, Vector degreeRows, double degrees, Matrix metric) {}
