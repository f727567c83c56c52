#ifndef CLIMITS_H
#define CLIMITS_H
#include <stdint.h>

/* What plain C reaches with the same libraries, on the same machine, in the same run: the physical limit that Roost's
   own figures are compared with. Each function returns events per second, or a negative number after saying on the
   standard error stream what failed. */

/* Durable appends into a table with the columns of the log's events, without a secondary index: WAL, FULL, pages of
   16 KiB, explicit checkpoints, one thread and one file per partition. */
double roost_limit_append(const char *directory, int partitions, int batch, int payload_bytes, double seconds);

/* Reads every event of a partition file in order and upserts one row of its stream per event, in one transaction. */
double roost_limit_fold(const char *partition_file, const char *projection_file);

/* Publishes `count` messages of two frames, one per event, once `subscribers` have subscribed; then says the end.
   Returns the rate at which they were handed over. */
double roost_limit_publish(const char *endpoint, int subscribers, int64_t count, int bytes);

/* Receives them all; the rate from the first to the last. Fails when one is missing. */
double roost_limit_subscribe(const char *endpoint, int64_t count);

/* Writes and syncs `count` blocks of 4 KiB, one after the other; syncs per second. */
double roost_limit_sync(const char *file, int count);

#endif
