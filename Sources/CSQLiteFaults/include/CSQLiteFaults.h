#ifndef ROOST_SQLITE_FAULTS_H
#define ROOST_SQLITE_FAULTS_H

#include <stdint.h>

/// What the disk of this process suffers from. All zero: nothing.
typedef struct roost_disk_faults {
    /// Every write fails as on a full disk.
    int is_full;
    /// Writes are held in memory until they are synced, and are gone when the process is killed.
    int loses_unsynced;
    /// How many of a million syncs fail.
    uint32_t failing_syncs;
    /// How late every write and sync is, in microseconds, and how much later at most.
    uint32_t delay;
    uint32_t jitter;
    /// What chance is drawn from.
    uint64_t seed;
} roost_disk_faults;

/// What faults have done since the process started.
typedef struct roost_disk_effects {
    uint64_t refused_writes;
    uint64_t held_writes;
    uint64_t failed_syncs;
    uint64_t delayed_calls;
    /// What the process before had written and not synced when it was killed.
    uint64_t lost_bytes;
} roost_disk_effects;

/// Makes a layer over the system's files the default of this process. Call it before the first database is opened.
/// Returns a SQLite result code.
int roost_disk_register(void);

/// Keeps in a file how many bytes are held, so that the process after this one knows what was lost with it. Before the first
/// database is opened. Returns errno.
int roost_disk_keep_tally(const char *path);

/// Called whenever something that is held is about to be synced. Set it while no database is in use.
void roost_disk_before_sync(void (*body)(void));

/// From now on this holds. Writes that were held back and are not to be any more are written first, without a sync.
void roost_disk_set(const roost_disk_faults *faults);

roost_disk_effects roost_disk_effects_now(void);

#endif
