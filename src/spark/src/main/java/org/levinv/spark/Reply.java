package org.levinv.spark;

import java.io.Serializable;
import java.util.Map;
import org.levinv.rows.LeafTask;

/**
 * What shards answer.
 *
 * @param answer null where a row cannot be used
 * @param refusal why, or null
 * @param refusedAt the shard of that row
 * @param digests of the rows of each shard that were all read
 * @param device that answered, or null where none did
 */
record Reply<T extends Serializable>(
    LeafTask.Answer<T> answer,
    String refusal,
    int refusedAt,
    Map<Integer, Long> digests,
    String device)
    implements Serializable {}
