#include "overlay.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/// Bytes written at one place; later ones lie over earlier ones.
typedef struct piece {
    sqlite3_int64 offset;
    sqlite3_int64 count;
    sqlite3_int64 room;
    unsigned char *bytes;
} piece;

struct overlay {
    pthread_mutex_t lock;
    char *path;
    int users;
    struct overlay *next;
    piece *pieces;
    size_t count;
    size_t room;
    /// The file below is to be cut to this many bytes; -1 for not at all.
    sqlite3_int64 cut;
    /// Where the file ends for who reads it here; -1 for where the file below ends.
    sqlite3_int64 end;
};

static _Atomic(int64_t) held_here;
_Atomic(int64_t) *overlay_held_bytes = &held_here;

static void count(sqlite3_int64 bytes) { atomic_fetch_add(overlay_held_bytes, bytes); }

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static overlay *all;

/// Called with the lock of all.
static overlay *find(const char *path) {
    overlay *over = all;
    while (over && strcmp(over->path, path) != 0) over = over->next;
    return over;
}

overlay *overlay_take(const char *path) {
    pthread_mutex_lock(&all_lock);
    overlay *over = find(path);
    if (!over && (over = calloc(1, sizeof *over)) && (over->path = strdup(path))) {
        pthread_mutex_init(&over->lock, NULL);
        over->cut = over->end = -1;
        over->next = all;
        all = over;
    } else if (over && !over->path) {
        free(over);
        over = NULL;
    }
    if (over) over->users++;
    pthread_mutex_unlock(&all_lock);
    return over;
}

static void forget(overlay *over) {
    for (size_t index = 0; index < over->count; index++) {
        count(-over->pieces[index].count);
        free(over->pieces[index].bytes);
    }
    over->count = 0;
    over->cut = over->end = -1;
}

void overlay_release(overlay *over) {
    pthread_mutex_lock(&all_lock);
    if (--over->users == 0) {
        overlay **link = &all;
        while (*link != over) link = &(*link)->next;
        *link = over->next;
        forget(over);
        free(over->pieces);
        free(over->path);
        pthread_mutex_destroy(&over->lock);
        free(over);
    }
    pthread_mutex_unlock(&all_lock);
}

/// Room for `count` more bytes at the end of a piece.
static int extend(piece *last, int count) {
    if (last->count + count <= last->room) return SQLITE_OK;
    sqlite3_int64 room = (last->count + count) * 2;
    unsigned char *bytes = realloc(last->bytes, (size_t)room);
    if (!bytes) return SQLITE_IOERR_NOMEM;
    last->bytes = bytes;
    last->room = room;
    return SQLITE_OK;
}

static piece *add(overlay *over, sqlite3_int64 offset) {
    if (over->count == over->room) {
        size_t room = over->room ? over->room * 2 : 64;
        piece *pieces = realloc(over->pieces, room * sizeof *pieces);
        if (!pieces) return NULL;
        over->pieces = pieces;
        over->room = room;
    }
    piece *added = &over->pieces[over->count++];
    *added = (piece){.offset = offset};
    return added;
}

int overlay_write(overlay *over, const void *bytes, int amount, sqlite3_int64 offset) {
    pthread_mutex_lock(&over->lock);
    // A log is written from front to back: such writes become one piece.
    piece *last = over->count ? &over->pieces[over->count - 1] : NULL;
    if (!last || last->offset + last->count != offset) last = add(over, offset);
    int code = last ? extend(last, amount) : SQLITE_IOERR_NOMEM;
    if (code == SQLITE_OK) {
        memcpy(last->bytes + last->count, bytes, (size_t)amount);
        last->count += amount;
        count(amount);
        if (over->end >= 0 && over->end < offset + amount) over->end = offset + amount;
    }
    pthread_mutex_unlock(&over->lock);
    return code;
}

