package org.levinv.pass;

import org.levinv.device.Matrix;

/**
 * What {@link WeightsPass} answers.
 *
 * @param gram A^T diag(u) A of the light rows, d x d, valid until the next pass
 * @param growth the largest u_i ||a_i||^2 / t_i of the light rows
 * @param shrinkage the largest inverse of that
 */
public record WeightSums(Matrix gram, double growth, double shrinkage) {}
