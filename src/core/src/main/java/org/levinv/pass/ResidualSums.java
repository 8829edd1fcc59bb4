package org.levinv.pass;

import org.levinv.device.Vector;

/**
 * What {@link ResidualPass} answers.
 *
 * @param gradient A^T U^2 (b - A z), d, valid until the next pass
 * @param norm ||U (b - A z)||
 * @param backwardError max |b - A z|_i / terms_i
 * @param largestTerms max terms_i
 */
public record ResidualSums(
    Vector gradient, double norm, double backwardError, double largestTerms) {}
