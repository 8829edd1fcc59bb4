/**
 * The formulas of leverage scores: scores, Laplacian, and the loss with its derivatives, in tall
 * operations alone. Written once; names no device.
 */
package org.levinv.model;
