"""Reads archives with DuckDB through the view that stands beside them; prints what it finds as JSON.

Argument: the file of the view."""
import json
import sys

import duckdb

database = duckdb.connect()
database.execute(open(sys.argv[1]).read())
rows = database.execute("SELECT type, count(*) FROM events GROUP BY type").fetchall()
parts = database.execute(
    'SELECT "partition", min(position), max(position), count(DISTINCT position) FROM events GROUP BY 1').fetchall()
payloads = database.execute(
    "SELECT count(*) FROM events WHERE payload IS NOT NULL AND json_valid(payload) AND payload_base64 IS NULL"
).fetchone()
days = database.execute('SELECT DISTINCT "date"::VARCHAR FROM events ORDER BY 1').fetchall()
print(json.dumps({
    "types": dict(rows), "payloads": payloads[0], "days": [day for (day,) in days],
    "partitions": [dict(zip(("partition", "first", "last", "positions"), part)) for part in parts],
}))
