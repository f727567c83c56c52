// For locks that do not keep a writer waiting for ever.
#define _GNU_SOURCE

#include "CSQLiteFaults.h"
#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/// An open file: what SQLite sees, and the system's file right behind it.
typedef struct disk_file {
    sqlite3_file base;
    /// NULL for a temporary file, which no fault is about.
    overlay *over;
    int is_writable;
    /// What was written to it and not synced is lost with its process. Not so for the database beside a WAL: a checkpoint may
    /// leave pages there without a sync, and other processes go by the shared memory, which says that they are there. A loss
    /// of power would take that memory with it.
    int is_held;
    struct disk_file *next;
} disk_file;

static sqlite3_vfs *below;
static sqlite3_vfs layer;

/// Taken for reading by every call on a file, for writing where faults change: then no call is under way.
#ifdef PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
static pthread_rwlock_t gate = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
#else
static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;
#endif
static roost_disk_faults now;
/// Whether anything of `now` is not zero. Where it is not, calls go straight through: one that is under way while a fault
/// begins counts as one before it.
static atomic_int is_broken;
/// Grows with every change, so that whoever sleeps for a fault of before wakes up.
static atomic_uint changes;
static atomic_ullong draws;
static atomic_ullong refused_writes, held_writes, failed_syncs, delayed_calls, lost_bytes;
static void (*before_sync)(void);

static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static disk_file *open_files;

static sqlite3_file *real_of(sqlite3_file *file) { return (sqlite3_file *)((disk_file *)file + 1); }
static overlay *over_of(sqlite3_file *file) { return ((disk_file *)file)->over; }

/// The next number below `limit` of the sequence that the seed began.
static uint64_t draw(uint64_t limit) {
    uint64_t word = atomic_fetch_add(&draws, 0x9E3779B97F4A7C15u) + 0x9E3779B97F4A7C15u;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return limit ? (word ^ (word >> 31)) % limit : 0;
}

/// Sleeps as long as the disk is slow. Not with the gate: faults may be cleared meanwhile.
static void wait_for_disk(void) {
    pthread_rwlock_rdlock(&gate);
    unsigned version = atomic_load(&changes);
    uint64_t micros = now.delay ? now.delay + (now.jitter ? draw(now.jitter) : 0) : 0;
    pthread_rwlock_unlock(&gate);
    if (!micros) return;
    atomic_fetch_add(&delayed_calls, 1);
    while (micros && atomic_load(&changes) == version) {
        uint64_t slice = micros < 10000 ? micros : 10000;
        struct timespec pause = {0, (long)slice * 1000};
        nanosleep(&pause, NULL);
        micros -= slice;
    }
}

static int is_intact(void) { return !atomic_load_explicit(&is_broken, memory_order_acquire); }

static int file_close(sqlite3_file *file) {
    disk_file *own = (disk_file *)file;
    pthread_rwlock_rdlock(&gate);
    pthread_mutex_lock(&open_lock);
    for (disk_file **link = &open_files; *link; link = &(*link)->next)
        if (*link == own) {
            *link = own->next;
            break;
        }
    pthread_mutex_unlock(&open_lock);
    // An orderly end loses nothing, as the system would not.
    if (own->over && own->is_writable && own->is_held) overlay_flush(own->over, real_of(file));
    if (own->over) overlay_release(own->over);
    int code = real_of(file)->pMethods->xClose(real_of(file));
    pthread_rwlock_unlock(&gate);
    return code;
}

static int holds(sqlite3_file *file) {
    return now.loses_unsynced && over_of(file) && ((disk_file *)file)->is_held;
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    if (is_intact()) return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
    pthread_rwlock_rdlock(&gate);
    int code = holds(file)
                   ? overlay_read(over_of(file), real_of(file), bytes, count, offset)
                   : real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
    pthread_rwlock_unlock(&gate);
    return code;
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    if (is_intact() || !over_of(file)) return real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
    wait_for_disk();
    pthread_rwlock_rdlock(&gate);
    int code;
    if (now.is_full) {
        atomic_fetch_add(&refused_writes, 1);
        code = SQLITE_FULL;
    } else if (holds(file)) {
        atomic_fetch_add(&held_writes, 1);
        code = overlay_write(over_of(file), bytes, count, offset);
    } else {
        code = real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
    }
    pthread_rwlock_unlock(&gate);
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    if (is_intact()) return real_of(file)->pMethods->xTruncate(real_of(file), size);
    pthread_rwlock_rdlock(&gate);
    int code = holds(file)
                   ? overlay_truncate(over_of(file), size)
                   : real_of(file)->pMethods->xTruncate(real_of(file), size);
    pthread_rwlock_unlock(&gate);
    return code;
}

