#include "CSQLiteOptions.h"

#include <sqlite3.h>

int roost_sqlite_enable_triggers(void *connection, int enabled) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, enabled, (int *)0);
}
