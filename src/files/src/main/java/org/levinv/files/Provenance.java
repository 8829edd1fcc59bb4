package org.levinv.files;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.levinv.Threads;

/**
 * Where a result comes from, beside its options: what it takes to repeat it.
 *
 * @param version that of levinv
 * @param date when the run began
 * @param command the arguments as they were given
 * @param threads the cores that the CPU could use, and what said so
 * @param inputs the files that were read, by what they were read for
 */
public record Provenance(
    String version,
    Instant date,
    List<String> command,
    Threads threads,
    Map<String, FileDigest> inputs) {}