static int file_sync(sqlite3_file *file, int flags) {
    if (is_intact() || !over_of(file)) return real_of(file)->pMethods->xSync(real_of(file), flags);
    wait_for_disk();
    pthread_rwlock_rdlock(&gate);
    int code = SQLITE_OK;
    if (now.failing_syncs && draw(1000000) < now.failing_syncs) {
        atomic_fetch_add(&failed_syncs, 1);
        code = SQLITE_IOERR_FSYNC;
    }
    if (code == SQLITE_OK && holds(file) && before_sync && overlay_holds(over_of(file))) before_sync();
    if (code == SQLITE_OK && holds(file)) code = overlay_flush(over_of(file), real_of(file));
    if (code == SQLITE_OK) code = real_of(file)->pMethods->xSync(real_of(file), flags);
    pthread_rwlock_unlock(&gate);
    return code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    if (is_intact()) return real_of(file)->pMethods->xFileSize(real_of(file), size);
    pthread_rwlock_rdlock(&gate);
    int code = holds(file) ? overlay_size(over_of(file), real_of(file), size)
                                                   : real_of(file)->pMethods->xFileSize(real_of(file), size);
    pthread_rwlock_unlock(&gate);
    return code;
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    // It would make the file below longer at once.
    if (operation == SQLITE_FCNTL_SIZE_HINT) return SQLITE_OK;
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int file_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int file_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int file_check(sqlite3_file *file, int *result) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}
static int file_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int file_device(sqlite3_file *file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }
static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}
static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
static void file_shm_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
static int file_shm_unmap(sqlite3_file *file, int delete) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

/// Version 2: without the calls that map a file into memory, which would go past this layer.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int layer_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    disk_file *own = (disk_file *)file;
    *own = (disk_file){0};
    int code = below->xOpen(below, name, real_of(file), flags, out);
    if (code != SQLITE_OK || !real_of(file)->pMethods) return code;
    int is_kept = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
    own->over = name && is_kept ? overlay_take(name) : NULL;
    // Snapshots are not synced at every commit, and others read them.
    own->is_held = name && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) && !strstr(name, "/snapshots");
    own->is_writable = ((out ? *out : flags) & SQLITE_OPEN_READWRITE) != 0;
    own->base.pMethods = &methods;
    pthread_mutex_lock(&open_lock);
    own->next = open_files;
    open_files = own;
    pthread_mutex_unlock(&open_lock);
    return code;
}

static int layer_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    overlay_drop(name);
    return below->xDelete(below, name, sync);
}

int roost_disk_register(void) {
    if (below) return SQLITE_OK;
    int code = sqlite3_initialize();
    if (code != SQLITE_OK) return code;
    below = sqlite3_vfs_find(NULL);
    if (!below) return SQLITE_ERROR;
    layer = *below;
    layer.zName = "roost-faults";
    layer.pNext = NULL;
    layer.szOsFile = below->szOsFile + (int)sizeof(disk_file);
    layer.xOpen = layer_open;
    layer.xDelete = layer_delete;
    return sqlite3_vfs_register(&layer, 1);
}

void roost_disk_set(const roost_disk_faults *faults) {
    pthread_rwlock_wrlock(&gate);
    if (now.loses_unsynced && !faults->loses_unsynced) {
        pthread_mutex_lock(&open_lock);
        for (disk_file *file = open_files; file; file = file->next)
            if (file->over && file->is_writable) overlay_flush(file->over, real_of(&file->base));
        pthread_mutex_unlock(&open_lock);
    }
    if (now.seed != faults->seed) atomic_store(&draws, faults->seed);
    now = *faults;
    int any = now.is_full || now.loses_unsynced || now.failing_syncs || now.delay;
    atomic_store_explicit(&is_broken, any, memory_order_release);
    atomic_fetch_add(&changes, 1);
    pthread_rwlock_unlock(&gate);
}

int roost_disk_keep_tally(const char *path) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return errno;
    void *bytes = ftruncate(file, sizeof *overlay_held_bytes) == 0
                      ? mmap(NULL, sizeof *overlay_held_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                      : MAP_FAILED;
    int failure = bytes == MAP_FAILED ? errno : 0;
    close(file);
    if (failure) return failure;
    overlay_held_bytes = bytes;
    int64_t lost = atomic_exchange(overlay_held_bytes, 0);
    if (lost > 0) atomic_fetch_add(&lost_bytes, (unsigned long long)lost);
    return 0;
}

void roost_disk_before_sync(void (*body)(void)) { before_sync = body; }

roost_disk_effects roost_disk_effects_now(void) {
    return (roost_disk_effects){
        .refused_writes = atomic_load(&refused_writes),
        .held_writes = atomic_load(&held_writes),
        .failed_syncs = atomic_load(&failed_syncs),
        .delayed_calls = atomic_load(&delayed_calls),
        .lost_bytes = atomic_load(&lost_bytes),
    };
}
