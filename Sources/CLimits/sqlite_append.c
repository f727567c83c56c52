#include "CLimits.h"
#include "clock.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The log runs a checkpoint as often. */
enum { aggregates = 10000, checkpoint_pages = 64 };

typedef struct {
    const char *directory;
    int index, batch, payload_bytes;
    double seconds;
    double rate;
} partition;

static int failed(sqlite3 *database, const char *what) {
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(database));
    return -1;
}

static int run(sqlite3 *database, const char *sql) {
    return sqlite3_exec(database, sql, 0, 0, 0) == SQLITE_OK ? 0 : failed(database, sql);
}

static int note_pages(void *pages, sqlite3 *database, const char *name, int count) {
    (void)database;
    (void)name;
    *(int *)pages = count;
    return SQLITE_OK;
}

static int create(sqlite3 *database) {
    return run(database, "PRAGMA page_size = 16384") || run(database, "PRAGMA journal_mode = WAL")
        || run(database, "PRAGMA synchronous = FULL") || run(database, "PRAGMA wal_autocheckpoint = 0")
        || run(database,
            "CREATE TABLE events("
            "position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, previous INTEGER NOT NULL,"
            "epoch INTEGER NOT NULL, type TEXT NOT NULL, schema_version INTEGER NOT NULL, event_id BLOB NOT NULL,"
            "correlation BLOB NOT NULL, causation BLOB, command TEXT NOT NULL, fingerprint INTEGER NOT NULL,"
            "depth INTEGER NOT NULL, flags INTEGER NOT NULL, traceparent TEXT, subject TEXT,"
            "recorded INTEGER NOT NULL, occurred INTEGER NOT NULL, payload BLOB NOT NULL) STRICT");
}

/* One event of a random aggregate. */
static int insert(sqlite3_stmt *statement, int64_t position, uint64_t random, int64_t *newest, int *versions,
    const char *payload, int payload_bytes) {
    char stream[32], command[40];
    unsigned char identifiers[32];
    int aggregate = (int)((random >> 20) % aggregates);
    int stream_length = snprintf(stream, sizeof stream, "order/%06d", aggregate);
    int command_length = snprintf(command, sizeof command, "%016llx-%016llx", (unsigned long long)position,
        (unsigned long long)random);
    memcpy(identifiers, &random, 8);
    memcpy(identifiers + 8, &position, 8);
    memcpy(identifiers + 16, identifiers, 16);
    sqlite3_bind_int64(statement, 1, position);
    sqlite3_bind_text(statement, 2, stream, stream_length, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, ++versions[aggregate]);
    sqlite3_bind_int64(statement, 4, newest[aggregate]);
    sqlite3_bind_int64(statement, 5, 1);
    sqlite3_bind_text(statement, 6, "OrderPlaced", 11, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 7, 1);
    sqlite3_bind_blob(statement, 8, identifiers, 16, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 9, identifiers + 16, 16, SQLITE_STATIC);
    sqlite3_bind_null(statement, 10);
    sqlite3_bind_text(statement, 11, command, command_length, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 12, (int64_t)random);
    sqlite3_bind_int64(statement, 13, 0);
    sqlite3_bind_int64(statement, 14, 0);
    sqlite3_bind_null(statement, 15);
    sqlite3_bind_null(statement, 16);
    sqlite3_bind_int64(statement, 17, 1700000000000000000 + position);
    sqlite3_bind_int64(statement, 18, 1700000000000000000 + position);
    sqlite3_bind_blob(statement, 19, payload, payload_bytes, SQLITE_STATIC);
    newest[aggregate] = position;
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? 0 : -1;
}

static double append(partition *work, sqlite3 *database) {
    static const char insert_sql[] = "INSERT INTO events VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
    sqlite3_stmt *statement;
    int pages = 0, failure = 0;
    if (create(database)) return -1;
    sqlite3_wal_hook(database, note_pages, &pages);
    if (sqlite3_prepare_v2(database, insert_sql, -1, &statement, 0) != SQLITE_OK) return failed(database, insert_sql);
    int64_t *newest = calloc(aggregates, sizeof *newest), position = 0;
    int *versions = calloc(aggregates, sizeof *versions);
    char *payload = malloc((size_t)work->payload_bytes);
    memset(payload, 'A', (size_t)work->payload_bytes);
    uint64_t random = 88172645463325252u + (uint64_t)work->index;
    double start = seconds_now(), end = start;
    while (!failure && end - start < work->seconds) {
        failure = run(database, "BEGIN IMMEDIATE");
        for (int index = 0; index < work->batch && !failure; index++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            failure = insert(statement, ++position, random, newest, versions, payload, work->payload_bytes);
        }
        failure = failure || run(database, "COMMIT");
        if (!failure && pages >= checkpoint_pages) {
            int code = sqlite3_wal_checkpoint_v2(database, 0, SQLITE_CHECKPOINT_FULL, 0, 0);
            if (code != SQLITE_OK) failure = failed(database, "checkpoint");
            pages = 0;
        }
        end = seconds_now();
    }
    sqlite3_finalize(statement);
    free(newest);
    free(versions);
    free(payload);
    return failure ? -1 : (double)position / (end - start);
}

static void *append_partition(void *argument) {
    partition *work = argument;
    char path[1024];
    snprintf(path, sizeof path, "%s/limit-%d.db", work->directory, work->index);
    sqlite3 *database;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    work->rate = sqlite3_open_v2(path, &database, flags, 0) == SQLITE_OK ? append(work, database)
                                                                         : failed(database, path);
    sqlite3_close(database);
    return 0;
}

double roost_limit_append(const char *directory, int partitions, int batch, int payload_bytes, double seconds) {
    partition work[64];
    pthread_t threads[64];
    double sum = 0;
    if (partitions < 1 || partitions > 64) return -1;
    for (int index = 0; index < partitions; index++) {
        work[index] = (partition){directory, index, batch, payload_bytes, seconds, 0};
        pthread_create(&threads[index], 0, append_partition, &work[index]);
    }
    for (int index = 0; index < partitions; index++) {
        pthread_join(threads[index], 0);
        sum = sum < 0 || work[index].rate < 0 ? -1 : sum + work[index].rate;
    }
    return sum;
}
