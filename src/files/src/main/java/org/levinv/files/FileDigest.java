package org.levinv.files;

/**
 * A file that was read.
 *
 * @param name as it was given, with the name of an array in it
 * @param bytes the size of the file
 * @param sha256 of all its bytes, in hexadecimal digits; null where it was not computed to the end
 */
public record FileDigest(String name, long bytes, String sha256) {}