int overlay_truncate(overlay *over, sqlite3_int64 size) {
    pthread_mutex_lock(&over->lock);
    for (size_t index = 0; index < over->count; index++) {
        piece *cut = &over->pieces[index];
        sqlite3_int64 kept = cut->offset < size ? size - cut->offset : 0;
        if (cut->count <= kept) continue;
        count(kept - cut->count);
        cut->count = kept;
    }
    if (over->cut < 0 || size < over->cut) over->cut = size;
    over->end = size;
    pthread_mutex_unlock(&over->lock);
    return SQLITE_OK;
}

/// Where the file ends, seen from here. Called with the lock.
static int end_of(overlay *over, sqlite3_file *real, sqlite3_int64 *size) {
    if (over->end >= 0) {
        *size = over->end;
        return SQLITE_OK;
    }
    int code = real->pMethods->xFileSize(real, size);
    for (size_t index = 0; code == SQLITE_OK && index < over->count; index++) {
        sqlite3_int64 end = over->pieces[index].offset + over->pieces[index].count;
        if (over->pieces[index].count && end > *size) *size = end;
    }
    return code;
}

int overlay_size(overlay *over, sqlite3_file *real, sqlite3_int64 *size) {
    pthread_mutex_lock(&over->lock);
    int code = end_of(over, real, size);
    pthread_mutex_unlock(&over->lock);
    return code;
}

/// What the file below still has of a range, zeros elsewhere. Called with the lock.
static int read_below(overlay *over, sqlite3_file *real, unsigned char *bytes, int count, sqlite3_int64 offset) {
    sqlite3_int64 kept = over->cut < 0 ? count : over->cut - offset;
    if (kept > count) kept = count;
    if (kept <= 0) {
        memset(bytes, 0, (size_t)count);
        return SQLITE_OK;
    }
    int code = real->pMethods->xRead(real, bytes, (int)kept, offset);
    memset(bytes + kept, 0, (size_t)(count - kept));
    return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
}

int overlay_read(overlay *over, sqlite3_file *real, void *bytes, int count, sqlite3_int64 offset) {
    pthread_mutex_lock(&over->lock);
    sqlite3_int64 size = 0;
    int code = end_of(over, real, &size);
    if (code == SQLITE_OK) code = read_below(over, real, bytes, count, offset);
    for (size_t index = 0; code == SQLITE_OK && index < over->count; index++) {
        const piece *part = &over->pieces[index];
        sqlite3_int64 from = part->offset > offset ? part->offset : offset;
        sqlite3_int64 to = part->offset + part->count < offset + count ? part->offset + part->count : offset + count;
        if (from < to)
            memcpy((unsigned char *)bytes + (from - offset), part->bytes + (from - part->offset), (size_t)(to - from));
    }
    pthread_mutex_unlock(&over->lock);
    return code == SQLITE_OK && offset + count > size ? SQLITE_IOERR_SHORT_READ : code;
}

int overlay_holds(overlay *over) {
    pthread_mutex_lock(&over->lock);
    int any = over->count > 0;
    pthread_mutex_unlock(&over->lock);
    return any;
}

int overlay_flush(overlay *over, sqlite3_file *real) {
    pthread_mutex_lock(&over->lock);
    int code = over->cut >= 0 ? real->pMethods->xTruncate(real, over->cut) : SQLITE_OK;
    for (size_t index = 0; code == SQLITE_OK && index < over->count; index++) {
        const piece *part = &over->pieces[index];
        sqlite3_int64 done = 0;
        while (code == SQLITE_OK && done < part->count) {
            int amount = part->count - done > 1 << 20 ? 1 << 20 : (int)(part->count - done);
            code = real->pMethods->xWrite(real, part->bytes + done, amount, part->offset + done);
            done += amount;
        }
    }
    if (code == SQLITE_OK) forget(over);
    pthread_mutex_unlock(&over->lock);
    return code;
}

void overlay_drop(const char *path) {
    pthread_mutex_lock(&all_lock);
    overlay *over = find(path);
    if (over) {
        pthread_mutex_lock(&over->lock);
        forget(over);
        pthread_mutex_unlock(&over->lock);
    }
    pthread_mutex_unlock(&all_lock);
}
