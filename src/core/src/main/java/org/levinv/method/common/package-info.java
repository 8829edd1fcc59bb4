/**
 * What several methods share: mixing, how a loop ends, the part of a step that keeps slacks away
 * from 0, and the Hessian of the loss from sampled rows.
 */
package org.levinv.method.common;
