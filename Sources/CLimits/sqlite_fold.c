#include "CLimits.h"
#include "clock.h"
#include <sqlite3.h>
#include <stdio.h>

static double fold(sqlite3 *log, sqlite3 *projection) {
    static const char scan_sql[] = "SELECT position, stream, version, type, payload FROM events ORDER BY position";
    static const char table_sql[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                    "CREATE TABLE streams(stream TEXT PRIMARY KEY, type TEXT NOT NULL,"
                                    " events INTEGER NOT NULL) WITHOUT ROWID";
    static const char upsert_sql[] = "INSERT INTO streams VALUES(?, ?, 1) ON CONFLICT(stream)"
                                     " DO UPDATE SET type = excluded.type, events = events + 1";
    sqlite3_stmt *scan = 0, *upsert = 0;
    if (sqlite3_exec(projection, table_sql, 0, 0, 0) != SQLITE_OK) return -1;
    if (sqlite3_prepare_v2(log, scan_sql, -1, &scan, 0) != SQLITE_OK) return -1;
    if (sqlite3_prepare_v2(projection, upsert_sql, -1, &upsert, 0) != SQLITE_OK) return -1;
    double start = seconds_now();
    int64_t events = 0;
    int code;
    sqlite3_exec(projection, "BEGIN IMMEDIATE", 0, 0, 0);
    while ((code = sqlite3_step(scan)) == SQLITE_ROW) {
        const char *stream = (const char *)sqlite3_column_text(scan, 1);
        const char *type = (const char *)sqlite3_column_text(scan, 3);
        sqlite3_bind_text(upsert, 1, stream, sqlite3_column_bytes(scan, 1), SQLITE_STATIC);
        sqlite3_bind_text(upsert, 2, type, sqlite3_column_bytes(scan, 3), SQLITE_STATIC);
        if (sqlite3_step(upsert) != SQLITE_DONE) return -1;
        sqlite3_reset(upsert);
        events++;
    }
    int failure = code != SQLITE_DONE || sqlite3_exec(projection, "COMMIT", 0, 0, 0) != SQLITE_OK;
    double seconds = seconds_now() - start;
    sqlite3_finalize(scan);
    sqlite3_finalize(upsert);
    return failure ? -1 : (double)events / seconds;
}

double roost_limit_fold(const char *partition_file, const char *projection_file) {
    sqlite3 *log = 0, *projection = 0;
    int create = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    double rate = -1;
    if (sqlite3_open_v2(partition_file, &log, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, 0) == SQLITE_OK
        && sqlite3_open_v2(projection_file, &projection, create, 0) == SQLITE_OK)
        rate = fold(log, projection);
    if (rate < 0) fprintf(stderr, "fold: %s; %s\n", sqlite3_errmsg(log), sqlite3_errmsg(projection));
    sqlite3_close(log);
    sqlite3_close(projection);
    return rate;
}
