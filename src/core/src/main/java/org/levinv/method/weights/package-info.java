/**
 * Row weights with which a matrix has given scores: their small state, the iteration on it by
 * passes, and which subspaces of rows stand against a target.
 */
package org.levinv.method.weights;
