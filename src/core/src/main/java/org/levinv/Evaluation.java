package org.levinv;

/**
 * What one evaluation of the scores at an x cost, whose numbers went to a sink.
 *
 * @param complete whether all rows were handed on; false where it was ended from outside
 * @param accuracy of the scores; null where it is not complete
 * @param work multiples of n d^2 flops
 * @param passes times all of A was read, the first reading included
 * @param seconds of the whole call
 */
public record Evaluation(
    boolean complete, Accuracy accuracy, double work, double passes, double seconds) {}
