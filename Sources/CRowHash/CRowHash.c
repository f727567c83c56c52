// Declared only for libraries that are built with it, as those of Debian and Apple are.
#define SQLITE_ENABLE_PREUPDATE_HOOK 1

#include "CRowHash.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct roost_row_watch {
    sqlite3 *connection;
    roost_row_hash hash;
    int failed;
    int count;
    char **tables;
    roost_row_hash *seeds;
};

static uint64_t rotated(uint64_t value, int bits) { return value << bits | value >> (64 - bits); }

static void mix(roost_row_hash *hash, uint64_t word) {
    hash->low = rotated((hash->low ^ word) * 0x9E3779B97F4A7C15u, 29);
    hash->high = (rotated(hash->high, 31) + word) * 0xC2B2AE3D27D4EB4Fu ^ hash->low >> 17;
}

static uint64_t finished(uint64_t value) {
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCDu;
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53u;
    return value ^ value >> 33;
}

static void mix_bytes(roost_row_hash *hash, const unsigned char *bytes, int count) {
    mix(hash, (uint64_t)count);
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        mix(hash, word);
    }
    uint64_t rest = 0;
    memcpy(&rest, bytes, (size_t)count);
    if (count > 0) mix(hash, rest);
}

/// A real that is a whole number counts as that integer: SQLite stores it so, and gives it back as one or the other.
static void mix_real(roost_row_hash *hash, double real) {
    if (real > -9e15 && real < 9e15 && real == (double)(int64_t)real) {
        mix(hash, SQLITE_INTEGER);
        mix(hash, (uint64_t)(int64_t)real);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &real, 8);
    mix(hash, SQLITE_FLOAT);
    mix(hash, bits);
}

static void mix_value(roost_row_hash *hash, sqlite3_value *value) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        mix(hash, SQLITE_INTEGER);
        mix(hash, (uint64_t)sqlite3_value_int64(value));
        return;
    case SQLITE_FLOAT:
        mix_real(hash, sqlite3_value_double(value));
        return;
    case SQLITE_TEXT: {
        const unsigned char *text = sqlite3_value_text(value);
        mix(hash, SQLITE_TEXT);
        mix_bytes(hash, text, sqlite3_value_bytes(value));
        return;
    }
    case SQLITE_BLOB: {
        const unsigned char *blob = sqlite3_value_blob(value);
        mix(hash, SQLITE_BLOB);
        mix_bytes(hash, blob, sqlite3_value_bytes(value));
        return;
    }
    default:
        mix(hash, SQLITE_NULL);
    }
}

static roost_row_hash seed(const char *table) {
    roost_row_hash hash = {1, 2};
    mix_bytes(&hash, (const unsigned char *)table, (int)strlen(table));
    return hash;
}

static void add(roost_row_hash *sum, roost_row_hash row) {
    sum->low += finished(row.low);
    sum->high += finished(row.high);
}

static void take_away(roost_row_hash *sum, roost_row_hash row) {
    sum->low -= finished(row.low);
    sum->high -= finished(row.high);
}

typedef int (*reader)(sqlite3 *, int, sqlite3_value **);

static roost_row_hash row_hash(roost_row_watch *watch, int table, reader read) {
    roost_row_hash hash = watch->seeds[table];
    int count = sqlite3_preupdate_count(watch->connection);
    for (int column = 0; column < count; column++) {
        sqlite3_value *value = NULL;
        if (read(watch->connection, column, &value) == SQLITE_OK && value != NULL) mix_value(&hash, value);
        else watch->failed = 1;
    }
    return hash;
}

static void before_change(
    void *context, sqlite3 *connection, int operation, const char *database, const char *table, sqlite3_int64 old_id,
    sqlite3_int64 new_id
) {
    (void)connection, (void)old_id, (void)new_id;
    roost_row_watch *watch = context;
    int index = 0;
    while (index < watch->count && sqlite3_stricmp(watch->tables[index], table) != 0) index++;
    if (index == watch->count || strcmp(database, "main") != 0) return;
    if (operation != SQLITE_INSERT)
        take_away(&watch->hash, row_hash(watch, index, sqlite3_preupdate_old));
    if (operation != SQLITE_DELETE)
        add(&watch->hash, row_hash(watch, index, sqlite3_preupdate_new));
}

roost_row_watch *roost_row_watch_start(void *connection, const char *const *tables, int count) {
    roost_row_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) return NULL;
    watch->connection = connection;
    watch->tables = calloc((size_t)count + 1, sizeof *watch->tables);
    watch->seeds = calloc((size_t)count + 1, sizeof *watch->seeds);
    for (int index = 0; watch->tables != NULL && watch->seeds != NULL && index < count; index++) {
        watch->tables[index] = strdup(tables[index]);
        if (watch->tables[index] == NULL) break;
        watch->seeds[index] = seed(tables[index]);
        watch->count++;
    }
    if (watch->count < count) {
        roost_row_watch_stop(watch);
        return NULL;
    }
    sqlite3_preupdate_hook(connection, before_change, watch);
    return watch;
}

roost_row_hash roost_row_watch_get(const roost_row_watch *watch) { return watch->hash; }

int roost_row_watch_failed(const roost_row_watch *watch) { return watch->failed; }

void roost_row_watch_set(roost_row_watch *watch, roost_row_hash hash) { watch->hash = hash; }

void roost_row_watch_stop(roost_row_watch *watch) {
    sqlite3_preupdate_hook(watch->connection, NULL, NULL);
    for (int index = 0; watch->tables != NULL && index < watch->count; index++) free(watch->tables[index]);
    free(watch->tables);
    free(watch->seeds);
    free(watch);
}

int roost_row_hash_add(void *connection, const char *sql, const char *table, roost_row_hash *hash) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection, sql, -1, &statement, NULL);
    if (code != SQLITE_OK) return code;
    roost_row_hash start = seed(table);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        roost_row_hash row = start;
        for (int column = 0; column < sqlite3_column_count(statement); column++)
            mix_value(&row, sqlite3_column_value(statement, column));
        add(hash, row);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}
