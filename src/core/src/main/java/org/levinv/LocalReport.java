package org.levinv;

/**
 * How a local method got on. Numbers that the run does not show are NaN.
 *
 * @param choice which variant ran, and why
 * @param linearRate the factor by which the gradient shrank in a step, over the second half of the
 *     run
 * @param order the order of convergence that the last three gradients show: about 2 for Newton
 * @param gradientNorm at the answer, ||R^-T g|| with R^T R = A(x)^T A(x): the largest slope of the
 *     objective over moves that change the slacks by ||A(x) dx|| = 1 of themselves
 */
public record LocalReport(String choice, double linearRate, double order, double gradientNorm) {}
