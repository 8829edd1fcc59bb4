/**
 * The operations that touch the n x d matrix. Each is separable by rows: its result is a row-local
 * n-vector or a small sum, so the layers above do not know whether A is resident, streamed or
 * spread.
 */
package org.levinv.tall;
