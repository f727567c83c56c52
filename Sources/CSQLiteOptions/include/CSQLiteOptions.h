#pragma once

/// Turns the triggers of one SQLite connection on or off, but for its temporary ones. Swift cannot call `sqlite3_db_config`, which is variadic.
/// Returns SQLite's result code.
int roost_sqlite_enable_triggers(void *connection, int enabled);
