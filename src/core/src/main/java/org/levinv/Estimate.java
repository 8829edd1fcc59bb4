package org.levinv;

/**
 * What a solve will take, as far as can be said before it.
 *
 * @param bytes of memory for rows and their buffers, outside the Java heap
 * @param resident whether all rows stay in that memory; if not they are read again in each pass
 * @param work that problems of this shape usually take, in multiples of n d^2 flops; NaN for local
 *     methods, whose start decides
 * @param seconds for that work at the rate that the device was just seen to have, without reading
 *     files; NaN likewise
 */
public record Estimate(long bytes, boolean resident, double work, double seconds) {}
