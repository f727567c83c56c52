#ifndef ROOST_SQLITE_OVERLAY_H
#define ROOST_SQLITE_OVERLAY_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>

/// How many bytes all overlays of this process hold now. May lie in a file, which then outlives a kill.
extern _Atomic(int64_t) *overlay_held_bytes;

/// What was written to one file and not synced, shared by all connections of the process that have the file open.
typedef struct overlay overlay;

/// The overlay of a path, made when it is missing. Released as often as it was taken.
overlay *overlay_take(const char *path);
/// When nobody has it any more it is gone, with whatever it held.
void overlay_release(overlay *over);

/// All of these are safe from any thread. `real` is the file below.
int overlay_write(overlay *over, const void *bytes, int count, sqlite3_int64 offset);
int overlay_truncate(overlay *over, sqlite3_int64 size);
int overlay_read(overlay *over, sqlite3_file *real, void *bytes, int count, sqlite3_int64 offset);
int overlay_size(overlay *over, sqlite3_file *real, sqlite3_int64 *size);
/// Whether anything was written that is not synced.
int overlay_holds(overlay *over);
/// Writes everything to the file below and forgets it.
int overlay_flush(overlay *over, sqlite3_file *real);
/// The file of a path is gone, and what was written to it.
void overlay_drop(const char *path);

#endif
