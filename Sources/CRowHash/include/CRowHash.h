#pragma once

#include <stdint.h>

/// A sum over rows: the same for the same rows, whatever the order in which they were written. It tells accidents apart, not
/// forgeries.
typedef struct {
    uint64_t low, high;
} roost_row_hash;

/// Follows what one SQLite connection does to the rows of some tables, which have no virtual columns. Belongs to the connection's
/// thread.
typedef struct roost_row_watch roost_row_watch;

/// Begins with `*hash` zero. nil when memory is short. At most one watch for each connection.
roost_row_watch *roost_row_watch_start(void *connection, const char *const *tables, int count);

/// What the rows are by all that was done to them since the watch began, or since it was set. Takes no part in rollbacks.
roost_row_hash roost_row_watch_get(const roost_row_watch *watch);
void roost_row_watch_set(roost_row_watch *watch, roost_row_hash hash);

/// Not 0 once a value could not be read: then the hash says nothing.
int roost_row_watch_failed(const roost_row_watch *watch);

/// Before the connection is closed.
void roost_row_watch_stop(roost_row_watch *watch);

/// Adds the rows that `sql` finds, all columns of `table` in their order, to `*hash`. Returns SQLite's result code.
int roost_row_hash_add(void *connection, const char *sql, const char *table, roost_row_hash *hash);
