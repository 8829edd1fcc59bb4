/**
 * Least squares on all rows, for targets that no x meets: damped Newton steps of a secant model
 * that starts from a sampled Hessian, within the cell of signs where they are known. On all rows it
 * only makes passes, three a step.
 */
package org.levinv.method.leastsquares;
