package import RoostCore

/// How SQL engines read archives: one table over all of them, a row per event.
package enum ArchiveSQL {
    /// In both engines; the ones that are not texts have their type in DuckDB and in Athena.
    private static let columns: [(name: String, duckDB: String, athena: String)] = [
        ("position", "BIGINT", "bigint"), ("category", "VARCHAR", "string"), ("stream", "VARCHAR", "string"),
        ("version", "BIGINT", "bigint"), ("previous", "BIGINT", "bigint"), ("epoch", "BIGINT", "bigint"),
        ("type", "VARCHAR", "string"), ("schema_version", "INTEGER", "int"), ("event_id", "VARCHAR", "string"),
        ("correlation_id", "VARCHAR", "string"), ("causation_id", "VARCHAR", "string"),
        ("command_id", "VARCHAR", "string"), ("fingerprint", "VARCHAR", "string"), ("depth", "INTEGER", "int"),
        ("flags", "INTEGER", "int"), ("content_type", "INTEGER", "int"), ("traceparent", "VARCHAR", "string"),
        ("subject", "VARCHAR", "string"), ("recorded", "VARCHAR", "string"), ("occurred", "VARCHAR", "string"),
        ("payload_base64", "VARCHAR", "string"), ("payload", "JSON", "string"),
    ]
    /// The files of these statements, which engines leave out of the table.
    package static let fileNames = (duckDB: "_duckdb.sql", athena: "_athena.sql")

    /// A view over the archives in a place. DuckDB finds the credentials of S3 as it always does.
    package static func duckDB(_ location: String) -> String {
        let types = columns.map { "\($0.name): '\($0.duckDB)'" }
        return """
            CREATE OR REPLACE VIEW events AS
            SELECT * FROM read_json(
                '\(quoted(literal(location)))partition=*/date=*/*.jsonl.gz', format = 'newline_delimited',
                hive_partitioning = true, maximum_object_size = 16777216, columns = {
                    \(types.joined(separator: ",\n        "))
                });

            """
    }

    /// An external table over the archives in a bucket. It finds new partitions and days by itself.
    package static func athena(_ location: String, partitions: Int, since: Timestamp) -> String {
        let types = columns.map { "`\($0.name)` \($0.athena)" }
        let day = ArchiveName.day(since)
        // Athena reads nothing else.
        let location = location.hasPrefix("s3:") ? location : "s3://BUCKET/PREFIX/"
        return """
            CREATE EXTERNAL TABLE events (
                \(types.joined(separator: ",\n    "))
            )
            PARTITIONED BY (`partition` int, `date` string)
            ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
            STORED AS TEXTFILE
            LOCATION '\(quoted(location))'
            TBLPROPERTIES (
                'projection.enabled' = 'true',
                'projection.partition.type' = 'integer',
                'projection.partition.range' = '0,\(max(partitions, 1) - 1)',
                'projection.date.type' = 'date',
                'projection.date.format' = 'yyyy-MM-dd',
                'projection.date.range' = '\(day),NOW',
                'storage.location.template' = '\(quoted(location))partition=${partition}/date=${date}/'
            );

            """
    }

    /// What is no pattern for DuckDB.
    private static func literal(_ path: String) -> String {
        path.map { "*?[".contains($0) ? "[\($0)]" : String($0) }.joined()
    }

    private static func quoted(_ text: String) -> String { text.replacing("'", with: "''") }
}
