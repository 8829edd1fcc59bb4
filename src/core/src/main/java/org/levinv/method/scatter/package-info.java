/**
 * What Tyler's estimator of scatter needs beside row weights: where the rows are, and the
 * regularised estimator for few rows.
 */
package org.levinv.method.scatter;
