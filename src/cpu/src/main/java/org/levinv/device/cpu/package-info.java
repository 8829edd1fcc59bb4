/**
 * The cpu device: OpenBLAS through JavaCPP. A tall operation is split by rows into one lane for
 * each core; a lane goes through its rows in blocks that stay in the cache and calls
 * single-threaded BLAS on them, and the lanes' results are added in order.
 */
package org.levinv.device.cpu;
